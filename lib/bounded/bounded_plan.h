/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plan of the lanes, and how much memory it can need: theorem 2 of docs/memory-bound.md.
 *
 * A lane's largest size is four times that of the lane before it. The first lane's is four times
 * the smallest request, the last lane's is the largest. A chunk holds about eight blocks of its
 * lane's largest size: more waste memory in programs with few blocks, fewer in those with many.
 */
#ifndef BOUNDED_PLAN_H
#define BOUNDED_PLAN_H

#include "bounded_heap.h"

enum { LANE_RATIO = 4, CHUNK_BLOCKS = 8 };

/* ---- arithmetic without overflow and division --------------------------------------- */

/* Sums and products stay at SIZE_MAX, which stands for more than there is. */
static inline size_t size_add(size_t a, size_t b) { return a > SIZE_MAX - b ? SIZE_MAX : a + b; }

static inline size_t size_double(size_t a) { return size_add(a, a); }

/* a * b, bit by bit. */
static inline size_t size_times(size_t a, size_t b) {
    size_t product = 0;
    for (; b != 0; b >>= 1) {
        product = (b & 1) != 0 ? size_add(product, a) : product;
        a = size_double(a);
    }
    return product;
}

/* a / b, bit by bit. b is not 0. */
static inline size_t size_over(size_t a, size_t b) {
    size_t quotient = 0, rest = 0; /* less than b, and at most the bits of a that are done */
    for (unsigned bit = sizeof(size_t) * 8; bit-- > 0;) {
        rest = rest << 1 | (a >> bit & 1);
        quotient <<= 1;
        if (rest >= b) {
            rest -= b;
            quotient |= 1;
        }
    }
    return quotient;
}

/* ---- lanes -------------------------------------------------------------------------- */

/* The exponent of the power of two nearest to CHUNK_BLOCKS blocks. */
static inline unsigned plan_unit_shift(size_t largest) {
    const size_t least = largest / 4 * 3; /* CHUNK_BLOCKS * 3/4 of them, divided by 8 */
    unsigned shift = 0;
    while (((size_t)1 << shift) < least) {
        shift++;
    }
    return shift + 3;
}

/* Plans for requests of these inner sizes.
 * Returns false if they are out of order, or need too many lanes. */
static inline bool plan_make(size_t smallest, size_t largest, bounded_plan *plan) {
    if (smallest > largest || largest > SIZE_MAX / 64) {
        return false;
    }
    const size_t n = outer_for_request(largest);
    size_t least = outer_for_request(smallest);
    size_t most = least * LANE_RATIO;
    plan->unit_shift = plan_unit_shift(most);
    for (unsigned g = 0; g < LANES_MAX; g++) {
        plan->last = g;
        plan->smallest[g] = least;
        plan->largest[g] = most < n ? most : n;
        if (most >= n) {
            return true;
        }
        least = most + TLSF_GRANULE;
        most *= LANE_RATIO;
    }
    return false;
}

/* Bytes of a chunk of lane g. */
static inline size_t plan_chunk_bytes(const bounded_plan *plan, unsigned g) {
    return level_units(g) << plan->unit_shift;
}

/* Whether the core can manage the largest block, and a chunk of each lane as a pool. */
static inline bool plan_is_manageable(const bounded_plan *plan) {
    const size_t most = tlsf_block_size_max();
    return plan->largest[plan->last] - tlsf_alloc_overhead() <= most &&
           (plan->last == 0 || plan_chunk_bytes(plan, plan->last - 1) - 1 <= most);
}

/* ---- the bound ---------------------------------------------------------------------- */

/* The bytes of outer sizes that share the class of this one. */
static inline size_t bound_class_width(size_t outer) {
    size_t width = TLSF_GRANULE;
    while (outer >> (TLSF_SL_BITS + 1) >= width) {
        width *= 2;
    }
    return width;
}

/* lambda: the most bytes that a block has beyond the outer size of its request, which is at most
 * this one. */
static inline size_t bound_beyond_request(size_t outer) {
    const size_t rest = outer_smallest() - TLSF_GRANULE;
    return rest + (TLSF_ROUND_TO_CLASS ? bound_class_width(outer) - TLSF_GRANULE : 0);
}

/* h: the largest hole there is in a heap that refuses a request of this outer size: the largest
 * size in the class of the next smaller one. */
static inline size_t bound_hole_beside(size_t outer) {
    const size_t below = outer - TLSF_GRANULE;
    const size_t width = bound_class_width(below);
    return (below & ~(width - 1)) + width - TLSF_GRANULE;
}

/* q: the least that the live blocks of a chunk of lane g count as when the lane takes one more. */
static inline size_t bound_chunk_live(const bounded_plan *plan, unsigned g) {
    const size_t room = plan_chunk_bytes(plan, g) - tlsf_pool_overhead();
    const size_t hole = bound_hole_beside(plan->largest[g]);
    const size_t each = hole + bound_beyond_request(plan->largest[g]);
    size_t blocks = plan->smallest[g]; /* as many bytes as x blocks have at least */
    size_t holes = hole + each;        /* and as their holes have at most */
    while (holes < room && room - holes > blocks) {
        blocks += plan->smallest[g];
        holes += each;
    }
    /* x - 1 blocks need room - (holes - each), x blocks have `blocks`: the smaller is the least. */
    const size_t before = room - (holes - each);
    return blocks > plan->smallest[g] && before < blocks ? before : blocks;
}

/* Bytes of places at most, for all lanes but the last. */
static inline size_t bound_places(const bounded_plan *plan, size_t live) {
    size_t chunks = 0; /* u and p of the lane before */
    size_t split = 0;
    for (unsigned g = 0; g < plan->last; g++) {
        const size_t inside = size_add(chunks, split);
        const size_t q = bound_chunk_live(plan, g);
        split = inside / LANE_RATIO + (inside % LANE_RATIO != 0 ? 1 : 0);
        chunks = live < plan->smallest[g] ? 0 : size_over(live - plan->smallest[g], q) + 1;
    }
    return plan->last == 0
               ? 0
               : size_times(size_add(chunks, split), plan_chunk_bytes(plan, plan->last - 1));
}

/* Bytes of the last lane's pool at most. */
static inline size_t bound_last_lane(const bounded_plan *plan, size_t live) {
    const size_t least = plan->smallest[plan->last];
    const size_t n = plan->largest[plan->last];
    const size_t hole = bound_hole_beside(n);
    if (live < least) {
        return 0;
    }
    const size_t others = live - least;
    const size_t blocks = size_over(others, least);
    const size_t first = hole + TLSF_GRANULE > n ? hole + TLSF_GRANULE : n;
    return size_add(size_add(others, size_times(blocks, hole + bound_beyond_request(n))),
                    first + tlsf_pool_overhead());
}

#endif
