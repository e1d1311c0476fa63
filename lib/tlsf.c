/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The allocator: malloc, free, memalign, calloc, realloc, and what a block can tell.
 */
#include "tlsf.h"

#include <string.h>

#include "fault.h"
#include "free_blocks.h"

/* ---- splitting and coalescing ------------------------------------------------------- */

/* Turns the first n of the `room` granules at b, which are in no list, into a used block. The
 * rest becomes free, or stays in the block where it is too small for one. `flags` tells
 * of the block before b; the block behind the room is used, and says "previous is free".
 * Returns the block's size. */
static inline granules block_split(control *t, block *b, granules room, granules n,
                                   header_word flags) {
    const granules rest = room - n;
    if (rest < BLOCK_MIN) {
        b->header = header_of(room, flags);
        block_at(b, room)->header &= ~(header_word)BLOCK_PREVIOUS_FREE;
        return room;
    }
    block *remainder = block_at(b, n);
    b->header = header_of(n, flags);
    block_write_free(remainder, rest);
    free_blocks_put(t, remainder, rest);
    return n;
}

/* Makes a used block of n granules of the free block found. */
static inline void *block_allocate(control *t, found_block found, granules n) {
    block *b = found.block;
    free_blocks_take(t, found);
    statistics_allocated(t, block_split(t, b, block_granules(b), n, 0));
    return block_payload(b);
}

/* The granules that b has with the free block behind it, if there is one. */
static inline granules block_room(const block *b) {
    const block *next = block_next(b);
    return block_granules(b) + (block_is_free(next) ? block_granules(next) : 0);
}

/* Takes the block behind b, if it is free, out of the free blocks.
 * Returns the granules that b now has room for. */
static inline granules block_absorb_next(control *t, const block *b) {
    const block *next = block_next(b);
    if (!block_is_free(next)) {
        return block_granules(b);
    }
    free_blocks_remove(t, next);
    return block_granules(b) + block_granules(next);
}

/* Makes used block b free, together with its free neighbours. */
static inline void block_release(control *t, block *b) {
    statistics_freed(t, block_granules(b));
    granules n = block_absorb_next(t, b);
    if (block_is_previous_free(b)) {
        b->header |= BLOCK_FREE; /* whoever frees b again finds it free */
        b = block_previous(b);
        n += block_granules(b);
        free_blocks_remove(t, b);
    }
    block_write_free(b, n);
    block_at(b, n)->header |= BLOCK_PREVIOUS_FREE;
    free_blocks_put(t, b, n);
}

/* Gives b, in place, the size n.
 * Returns false, with nothing changed, when b and the free block behind it are too small. */
static inline bool block_resize(control *t, block *b, granules n) {
    const granules before = block_granules(b);
    if (block_room(b) < n) {
        return false;
    }
    const granules room = block_absorb_next(t, b);
    block_at(b, room)->header |= BLOCK_PREVIOUS_FREE;
    const header_word flags = b->header & BLOCK_PREVIOUS_FREE;
    statistics_resized(t, before, block_split(t, b, room, n, flags));
    return true;
}

/* ---- realloc by moving -------------------------------------------------------------- */

/* Lets b grow to n granules into the free blocks on both sides, of `room` granules together. */
static void *block_slide_back(control *t, block *b, granules room, granules n) {
    const granules before = block_granules(b);
    block *target = block_previous(b);
    free_blocks_remove(t, target);
    block_absorb_next(t, b);
    block_at(target, room)->header |= BLOCK_PREVIOUS_FREE;
    memmove(block_payload(target), block_payload(b), granules_inner_bytes(before));
    statistics_resized(t, before, block_split(t, target, room, n, 0));
    return block_payload(target);
}

static void *block_move(control *t, block *b, found_block target, granules n) {
    void *payload = block_allocate(t, target, n);
    memcpy(payload, block_payload(b), granules_inner_bytes(block_granules(b)));
    tlsf_free(t, block_payload(b));
    return payload;
}

