/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server is an allocator that serves loads. All servers run the same code over a load
 * (serve_template.h), compiled once for each, so that what differs is the allocator alone.
 */
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
    bool has_served_all;  /* no request failed */
    bool is_damaged;      /* a byte that was written into a block was not there later, an
                               address was not aligned as asked, or calloc gave no zeros */
    uint64_t nanoseconds; /* spent in the operations */
    size_t free_bytes;    /* free at the end, headers included; 0: the server cannot tell */
    size_t largest_free;  /* the largest request that would be served at the end; likewise */
} serve_result;

/* Serves all of a load from a fresh heap, up to the first request that fails.
 * blocks   served->slots of them, all zero; and so they are when it returns.
 * region   memory for the heap; a server with memory of its own leaves it alone. */
typedef serve_result serve_function(const load *served, block *blocks, void *region,
                                    size_t region_bytes);

extern serve_function serve_with_fmemp;
extern serve_function serve_with_fmemp_b; /* bench/compare: another build of it */
extern serve_function serve_with_libc;

/* Monotonic time in nanoseconds. */
uint64_t time_now(void);

#endif
