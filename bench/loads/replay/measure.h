/* SPDX-License-Identifier: BSD-3-Clause */
/* What is measured of a load: the smallest pool that serves it. */
#ifndef MEASURE_H
#define MEASURE_H

#include "server.h"

typedef struct {
    size_t bytes;      /* all that the heap needs, control structure included; 0: none was found */
    size_t free_bytes; /* at the end of the load */
    size_t largest_free; /* likewise */
    bool is_damaged;     /* contents were damaged at some size */
} smallest_pool;

/* Finds the smallest pool by bisection, to 8 bytes. That is right when every larger pool serves
 * the load too; what holds in any case is that the size found serves it and that 8 bytes less
 * do not. */
smallest_pool smallest_pool_find(serve_function *serve, const load *served);

/* How an allocator makes a block of a request: outer size = size + header, rounded up. */
typedef struct {
    size_t header;
    size_t granule;
    size_t smallest; /* outer size */
} block_shape;

/* The most bytes that blocks of this shape take together, were there no fragmentation. Returns
 * 0 if and only if there is no memory to find out. */
size_t blocks_peak_bytes(const load *served, block_shape shape);

/* The last part of a path, without ".load". */
const char *load_name(const char *path, char *name, size_t name_bytes);

#endif