/* Lets b, which has no room in place, grow to n granules elsewhere: where the smaller free
 * block is used up, so that the larger one stays whole. */
static void *block_grow_elsewhere(control *t, block *b, granules n) {
    granules room = 0;
    if (block_is_previous_free(b)) {
        room = block_granules(block_previous(b)) + block_room(b);
    }
    const found_block target = free_blocks_find(t, n);
    const bool has_target = block_granules(target.block) >= n;
    if (room >= n && (!has_target || room <= block_granules(target.block))) {
        return block_slide_back(t, b, room, n);
    }
    return has_target ? block_move(t, b, target, n) : statistics_failed(t);
}

/* ---- alignment ---------------------------------------------------------------------- */

static inline bool align_is_valid(size_t align) { return (align & (align - 1)) == 0; }

/* Granules to leave free in front of b for its payload to become a multiple of align: none,
 * or enough for a block. */
static inline granules align_gap(const block *b, size_t align) {
    const uintptr_t payload = (uintptr_t)block_payload(b);
    const granules gap = (granules)(((0 - payload) & (align - 1)) / GRANULE);
    if (gap == 0 || gap >= BLOCK_MIN) {
        return gap;
    }
    /* Both are powers of two, so the larger is a multiple of the smaller. */
    return gap + (align / GRANULE > BLOCK_MIN ? (granules)(align / GRANULE) : BLOCK_MIN);
}

/* The largest gap that align_gap can ask for. */
static inline granules align_gap_max(size_t align) {
    return (granules)(align / GRANULE) + BLOCK_MIN - 1;
}

/* Makes the first `gap` granules of free block b, which is in no list, a free block of their
 * own.
 * Returns the block behind them. */
static inline block *block_split_front(control *t, block *b, granules gap) {
    const granules rest = block_granules(b) - gap;
    block *aligned = block_at(b, gap);
    block_write_free(b, gap);
    free_blocks_put(t, b, gap);
    aligned->header = header_of(rest, BLOCK_PREVIOUS_FREE);
    return aligned;
}

/* ---- requests ----------------------------------------------------------------------- */

/* Whether a * b is more than a size_t holds, from products of halves: small processors have
 * no division. */
static bool product_overflows(size_t a, size_t b) {
    const unsigned half = sizeof(size_t) * 4;
    const size_t low_mask = ((size_t)1 << half) - 1;
    const size_t small = a < b ? a : b;
    const size_t large = a < b ? b : a;
    if (large <= low_mask) {
        return false;
    }
    if (small > low_mask) {
        return true;
    }
    const size_t high = (large >> half) * small;
    const size_t low = (large & low_mask) * small;
    return high > low_mask || (high << half) + low < low;
}

void *tlsf_malloc(tlsf_t t, size_t bytes) {
    if (bytes > t->request_max) {
        return statistics_failed(t);
    }
    const granules n = granules_for_request(bytes);
    const found_block found = free_blocks_find(t, n);
    if (block_granules(found.block) < n) {
        return statistics_failed(t);
    }
    return block_allocate(t, found, n);
}

void tlsf_free(tlsf_t t, void *ptr) {
    if (ptr == NULL) {
        return;
    }
    if (HARDENING_CALLER) {
        const tlsf_fault_kind fault = fault_find(t, ptr);
        if (fault != FAULT_NONE) {
            tlsf_report_fault(t, ptr, fault);
            return;
        }
    }
    block_release(t, block_of_payload(ptr));
}

void *tlsf_calloc(tlsf_t t, size_t count, size_t size) {
    if (product_overflows(count, size)) {
        return statistics_failed(t);
    }
    void *payload = tlsf_malloc(t, count * size);
    if (payload != NULL) {
        memset(payload, 0, count * size);
    }
    return payload;
}

