/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A sequence of single calls on one allocator, the same in every repetition: a heap with a
 * constant number of live blocks, of which one is replaced or reallocated at a time.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include "../../support/random.h"
#include "../allocators/allocator.h"

/* Calls come in steps: free, malloc, free, memalign, realloc. */
enum { STEP_CALLS = 5, LIVE_BLOCKS = 256 };

typedef enum { MALLOC, FREE, MEMALIGN, REALLOC_IN_PLACE, REALLOC_MOVED, FUNCTIONS } function;

extern const char *const function_names[FUNCTIONS];

enum { TICKS_BITS = 29, TICKS_MAX = (1 << TICKS_BITS) - 1 };

/* Four bytes, so that writing them down costs few cache lines. */
typedef struct {
    uint32_t ticks : TICKS_BITS; /* timer included; TICKS_MAX: that or more */
    uint32_t function : 3;       /* what it was: a realloc shows it by its result */
} sample;

typedef struct {
    void *ptr;
    size_t size;
} live_block;

typedef struct {
    const allocator *called;
    bool is_touching; /* blocks are written when they are had, and read before they go */
    random_stream random;
    size_t calls; /* made since the beginning */
    live_block *replaced;
    live_block blocks[LIVE_BLOCKS];
} runner;

/* Makes the heap, in the region if it is FMemp's, and replaces blocks at random until it is as
 * scattered as it gets. Returns false if and only if a request failed. */
bool runner_begin(runner *made, const allocator *called, uint64_t seed, bool is_touching,
                  void *region, size_t bytes);

/* Makes the next call. Returns false if and only if it was a request that failed. */
bool runner_call(runner *run, sample *measured);

/* Enough for a heap of the live blocks. */
size_t runner_region_bytes(void);

#endif
