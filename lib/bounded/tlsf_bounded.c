/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bounded heap: malloc, free, memalign, calloc and realloc.
 *
 * How to read it. A request goes to the lane of its size. Where the lane's heap refuses it, the
 * lane grows, by a chunk or at the region's end, and is asked again. A free finds the lane by the
 * address, and gives back the chunk if that was its last block.
 */
#include "bounded_places.h"

/* ---- how a lane grows --------------------------------------------------------------- */

/* Gives lane g a chunk. Its room is large enough for each request of the lane, rounded up to the
 * next class. */
static bool chunk_take(bounded_heap *b, unsigned g) {
    size_t unit;
    if (!place_take(b, g, &unit)) {
        return false;
    }
    if (tlsf_add_pool(b->lanes[g].heap, place_address(b, unit), place_bytes(b, g)) == NULL) {
        place_give(b, unit, g);
        return false;
    }
    return true;
}

/* Gives a chunk of lane g back, unless it holds a live block. */
static void chunk_give_if_empty(bounded_heap *b, unsigned g, size_t unit) {
    if (g != b->last && tlsf_remove_pool(b->lanes[g].heap, place_pool(b, unit)) == 0) {
        place_give(b, unit, g);
    }
}

/* The free bytes with which the last lane begins. */
static size_t last_lane_front(const bounded_heap *b) {
    tlsf_block_t first;
    tlsf_next_block(b->last_pool, NULL, &first);
    return first.used ? 0 : first.size + tlsf_alloc_overhead();
}

/* How much the last lane has to grow for a block of size n. A hole that was refused although it is
 * large enough grows by a granule: then the core meets it first. */
static size_t last_lane_lacks(const bounded_heap *b, size_t n) {
    if (b->last_pool == NULL) {
        return n + tlsf_pool_overhead();
    }
    const size_t front = last_lane_front(b);
    return front < n ? n - front : TLSF_GRANULE;
}

/* Lets the last lane begin with a free block of size n. */
static bool last_lane_grow(bounded_heap *b, size_t n) {
    const size_t bytes = last_lane_lacks(b, n);
    const size_t room = (size_t)(b->right - place_address(b, b->taken));
    if (bytes > room) {
        return false;
    }
    tlsf_t heap = b->lanes[b->last].heap;
    unsigned char *begin = b->right - bytes;
    pool_t pool = b->last_pool == NULL ? tlsf_add_pool(heap, begin, bytes)
                                       : tlsf_add_to_pool(heap, b->last_pool, begin, bytes);
    if (pool == NULL) {
        return false;
    }
    b->last_pool = pool;
    b->right = begin;
    return true;
}

static bool lane_grow(bounded_heap *b, unsigned g, size_t bytes) {
    return g == b->last ? last_lane_grow(b, outer_for_request(bytes)) : chunk_take(b, g);
}

/* ---- what is counted ---------------------------------------------------------------- */

static void *request_failed_in(bounded_heap *b) {
    b->failures++;
    return NULL;
}

static void used_add(bounded_heap *b, size_t charge) {
    b->used += charge;
    b->peak = b->used > b->peak ? b->used : b->peak;
}

/* Frees of a lane's heap; 0 where the core does not count. */
static size_t lane_frees(const bounded_lane *lane) {
    tlsf_stats_t stats;
    tlsf_stats(lane->heap, &stats);
    return stats.frees;
}

/* ---- malloc and memalign ------------------------------------------------------------ */

/* The lane of a request, which the plan allows. */
static unsigned lane_of_request(const bounded_heap *b, size_t bytes) {
    unsigned g = 0;
    while (bytes > b->lanes[g].largest) {
        g++;
    }
    return g;
}

