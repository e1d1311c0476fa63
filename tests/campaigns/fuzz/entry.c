/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The entry of every target, and the count of requests. The processes map the count from a file, so
 * it is right however they end.
 */
#define _DEFAULT_SOURCE /* ftruncate */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target.h"

static uint64_t *map_count(const char *path) {
    const int file = open(path, O_RDWR | O_CREAT, 0666);
    if (file < 0 || ftruncate(file, sizeof(uint64_t)) != 0) {
        perror(path);
        exit(2);
    }
    void *mapped = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED) {
        perror(path);
        exit(2);
    }
    return mapped;
}

static uint64_t *requests_counted(void) {
    static uint64_t own;
    static uint64_t *count;
    if (count == NULL) {
        const char *path = getenv("FMEMP_FUZZ_COUNT");
        count = path == NULL ? &own : map_count(path);
    }
    return count;
}

uint64_t target_requests(void) { return __atomic_load_n(requests_counted(), __ATOMIC_RELAXED); }

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    const size_t requests = target_run(bytes, count);
    (void)__atomic_fetch_add(requests_counted(), requests, __ATOMIC_RELAXED);
    return 0;
}
