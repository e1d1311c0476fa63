/* SPDX-License-Identifier: BSD-3-Clause */
/* A server is an allocator that serves loads from a region and checks the content of blocks.
 * Other code measures times (../allocators). */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load.h"

typedef struct {
    unsigned char *ptr; /* NULL: not live */
    size_t size;        /* requested */
} live_block;

typedef struct {
    bool has_served_all; /* no request failed */
    bool is_damaged;     /* a byte was lost, an address not aligned, calloc gave no zeros, or the
                            heap is not sound at the end */
    size_t served_calls; /* those before the first request that failed, or all */
    size_t free_bytes;   /* free at the end, including headers; 0: not known */
    size_t largest_free; /* the largest request that would succeed at the end; 0: not known */
} serve_result;

/* Serves a load from a fresh heap in the region, up to the first request that fails. blocks:
 * served->slots of them, all zero before and after. */
typedef serve_result serve_function(const load *served, live_block *blocks, void *region,
                                    size_t region_bytes);

extern serve_function serve_with_fmemp;
extern serve_function serve_with_fmemp_b; /* the second build of bench/compare */

#endif
