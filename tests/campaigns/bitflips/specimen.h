/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap to be damaged: five pools, before and behind the control structure, with gaps between
 * them; lists of one, two and more blocks; blocks with free and with used neighbours; a pool that
 * is full, and one that is all free. Whatever lies out of it is unmapped, further than any damaged
 * link or size leads, so that each access there is a signal.
 */
#ifndef SPECIMEN_H
#define SPECIMEN_H

#include "heap.h"

enum {
    SPECIMEN_POOLS = 5,
    SPECIMEN_ALL_FREE = 3, /* the number of the pool that is */
    SPECIMEN_LIVE_MAX = 128,
    SPECIMEN_BYTES = 8192 /* of what is mapped */
};

/* Where the free block that was produced last is. With TLSF_PENDING 0 it is in its list. */
typedef enum {
    PENDING_BEFORE_LIST, /* pending, and its class has listed blocks, too */
    PENDING_ALONE,       /* pending, and its class has none */
    PENDING_NONE,        /* handed out again */
    SITUATION_COUNT
} situation;

typedef struct {
    void *ptr; /* NULL: freed */
    size_t bytes;
} live_block;

typedef struct {
    uint8_t *begin; /* SPECIMEN_BYTES */
    control *t;
    pool_t pools[SPECIMEN_POOLS]; /* in address order */
    live_block live[SPECIMEN_LIVE_MAX];
    size_t live_count;
} specimen;

/* Faults that the heap's hook was told of. */
extern size_t specimen_faults;

/* Makes the one specimen, always at the same place. Ends the program when the system does not give
 * the memory. */
specimen specimen_make(situation wanted);

/* The region of a pool. */
uint8_t *specimen_region(const specimen *s, size_t number);
size_t specimen_region_bytes(size_t number);

/* Whether the block, one of s->live, holds what was written when it was made. */
bool live_is_intact(const specimen *s, const live_block *live);

/* Whether what lies between the regions is as it was. */
bool specimen_is_clean_outside(const specimen *s);

#endif
