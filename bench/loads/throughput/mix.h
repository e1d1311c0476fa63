/* SPDX-License-Identifier: BSD-3-Clause */
/* Steady-state mixes: a heap with a constant number of live blocks, one of which is replaced in
 * each step. */
#ifndef MIX_H
#define MIX_H

#include <stdbool.h>

#include "workload.h"

typedef enum {
    LIFETIME_RANDOM, /* any block is replaced */
    LIFETIME_FIFO,   /* the oldest: a queue of messages */
    LIFETIME_LIFO,   /* bursts free the youngest, and put new ones in their place: a stack */
    LIFETIME_GROWING /* any block grows by half, and starts anew when it has its full size */
} mix_lifetime;

typedef enum {
    SIZES_FEW,      /* low, 2 * low, 4 * low, ... up to high */
    SIZES_UNIFORM,  /* each size from low to high as often as the others */
    SIZES_POWER_LAW /* low to below high; as many in each power of two as above it */
} mix_sizes;

typedef struct {
    const char *name;
    const char *description;
    mix_lifetime lifetime;
    mix_sizes sizes;
    size_t low, high; /* bytes */
    uint32_t live;    /* blocks */
} mix;

extern const mix mixes[];
extern const size_t mixes_count;

/* Makes a workload of so many steps, the same for the same seed. Returns false if and only if
 * there is no memory. */
bool mix_make(workload *made, const mix *described, size_t steps, uint64_t seed);

#endif
