/* SPDX-License-Identifier: BSD-3-Clause */
/* What is measured of a load: the smallest pool that serves it, and times side by side. */
#ifndef MEASURE_H
#define MEASURE_H

#include "server.h"

enum { SERVERS_MAX = 3, ROUNDS_MAX = 101 };

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

/* Serves the load `rounds` times with each of `count` servers in turn (A B A B ...), after one
 * turn that is not measured, from pools of pool_bytes; medians[i] is then server i's median
 * time per operation in nanoseconds.
 * Returns false if and only if a request failed or contents were damaged. */
bool servers_time(serve_function *const servers[], size_t count, const load *served,
                  size_t pool_bytes, unsigned rounds, double medians[]);

/* The pool for timing: room enough that what is timed is not the search for the last hole. */
size_t timing_pool_bytes(const load *served, size_t smallest_bytes);

/* Runs `job` in a process of its own, on one processor, with small pages for everybody: one
 * load cannot disturb another, nor end the run by a crash. The job fills `result`.
 * Returns false if and only if it did not come to its end. */
bool isolated_run(void (*job)(const void *input, void *result), const void *input, void *result,
                  size_t result_bytes);

/* The last part of a path, without ".load". */
const char *load_name(const char *path, char *name, size_t name_bytes);

/* The geometric mean so far: start with zeros, add ratios. */
typedef struct {
    double logarithms;
    unsigned count;
} mean;

void mean_add(mean *sum, double ratio);
double mean_value(const mean *sum);

#endif
