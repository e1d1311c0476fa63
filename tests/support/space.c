/* SPDX-License-Identifier: BSD-3-Clause */
#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#define CAN_MAP 1
#else
#define CAN_MAP 0
#endif

#include "space.h"

uint8_t *space_map(size_t bytes) {
#if CAN_MAP
    void *begin = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return begin == MAP_FAILED ? NULL : begin;
#else
    (void)bytes;
    return NULL;
#endif
}

void space_unmap(uint8_t *begin, size_t bytes) {
#if CAN_MAP
    if (begin != NULL) {
        (void)munmap(begin, bytes);
    }
#else
    (void)begin;
    (void)bytes;
#endif
}
