/* SPDX-License-Identifier: BSD-3-Clause */
/* Steady-state mixes: a heap with a constant number of live blocks. Each step replaces one of
 * them. */
#ifndef MIX_H
#define MIX_H

#include <stdbool.h>

#include "workload.h"

typedef enum {
    LIFETIME_RANDOM, /* any block is replaced */
    LIFETIME_FIFO,   /* the oldest: a queue of messages */
    LIFETIME_LIFO,   /* bursts free the youngest blocks and allocate new ones: a stack */
    LIFETIME_GROWING /* any block grows by half; at its full size it is replaced */
} mix_lifetime;

typedef enum {
    SIZES_FEW,      /* low, 2 * low, 4 * low, ... up to high */
    SIZES_UNIFORM,  /* each size from low to high as often as the others */
    SIZES_POWER_LAW /* low to below high; each power of two as often as all above it */
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

/* Makes a workload of `steps` steps, the same for the same seed. Returns false if and only if
 * there is no memory. */
bool mix_make(workload *made, const mix *described, size_t steps, uint64_t seed);

#endif
