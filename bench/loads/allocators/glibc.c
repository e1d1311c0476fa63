/* SPDX-License-Identifier: BSD-3-Clause */
/* The C library's allocator. */
#include <malloc.h>
#include <stdlib.h>

#include "process_calls.h"

/* The allocator keeps the memory that it got from the kernel, as a pool does. So page faults
 * count for neither. */
static bool begin(void *region, size_t bytes) {
    static bool is_set;
    (void)region;
    (void)bytes;
    if (!is_set) {
        is_set = mallopt(M_MMAP_MAX, 0) == 1 && mallopt(M_TRIM_THRESHOLD, -1) == 1;
    }
    calls = (process_calls){malloc, calloc, memalign, realloc, free};
    return is_set;
}

const allocator glibc_allocator = {.name = "glibc", .begin = begin, TIMED_CALLS};
