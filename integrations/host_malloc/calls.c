/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A malloc for whole programs on a host, on one heap of the core. Preload it, or link it:
 *
 *     LD_PRELOAD=libfmemp-malloc.so program
 *     cc program.c -lfmemp-malloc
 *
 * It has the C library's calls with their errors. A failed request sets errno; no other call
 * changes it. As in glibc 2.36, memalign and aligned_alloc take any alignment and round it up to a
 * power of two, and realloc to 0 bytes frees. Every block is aligned to TLSF_GRANULE, 16. Threads
 * share the heap and one lock. A child of a fork has a copy of the heap, whatever the other threads
 * were doing. A signal handler that allocates inside another call of its thread stops the program.
 *
 * The library has no thread-local data. The start and the end of a thread allocate, and must not
 * depend on it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "heap.h"
#include "lock.h"

#define EXPORTED __attribute__((visibility("default")))

/* ---- requests ----------------------------------------------------------------------- */

static void *with_errno(void *ptr) {
    if (ptr == NULL) {
        errno = ENOMEM;
    }
    return ptr;
}

static void *allocate(size_t bytes) {
    lock_take();
    void *ptr = heap_malloc(bytes);
    lock_release();
    return with_errno(ptr);
}

EXPORTED void *malloc(size_t bytes) { return allocate(bytes); }

EXPORTED void *calloc(size_t count, size_t size) {
    lock_take();
    void *ptr = heap_calloc(count, size);
    lock_release();
    return with_errno(ptr);
}

EXPORTED void free(void *ptr) {
    if (ptr == NULL) {
        return;
    }
    const int saved_errno = errno;
    lock_take();
    heap_free(ptr);
    lock_release();
    errno = saved_errno;
}

static void *reallocate(void *ptr, size_t bytes) {
    if (ptr == NULL) {
        return allocate(bytes);
    }
    if (bytes == 0) {
        free(ptr);
        return NULL;
    }
    lock_take();
    void *moved = heap_realloc(ptr, bytes);
    lock_release();
    return with_errno(moved);
}

EXPORTED void *realloc(void *ptr, size_t bytes) { return reallocate(ptr, bytes); }

EXPORTED void *reallocarray(void *ptr, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        return with_errno(NULL);
    }
    return reallocate(ptr, count * size);
}

EXPORTED size_t malloc_usable_size(void *ptr) {
    lock_take(); /* a neighbour's free in another thread writes a flag of this header */
    const size_t bytes = tlsf_block_size(ptr);
    lock_release();
    return bytes;
}

/* ---- aligned requests --------------------------------------------------------------- */

/* align has to be a power of two. */
static void *allocate_aligned(size_t align, size_t bytes) {
    lock_take();
    void *ptr = heap_memalign(align, bytes);
    lock_release();
    return ptr;
}

static bool is_power_of_two(size_t n) { return n != 0 && (n & (n - 1)) == 0; }

EXPORTED void *memalign(size_t align, size_t bytes) {
    if (align > SIZE_MAX / 2 + 1) {
        errno = EINVAL;
        return NULL;
    }
    size_t rounded = 1;
    while (rounded < align) {
        rounded *= 2;
    }
    return with_errno(allocate_aligned(rounded, bytes));
}

EXPORTED void *aligned_alloc(size_t align, size_t bytes) { return memalign(align, bytes); }

EXPORTED int posix_memalign(void **result, size_t align, size_t bytes) {
    if (align % sizeof(void *) != 0 || !is_power_of_two(align)) {
        return EINVAL;
    }
    void *ptr = allocate_aligned(align, bytes);
    if (ptr == NULL) {
        return ENOMEM;
    }
    *result = ptr;
    return 0;
}

static size_t page_bytes(void) { return (size_t)sysconf(_SC_PAGESIZE); }

EXPORTED void *valloc(size_t bytes) { return memalign(page_bytes(), bytes); }

EXPORTED void *pvalloc(size_t bytes) {
    const size_t page = page_bytes();
    if (bytes > SIZE_MAX - page) {
        return with_errno(NULL);
    }
    return memalign(page, (bytes + page - 1) / page * page);
}

/* ---- figures ------------------------------------------------------------------------ */

/* As glibc's: arena has all blocks, uordblks the live ones, fordblks the free ones, all in bytes
 * with headers. usmblks is the largest uordblks so far. The rest is 0. */
EXPORTED struct mallinfo2 mallinfo2(void) {
    lock_take();
    const tlsf_stats_t stats = heap_figures();
    lock_release();
    return (struct mallinfo2){.arena = stats.pool_bytes,
                              .uordblks = stats.used_bytes,
                              .fordblks = stats.free_bytes,
                              .usmblks = stats.peak_bytes};
}

static int narrow(size_t bytes) { return bytes < INT_MAX ? (int)bytes : INT_MAX; }

/* The older form of mallinfo2. A figure that an int cannot hold is INT_MAX. */
EXPORTED struct mallinfo mallinfo(void) {
    const struct mallinfo2 figures = mallinfo2();
    return (struct mallinfo){.arena = narrow(figures.arena),
                             .uordblks = narrow(figures.uordblks),
                             .fordblks = narrow(figures.fordblks),
                             .usmblks = narrow(figures.usmblks)};
}

/* Empty regions of large blocks go back to the system by themselves. There is nothing to trim. */
EXPORTED int malloc_trim(size_t pad) {
    (void)pad;
    return 0;
}
