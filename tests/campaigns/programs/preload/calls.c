/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A malloc for whole programs, on a heap of the core:
 *
 *     FMEMP_JOURNAL=journal LD_PRELOAD=.../libfmemp_preload.so program
 *
 * It has the C library's calls with their errors. A failed request sets errno; no other call
 * changes it. As in glibc 2.36, memalign and aligned_alloc take any alignment and round it up to a
 * power of two, and realloc to 0 bytes frees.
 *
 * The preload has no thread-local data. The start and the end of a thread allocate, and must not
 * depend on it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "lock.h"
#include "process_heap.h"

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