/* Takes a block of `bytes` bytes; the search is for a block of `searched` bytes. */
static void *block_take(bounded_heap *b, size_t searched, size_t align, size_t bytes) {
    if (searched > b->lanes[b->last].largest) {
        return request_failed_in(b);
    }
    const unsigned g = lane_of_request(b, searched);
    const bounded_lane *lane = &b->lanes[g];
    void *ptr = tlsf_memalign(lane->heap, align, bytes);
    if (ptr == NULL && lane_grow(b, g, searched)) {
        ptr = tlsf_memalign(lane->heap, align, bytes);
    }
    if (ptr == NULL) {
        return request_failed_in(b);
    }
    b->live_blocks++;
    used_add(b, block_charge(lane, ptr));
    return ptr;
}

void *tlsf_bounded_malloc(tlsf_bounded_t t, size_t bytes) {
    return block_take(bounded_of(t), bytes, TLSF_GRANULE, bytes);
}

void *tlsf_bounded_memalign(tlsf_bounded_t t, size_t align, size_t bytes) {
    bounded_heap *b = bounded_of(t);
    const size_t most = b->lanes[b->last].largest;
    if (align <= TLSF_GRANULE && (align & (align - 1)) == 0) {
        return tlsf_bounded_malloc(t, bytes);
    }
    if ((align & (align - 1)) != 0 || align > most || bytes > most) {
        return request_failed_in(b);
    }
    const size_t least = tlsf_block_size_min();
    const size_t gap = align + least + tlsf_alloc_overhead();
    return block_take(b, gap + (bytes < least ? least : bytes), align, bytes);
}

/* ---- free --------------------------------------------------------------------------- */

/* Frees a block of lane g, which is in the chunk at this unit. */
static void block_give(bounded_heap *b, unsigned g, size_t unit, void *ptr) {
    const bounded_lane *lane = &b->lanes[g];
    const size_t charge = block_charge(lane, ptr);
    const size_t frees = lane_frees(lane);
    tlsf_free(lane->heap, ptr);
    if (TLSF_STATISTICS && lane_frees(lane) == frees) {
        return; /* the fault hook has returned: the block is still live */
    }
    b->used -= charge;
    b->live_blocks--;
    chunk_give_if_empty(b, g, unit);
}

/* Whether the heap may ask for the size of ptr, which lies in lane g. At hardening 3 the answer
 * stands at the block's end, so its header must be sound. */
static bool is_readable(const bounded_heap *b, unsigned g, const void *ptr) {
    const uintptr_t address = (uintptr_t)ptr;
    return address % TLSF_GRANULE == 0 && address > (uintptr_t)b->left &&
           address < (uintptr_t)b->end &&
           (TLSF_HARDENING < 3 || tlsf_looks_live(b->lanes[g].heap, ptr));
}

void tlsf_bounded_free(tlsf_bounded_t t, void *ptr) {
    bounded_heap *b = bounded_of(t);
    size_t unit = 0;
    if (ptr == NULL) {
        return;
    }
    const unsigned g = place_of(b, ptr, &unit);
    if (!is_readable(b, g, ptr)) {
        tlsf_free(b->lanes[g].heap, ptr); /* reports it */
        return;
    }
    block_give(b, g, unit, ptr);
}

/* ---- calloc ------------------------------------------------------------------------- */

/* Multiplies bit by bit: small processors have no division that would tell an overflow.
 * Returns false if the product is more than `most`, which is at most SIZE_MAX / 2. */
static bool array_size(size_t count, size_t size, size_t most, size_t *bytes) {
    *bytes = 0;
    while (count != 0 && size <= most) { /* *bytes is less than size, unless that is 0 */
        *bytes += (count & 1) != 0 ? size : 0;
        count >>= 1;
        size *= 2;
    }
    return count == 0 && *bytes <= most;
}

void *tlsf_bounded_calloc(tlsf_bounded_t t, size_t count, size_t size) {
    bounded_heap *b = bounded_of(t);
    size_t bytes;
    if (!array_size(count, size, b->lanes[b->last].largest, &bytes)) {
        return request_failed_in(b);
    }
    void *ptr = tlsf_bounded_malloc(t, bytes);
    if (ptr != NULL) {
        memset(ptr, 0, bytes);
    }
    return ptr;
}

