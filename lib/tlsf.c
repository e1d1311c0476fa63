/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The allocator: malloc, free, memalign and calloc.
 */
#include "fault.h"
#include "memory.h"
#include "split.h"

/* ---- malloc and free ---------------------------------------------------------------- */

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

void tlsf_free(tlsf_t t, void *ptr) {
    if (ptr == NULL || fault_is_reported(t, ptr)) {
        return;
    }
    block_release(t, block_of_payload(ptr));
}

/* ---- memalign ----------------------------------------------------------------------- */

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

/* ---- calloc ------------------------------------------------------------------------- */

/* Whether a * b is more than a size_t holds, from products of halves: small processors have
 * no division. */
static bool product_overflows(size_t a, size_t b) {
    const unsigned half = sizeof(size_t) * 4;
    const size_t low_mask = SIZE_MAX >> half;
    const size_t a_high = a >> half, a_low = a & low_mask;
    const size_t b_high = b >> half, b_low = b & low_mask;
    const size_t cross = a_high * b_low + b_high * a_low; /* no overflow where one high is 0 */
    const size_t low = a_low * b_low;
    return (a_high != 0 && b_high != 0) || cross > low_mask || (cross << half) + low < low;
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
