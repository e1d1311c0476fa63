/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bounded heap is made, and the size of its region is computed.
 */
#include "bounded_places.h"
#include "bounded_plan.h"

/* ---- controls of the lanes ---------------------------------------------------------- */

/* The index of the highest set bit of n, which is not 0. */
static unsigned highest_bit(size_t n) {
    unsigned bit = 0;
    while ((n >>= 1) != 0) {
        bit++;
    }
    return bit;
}

/* A control structure for pools of up to so many bytes is at most as large as this. The core keeps
 * a row of 2^TLSF_SL_BITS links for each power of two up to the largest pool. */
static size_t control_bytes_for(size_t pool_bytes) {
    const size_t link = TLSF_LAYOUT == TLSF_WIDE ? sizeof(void *) : 4;
    const unsigned granule_bit = highest_bit(TLSF_GRANULE);
    const unsigned most = highest_bit(tlsf_block_size_max());
    const unsigned least = granule_bit + TLSF_SL_BITS;
    const unsigned wanted = highest_bit(pool_bytes) > least ? highest_bit(pool_bytes) : least;
    return wanted >= most ? tlsf_size() : tlsf_size() - (((most - wanted) * link) << TLSF_SL_BITS);
}

/* Bytes of a region that holds a control structure for such pools, and one smallest pool. */
static size_t lane_region_for(size_t pool_bytes) {
    return size_add(control_bytes_for(pool_bytes) + tlsf_pool_overhead(),
                    outer_smallest() + TLSF_GRANULE);
}

/* The core plans for its first region at least, which may be larger than a small chunk. */
static size_t lane_planned_for(size_t pool_bytes) {
    while (lane_region_for(pool_bytes) > pool_bytes) {
        pool_bytes *= 2;
    }
    return pool_bytes;
}

/* Makes a lane's heap at `begin`, without a pool.
 * Returns the memory behind it; NULL if it does not fit. */
static unsigned char *lane_make(bounded_lane *lane, unsigned char *begin, const unsigned char *end,
                                size_t pool_bytes) {
    const size_t room = (size_t)(end - begin);
    const size_t bytes = lane_region_for(lane_planned_for(pool_bytes));
    lane->heap = bytes > room ? NULL : tlsf_create_sized(begin, bytes, pool_bytes);
    if (lane->heap == NULL) {
        return NULL;
    }
    unsigned char *behind = (unsigned char *)tlsf_get_pool(lane->heap);
    tlsf_remove_pool(lane->heap, tlsf_get_pool(lane->heap));
    return behind;
}

/* Makes the heaps of all lanes.
 * Returns the memory behind them; NULL if they do not fit. */
static unsigned char *lanes_make(bounded_heap *b, const bounded_plan *plan, unsigned char *begin) {
    for (unsigned g = 0; g <= plan->last && begin != NULL; g++) {
        const size_t pool_bytes =
            g == plan->last ? (size_t)(b->end - begin) : plan_chunk_bytes(plan, g);
        b->lanes[g].smallest = plan->smallest[g];
        b->lanes[g].largest = plan->largest[g] - tlsf_alloc_overhead();
        begin = lane_make(&b->lanes[g], begin, b->end, pool_bytes);
    }
    return begin;
}

/* ---- create ------------------------------------------------------------------------- */

/* The most bytes of a region. In the compact layout a link reaches no further (tlsf_add_pool). */
static size_t region_bytes_max(void) {
    const uint64_t reach = (uint64_t)(TLSF_GRANULE == 4 ? 1 : 2) << 32;
    return TLSF_LAYOUT == TLSF_WIDE || reach > SIZE_MAX ? SIZE_MAX : (size_t)reach;
}

/* What a place and a block begin at. */
static size_t place_align(void) {
    return TLSF_GRANULE > alignof(bounded_place) ? TLSF_GRANULE : alignof(bounded_place);
}

static unsigned char *aligned_up(unsigned char *address, size_t align) {
    return address + ((0 - (uintptr_t)address) & (align - 1));
}

/* Divides the memory from `begin` on into map and places. The last lane had room for a smallest
 * pool there, so it is more than the alignment. */
static void places_make(bounded_heap *b, unsigned char *begin) {
    const size_t align = place_align();
    const size_t room = (size_t)(b->end - begin);
    b->units = b->last == 0 ? 0 : size_over(room - align, ((size_t)1 << b->unit_shift) + 1);
    b->map = begin;
    memset(b->map, PLACE_NONE, b->units);
    b->left = aligned_up(begin + b->units, align);
    b->right = b->end;
}

tlsf_bounded_t tlsf_bounded_create(void *mem, size_t bytes, size_t smallest, size_t largest) {
    bounded_plan plan;
    const size_t front = sizeof(bounded_heap) + alignof(bounded_heap) + TLSF_GRANULE;
    if (mem == NULL || bytes < front || bytes > UINTPTR_MAX - (uintptr_t)mem ||
        bytes > region_bytes_max() || !plan_make(smallest, largest, &plan) ||
        !plan_is_manageable(&plan)) {
        return NULL;
    }
    unsigned char *begin = aligned_up((unsigned char *)mem, alignof(bounded_heap));
    unsigned char *end = (unsigned char *)mem + bytes;
    bounded_heap *b = (bounded_heap *)(void *)begin;
    memset(b, 0, sizeof *b);
    b->last = plan.last;
    b->unit_shift = plan.unit_shift;
    b->end = end - ((uintptr_t)end & (TLSF_GRANULE - 1));
    begin = lanes_make(b, &plan, begin + sizeof *b);
    if (begin == NULL) {
        return NULL;
    }
    places_make(b, begin);
    return (tlsf_bounded_t)b;
}

/* ---- the size of the region --------------------------------------------------------- */

/* Bytes of the map and the places for so many bytes of places and last lane. */
static size_t room_for(const bounded_plan *plan, size_t bytes) {
    const size_t map = plan->last == 0 ? 0 : (bytes >> plan->unit_shift) + 1;
    return size_add(size_add(bytes, map), 3 * place_align());
}

/* Bytes of the structure and of the controls; the last lane's heap is planned for `room` bytes. */
static size_t front_for(const bounded_plan *plan, size_t room) {
    size_t bytes = sizeof(bounded_heap) + 2 * alignof(bounded_heap) + TLSF_GRANULE;
    for (unsigned g = 0; g <= plan->last; g++) {
        const size_t pool_bytes = g == plan->last ? room : plan_chunk_bytes(plan, g);
        bytes = size_add(bytes, lane_region_for(lane_planned_for(pool_bytes)));
    }
    return bytes;
}

size_t tlsf_bounded_size_for(size_t live, size_t smallest, size_t largest) {
    bounded_plan plan;
    if (!plan_make(smallest, largest, &plan) || !plan_is_manageable(&plan)) {
        return 0;
    }
    const size_t last = bound_last_lane(&plan, live);
    const size_t room = room_for(&plan, size_add(bound_places(&plan, live), last));
    if (room > SIZE_MAX / 8 || last > tlsf_block_size_max()) {
        return 0;
    }
    /* The last lane's heap is planned for what is left of the region, its own control included. */
    const size_t least = lane_region_for(room);
    const size_t bytes = size_add(front_for(&plan, 4 * (room > least ? room : least)), room);
    return bytes > region_bytes_max() ? 0 : bytes;
}
