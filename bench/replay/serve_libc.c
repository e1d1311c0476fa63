/* SPDX-License-Identifier: BSD-3-Clause */
/* The C library's malloc as a server. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>

static inline void *server_malloc(size_t size) { return malloc(size); }

static inline void *server_calloc(size_t size) { return calloc(1, size); }

static inline void *server_memalign(size_t align, size_t size) { return memalign(align, size); }

/* A load has no realloc to 0 bytes, which would free the block. */
static inline void *server_realloc(void *ptr, size_t size) { return realloc(ptr, size); }

static inline void server_free(void *ptr) { free(ptr); }

#include "serve_template.h"

/* It keeps the memory that it has once had from the kernel, as a pool does, so that page
 * faults count for neither. */
static void memory_keep(void) {
    static bool is_set;
    if (!is_set) {
        mallopt(M_MMAP_MAX, 0);
        mallopt(M_TRIM_THRESHOLD, -1);
        is_set = true;
    }
}

serve_result serve_with_libc(const load *served, block *blocks, void *region, size_t region_bytes) {
    (void)region;
    (void)region_bytes;
    memory_keep();
    serve_result result = load_serve(served, blocks);
    for (size_t slot = 0; slot < served->slots; slot++) {
        free(blocks[slot].ptr);
        blocks[slot] = (block){0};
    }
    return result;
}
