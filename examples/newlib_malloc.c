/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * newlib on one heap of ours: the program and the C library itself allocate from it. Compile it
 * with the files of lib/core. Put a lock into each function if you have threads.
 *
 * newlib's own code calls these names. With malloc and free alone there would be two heaps. If
 * your program calls mallinfo, malloc_stats or mallopt, define _mallinfo_r, _malloc_stats_r or
 * _mallopt_r as well. The image is right when nm finds no __malloc_av_, no __malloc_free_list and
 * no _sbrk_r.
 */
#include <errno.h>
#include <malloc.h>
#include <reent.h>

#include "tlsf.h"

static char region[16384];

/* The C library allocates before main runs, so the first call makes the heap. */
static tlsf_t heap(void) {
    static tlsf_t made;

    if (made == NULL) {
        made = tlsf_create_sized(region, sizeof region, 0);
    }
    return made;
}

static void *served(struct _reent *r, void *block) {
    if (block == NULL) {
        __errno_r(r) = ENOMEM;
    }
    return block;
}

void *_malloc_r(struct _reent *r, size_t bytes) { return served(r, tlsf_malloc(heap(), bytes)); }

void *_calloc_r(struct _reent *r, size_t count, size_t bytes) {
    return served(r, tlsf_calloc(heap(), count, bytes));
}

void *_memalign_r(struct _reent *r, size_t align, size_t bytes) {
    return served(r, tlsf_memalign(heap(), align, bytes));
}

void *_realloc_r(struct _reent *r, void *ptr, size_t bytes) {
    void *block = tlsf_realloc(heap(), ptr, bytes);

    return ptr != NULL && bytes == 0 ? NULL : served(r, block);
}

void _free_r(struct _reent *r, void *ptr) {
    (void)r;
    tlsf_free(heap(), ptr);
}

size_t _malloc_usable_size_r(struct _reent *r, void *ptr) {
    (void)r;
    return tlsf_block_size(ptr);
}

void __malloc_lock(struct _reent *r) { (void)r; }

void __malloc_unlock(struct _reent *r) { (void)r; }
