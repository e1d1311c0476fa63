/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A sequence of single calls on one allocator, the same in every repetition. The heap has a
 * constant number of live blocks; each step replaces or reallocates one of them.
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

/* Four bytes, so that storing samples touches few cache lines. */
typedef struct {
    uint32_t ticks : TICKS_BITS; /* timer included; TICKS_MAX: that or more */
    uint32_t function : 3;       /* the kind of call; the result of a realloc decides it */
} sample;

typedef struct {
    void *ptr;
    size_t size;
} live_block;

typedef struct {
    const allocator *called;
    bool is_touching; /* blocks are written after malloc and read before free */
    random_stream random;
    size_t calls; /* made so far */
    live_block *replaced;
    live_block blocks[LIVE_BLOCKS];
} runner;

/* Makes the heap (FMemp's in the region), and replaces blocks at random until it is as scattered
 * as it gets. Returns false if and only if a request failed. */
bool runner_begin(runner *made, const allocator *called, uint64_t seed, bool is_touching,
                  void *region, size_t bytes);

/* Makes the next call. Returns false if and only if it was a request that failed. */
bool runner_call(runner *run, sample *measured);

/* Enough for a heap of the live blocks. */
size_t runner_region_bytes(void);

#endif
