/* SPDX-License-Identifier: BSD-3-Clause */
#include "eviction.h"

#include <stdio.h>
#include <string.h>

#include "../../support/isolate.h"

enum { LINE_BYTES = 64, CACHES_MAX = 8 };

static unsigned char *memory;
static size_t memory_bytes;

/* The size of the largest cache of processor 0; 0: not known. (The C library gives the size for
 * all processors together.) */
static size_t cache_bytes_known(void) {
    size_t largest = 0;
    for (int level = 0; level < CACHES_MAX; level++) {
        char path[64];
        size_t kib = 0;
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size", level);
        FILE *file = fopen(path, "r");
        if (file == NULL) {
            break;
        }
        if (fscanf(file, "%zuK", &kib) == 1 && kib * 1024 > largest) {
            largest = kib * 1024;
        }
        fclose(file);
    }
    return largest;
}

bool eviction_prepare(void) {
    size_t known = cache_bytes_known();
    size_t cache_bytes = known > 0 ? known : (size_t)32 << 20;
    memory_bytes = cache_bytes + cache_bytes / 2;
    memory = memory_map(memory_bytes);
    if (memory != NULL) {
        memset(memory, 1, memory_bytes); /* else all pages would be the same page of zeros */
    }
    return memory != NULL;
}

size_t eviction_bytes(void) { return memory_bytes; }

void caches_evict(void) {
    for (size_t i = 0; i < memory_bytes; i += LINE_BYTES) {
        (void)*(volatile unsigned char *)&memory[i];
    }
}
