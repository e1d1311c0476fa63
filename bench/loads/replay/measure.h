/* SPDX-License-Identifier: BSD-3-Clause */
/* The smallest pool that serves a load. */
#ifndef MEASURE_H
#define MEASURE_H

#include "server.h"

typedef struct {
    size_t bytes;        /* including the control structure; 0: none was found */
    size_t free_bytes;   /* at the end of the load */
    size_t largest_free; /* likewise */
    bool is_damaged;     /* the content of a block was damaged at some size */
} smallest_pool;

/* What benches find a pool to, in bytes. */
enum { POOL_STEP = 8 };

/* Finds the smallest pool by bisection, as a multiple of `step` bytes. The size found serves the
 * load, and a step less does not. It is the smallest of all if every larger pool serves the load,
 * too. too_small: bytes that do not serve it, such as those of its blocks without headers. Up to
 * four times as many, and 64 KiB, are tried. */
smallest_pool smallest_pool_find(serve_function *serve, const load *served, size_t too_small,
                                 size_t step);

/* How an allocator makes a block of a request: outer size = size + header, rounded up. */
typedef struct {
    size_t header;
    size_t granule;
    size_t smallest; /* outer size */
} block_shape;

/* The most bytes that live blocks of this shape take together, without fragmentation. 0 if and
 * only if there is no memory to compute it. */
size_t blocks_peak_bytes(const load *served, block_shape shape);

/* The last part of a path, without ".load". */
const char *load_name(const char *path, char *name, size_t name_bytes);

#endif