/* ---- realloc ------------------------------------------------------------------------ */

/* Lets the block change its size within lane g. It may move to another place there.
 * Returns NULL if the lane has no room. */
static void *block_resize_in_lane(bounded_heap *b, unsigned g, size_t unit, void *ptr,
                                  size_t bytes) {
    const bounded_lane *lane = &b->lanes[g];
    const size_t charge = block_charge(lane, ptr);
    void *resized = tlsf_realloc(lane->heap, ptr, bytes);
    if (resized == NULL) {
        return NULL;
    }
    if (resized == ptr) {
        b->used -= charge;
        used_add(b, block_charge(lane, resized));
        return resized;
    }
    used_add(b, block_charge(lane, resized)); /* both places were in use */
    b->used -= charge;
    chunk_give_if_empty(b, g, unit);
    return resized;
}

/* Whether the core takes ptr for a live block: it resizes it to the size that it has. If a wrong
 * pointer were found only after the new block is taken, it could lead to that block. */
static bool block_is_known(const bounded_lane *lane, void *ptr) {
    const size_t bytes = tlsf_block_size(ptr);
    const bool is_empty = TLSF_HARDENING >= 3 && bytes == 0; /* at other levels no block is */
    return TLSF_HARDENING == 0 || tlsf_realloc(lane->heap, ptr, is_empty ? 1 : bytes) == ptr;
}

/* Moves a block of lane g to a new one, in this lane or in another. */
static void *block_move_to_new(bounded_heap *b, unsigned g, size_t unit, void *ptr, size_t bytes) {
    void *moved =
        block_is_known(&b->lanes[g], ptr) ? block_take(b, bytes, TLSF_GRANULE, bytes) : NULL;
    if (moved == NULL) {
        return NULL;
    }
    const size_t old = tlsf_block_size(ptr);
    /* To shrink, a block moves only where level 2 has found the list of its rest corrupted. With a
     * pending block no list is asked. */
    const bool grows = TLSF_HARDENING < 2 || TLSF_PENDING || old < bytes;
    memcpy(moved, ptr, grows ? old : bytes);
    block_give(b, g, unit, ptr);
    return moved;
}

void *tlsf_bounded_realloc(tlsf_bounded_t t, void *ptr, size_t bytes) {
    bounded_heap *b = bounded_of(t);
    if (ptr == NULL) {
        return tlsf_bounded_malloc(t, bytes);
    }
    size_t unit = 0;
    const unsigned g = place_of(b, ptr, &unit);
    if (bytes == 0 || !is_readable(b, g, ptr)) {
        tlsf_bounded_free(t, ptr); /* reports what is not readable */
        return NULL;
    }
    void *resized =
        bytes <= b->lanes[g].largest ? block_resize_in_lane(b, g, unit, ptr, bytes) : NULL;
    return resized != NULL ? resized : block_move_to_new(b, g, unit, ptr, bytes);
}

/* ---- queries ------------------------------------------------------------------------ */

void tlsf_bounded_stats(tlsf_bounded_t t, tlsf_bounded_stats_t *stats) {
    const bounded_heap *b = bounded_of(t);
    stats->lanes = (size_t)b->last + 1;
    stats->used_bytes = b->used;
    stats->peak_bytes = b->peak;
    stats->taken_bytes = (b->taken << b->unit_shift) + (size_t)(b->end - b->right);
    stats->room_bytes = (size_t)(b->end - b->left);
    stats->live_blocks = b->live_blocks;
    stats->failures = b->failures;
}

void tlsf_bounded_set_fault_hook(tlsf_bounded_t t, tlsf_fault_hook hook) {
    const bounded_heap *b = bounded_of(t);
    for (unsigned g = 0; g <= b->last; g++) {
        tlsf_set_fault_hook(b->lanes[g].heap, hook);
    }
}
