/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The structure of a bounded heap.
 *
 *     +-----------+-------------+-----+----------------------+ - - +---------------+
 *     | structure | controls of | map | places: chunks of    |     | the last lane |
 *     |           | the lanes   |     | the other lanes    ->|     |<-             |
 *     +-----------+-------------+-----+----------------------+ - - +---------------+
 *                                     left                         right           end
 *
 * A unit is the smallest place. The map has a byte for each unit: what begins there.
 */
#ifndef BOUNDED_HEAP_H
#define BOUNDED_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlsf_bounded.h"
#include "tlsf_language.h"

enum { LANES_MAX = 8 };

typedef struct {
    size_t smallest; /* outer size: what its blocks count as at least */
    size_t largest;  /* inner size of its largest request */
    tlsf_t heap;
} bounded_lane;

/* What follows from the smallest and the largest request. Sizes are outer sizes. */
typedef struct {
    unsigned last;       /* the last lane's number */
    unsigned unit_shift; /* the smallest chunk has 2^unit_shift bytes */
    size_t smallest[LANES_MAX];
    size_t largest[LANES_MAX];
} bounded_plan;

/* Stands at the beginning of a free place. */
typedef struct bounded_place {
    struct bounded_place *next;
    struct bounded_place *previous;
} bounded_place;

typedef struct tlsf_bounded {
    unsigned last;       /* the last lane's number */
    unsigned unit_shift; /* a unit has 2^unit_shift bytes */
    bounded_lane lanes[LANES_MAX];
    bounded_place *free_places[LANES_MAX]; /* by level; level g is for chunks of lane g */
    unsigned char *map;
    unsigned char *left, *right, *end;
    size_t units;     /* that the map has entries for */
    size_t taken;     /* units that are places */
    pool_t last_pool; /* of the last lane; NULL: none yet */
    size_t used, peak, live_blocks, failures;
} bounded_heap;

static inline bounded_heap *bounded_of(tlsf_bounded_t t) { return (bounded_heap *)t; }

/* Units of a place of this level: 4^level. */
static inline size_t level_units(unsigned level) { return (size_t)1 << (2 * level); }

/* ---- sizes -------------------------------------------------------------------------- */

static inline size_t outer_rounded(size_t bytes) {
    return (bytes + TLSF_GRANULE - 1) / TLSF_GRANULE * TLSF_GRANULE;
}

/* The smallest outer size. */
static inline size_t outer_smallest(void) {
    return outer_rounded(tlsf_block_size_min() + tlsf_alloc_overhead());
}

/* The outer size of a request. */
static inline size_t outer_for_request(size_t bytes) {
    const size_t outer = outer_rounded(bytes + tlsf_alloc_overhead());
    return outer < outer_smallest() ? outer_smallest() : outer;
}

/* What a block counts as in this lane. */
static inline size_t block_charge(const bounded_lane *lane, void *ptr) {
    const size_t outer = outer_for_request(tlsf_block_size(ptr));
    return outer < lane->smallest ? lane->smallest : outer;
}

#endif
