/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The heap to damage: five pools, before and behind the control structure, with gaps between them.
 * It has free lists of one, two and more blocks, blocks with free and with used neighbours, a full
 * pool, and a pool that is all free. The memory around it is unmapped, further than any damaged
 * link or size can lead, so that each access there raises a signal.
 */
#ifndef SPECIMEN_H
#define SPECIMEN_H

#include "support/internals.h"

enum {
    SPECIMEN_POOLS = 5,
    SPECIMEN_ALL_FREE = 3, /* number of the pool that is all free */
    SPECIMEN_LIVE_MAX = 128,
    SPECIMEN_BYTES = 8192 /* bytes that are mapped */
};

/* Where the most recent free block is. With TLSF_PENDING 0 it is in its free list. */
typedef enum {
    PENDING_BEFORE_LIST, /* pending, and the free list of its class has blocks, too */
    PENDING_ALONE,       /* pending, and the free list of its class is empty */
    PENDING_NONE,        /* allocated again: no block is pending */
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

/* Calls of the heap's fault hook. */
extern size_t specimen_faults;

/* Makes the one specimen, always at the same address. Ends the program if the system refuses the
 * memory. */
specimen specimen_make(situation wanted);

/* Returns the region of a pool. */
uint8_t *specimen_region(const specimen *s, size_t number);
size_t specimen_region_bytes(size_t number);

/* Returns whether the block, one of s->live, still holds its original content. */
bool live_is_intact(const specimen *s, const live_block *live);

/* Returns whether the bytes between the regions are unchanged. */
bool specimen_is_clean_outside(const specimen *s);

#endif
