/* SPDX-License-Identifier: BSD-3-Clause */
/* A server is an allocator that serves loads from a region, and watches their contents. Times
 * are measured with other code: see ../allocators. */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load.h"

typedef struct {
    unsigned char *ptr; /* NULL: not live */
    size_t size;        /* requested */
} block;

typedef struct {
    bool has_served_all; /* no request failed */
    bool is_damaged;     /* a byte that was written into a block was not there later, an
                               address was not aligned as asked, or calloc gave no zeros */
    size_t free_bytes;   /* free at the end, headers included; 0: the server cannot tell */
    size_t largest_free; /* the largest request that would be served at the end; likewise */
} serve_result;

/* Serves all of a load from a fresh heap, up to the first request that fails.
 * blocks   served->slots of them, all zero; and so they are when it returns.
 * region   memory for the heap. */
typedef serve_result serve_function(const load *served, block *blocks, void *region,
                                    size_t region_bytes);

extern serve_function serve_with_fmemp;
extern serve_function serve_with_fmemp_b; /* bench/compare: another build of it */

#endif