void *tlsf_memalign(tlsf_t t, size_t align, size_t bytes) {
    if (align <= GRANULE && align_is_valid(align)) {
        return tlsf_malloc(t, bytes);
    }
    if (!align_is_valid(align) || align > t->request_max || bytes > t->request_max) {
        return statistics_failed(t);
    }
    const granules n = granules_for_request(bytes);
    const granules searched = n + align_gap_max(align);
    if (searched > granules_for_request(t->request_max)) {
        return statistics_failed(t);
    }
    const found_block found = free_blocks_find(t, searched);
    block *b = found.block;
    if (block_granules(b) < searched) {
        return statistics_failed(t);
    }
    free_blocks_take(t, found);
    const granules gap = align_gap(b, align);
    if (gap != 0) {
        b = block_split_front(t, b, gap);
    }
    const header_word flags = gap != 0 ? BLOCK_PREVIOUS_FREE : 0;
    statistics_allocated(t, block_split(t, b, block_granules(b), n, flags));
    return block_payload(b);
}

void *tlsf_realloc(tlsf_t t, void *ptr, size_t bytes) {
    return tlsf_realloc_aligned(t, ptr, GRANULE, bytes);
}

void *tlsf_realloc_aligned(tlsf_t t, void *ptr, size_t align, size_t bytes) {
    if (ptr == NULL) {
        return tlsf_memalign(t, align, bytes);
    }
    if (bytes == 0) {
        tlsf_free(t, ptr);
        return NULL;
    }
    if (HARDENING_CALLER) {
        const tlsf_fault_kind fault = fault_find(t, ptr);
        if (fault != FAULT_NONE) {
            tlsf_report_fault(t, ptr, fault);
            return NULL;
        }
    }
    if (!align_is_valid(align) || bytes > t->request_max) {
        return statistics_failed(t);
    }
    block *b = block_of_payload(ptr);
    const granules n = granules_for_request(bytes);
    const bool is_aligned = align <= GRANULE || ((uintptr_t)ptr & (align - 1)) == 0;
    if (is_aligned && block_resize(t, b, n)) {
        return ptr;
    }
    if (align <= GRANULE) {
        return block_grow_elsewhere(t, b, n);
    }
    void *payload = tlsf_memalign(t, align, bytes);
    if (payload != NULL) {
        const size_t room = granules_inner_bytes(block_granules(b));
        memcpy(payload, ptr, room < bytes ? room : bytes);
        tlsf_free(t, ptr);
    }
    return payload;
}

/* ---- queries ------------------------------------------------------------------------ */

size_t tlsf_block_size(void *ptr) {
    return ptr == NULL ? 0 : granules_inner_bytes(block_granules(block_of_payload(ptr)));
}

size_t tlsf_largest(tlsf_t t) {
    granules largest = t->pending_size;
    if (t->first_level != 0) {
        const unsigned row = bits_last_set(t->first_level);
        const unsigned class = row * CLASSES_PER_ROW + bits_last_set(t->second_level[row]);
        const granules listed = list_largest(t, class);
        largest = listed > largest ? listed : largest;
    }
    return largest == 0 ? 0 : granules_inner_bytes(largest);
}

int tlsf_stats(tlsf_t t, tlsf_stats_t *stats) {
    memset(stats, 0, sizeof(*stats));
    stats->pool_bytes = granules_bytes(t->pool_size);
    stats->largest = tlsf_largest(t);
    if (TLSF_STATISTICS) {
        stats->used_bytes = granules_bytes(t->used);
        stats->peak_bytes = granules_bytes(t->peak);
        stats->free_bytes = granules_bytes(t->pool_size - t->used);
        stats->live_blocks = t->allocations - t->frees;
        stats->allocations = t->allocations;
        stats->frees = t->frees;
        stats->failures = t->failures;
    }
    return TLSF_STATISTICS;
}

size_t tlsf_align_size(void) { return GRANULE; }

size_t tlsf_block_size_min(void) { return granules_inner_bytes(BLOCK_MIN); }

size_t tlsf_block_size_max(void) { return granules_inner_bytes(GRANULES_MAX); }

size_t tlsf_alloc_overhead(void) { return BLOCK_OVERHEAD; }
