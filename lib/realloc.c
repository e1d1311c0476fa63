/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * realloc: in place where there is room, else by moving.
 */
#include "fault.h"
#include "memory.h"
#include "split.h"

/* ---- in place ----------------------------------------------------------------------- */

/* Gives b, in place, the size n.
 * Returns false, with nothing changed, when b and the free block behind it are too small. */
static inline bool block_resize(control *t, block *b, granules n) {
    const granules before = block_granules(b);
    if (block_room(b) < n) {
        return false;
    }
    const granules room = block_absorb_next(t, b);
    block_at(b, room)->header |= BLOCK_PREVIOUS_FREE; /* as block_split expects it */
    const header_word flags = b->header & BLOCK_PREVIOUS_FREE;
    statistics_resized(t, before, block_split(t, b, room, n, flags));
    return true;
}

/* ---- by moving ---------------------------------------------------------------------- */

/* Lets b grow to n granules into the free blocks on both sides, of `room` granules together. */
static void *block_slide_back(control *t, block *b, granules room, granules n) {
    const granules before = block_granules(b);
    block *target = block_previous(b);
    free_blocks_remove(t, target);
    block_absorb_next(t, b);
    block_at(target, room)->header |= BLOCK_PREVIOUS_FREE; /* as block_split expects it */
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

/* Moves b to a multiple of align. */
static void *block_realign(control *t, block *b, size_t align, size_t bytes) {
    const size_t room = granules_inner_bytes(block_granules(b));
    void *payload = tlsf_memalign(t, align, bytes);
    if (payload != NULL) {
        memcpy(payload, block_payload(b), room < bytes ? room : bytes);
        tlsf_free(t, block_payload(b));
    }
    return payload;
}

/* ---- requests ----------------------------------------------------------------------- */

void *tlsf_realloc(tlsf_t t, void *ptr, size_t bytes) {
    return tlsf_realloc_aligned(t, ptr, GRANULE, bytes);
}

void *tlsf_realloc_aligned(tlsf_t t, void *ptr, size_t align, size_t bytes) {
    if (ptr == NULL) {
        return tlsf_memalign(t, align, bytes);
    }
    if (!align_is_valid(align)) {
        return statistics_failed(t);
    }
    if (bytes == 0) {
        tlsf_free(t, ptr);
        return NULL;
    }
    if (fault_is_reported(t, ptr)) {
        return NULL;
    }
    if (bytes > t->request_max) {
        return statistics_failed(t);
    }
    block *b = block_of_payload(ptr);
    const granules n = granules_for_request(bytes);
    const bool is_aligned = align <= GRANULE || ((uintptr_t)ptr & (align - 1)) == 0;
    if (is_aligned && block_resize(t, b, n)) {
        return ptr;
    }
    return align <= GRANULE ? block_grow_elsewhere(t, b, n) : block_realign(t, b, align, bytes);
}
