/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The allocator: malloc, free, memalign, calloc and realloc.
 *
 * How to read it. A request becomes an outer size. A small one takes a block of its very size, or
 * is cut from the victim. For any other, the search finds the smallest class whose blocks hold it,
 * the block is trimmed, and the rest is free again. A free merges the block with its free
 * neighbours, or lists a small block that has none. `verify_...` checks what the hardening level
 * promises, and returns false after a call of the fault hook. Splits and merges inform the
 * observers (observe.h).
 */
#include "hardening_1_caller.h"
#include "hardening_2_corruption.h"
#include "split_merge.h"

/* ---- malloc and free ---------------------------------------------------------------- */

/* Allocates the first block of the list of small size n. */
static inline void *allocate_exact(control *t, outer_size n, size_t bytes) {
    block *b = list_first(t, class_of_small(n));
    if (!verify_exact(t, b, n)) {
        return NULL;
    }
    list_remove_first(t, class_of_small(n), b);
    trace_free_block_less(t);
    block_use_whole(b, n, 0);
    return block_allocated(t, b, n, bytes, 0);
}

/* Allocates the first n of the best fit that the search finds above class `below`. `victim` is
 * PENDING_VICTIM if the rest becomes a victim, else 0. */
static APART void *allocate_found(control *t, size_t below, outer_size n, size_t bytes,
                                  header_word victim) {
    const choice c = free_blocks_search(t, below, n);
    if (!choice_holds(c, n)) {
        return verify_refusal(t, c, n) ? request_failed(t, bytes, 0) : NULL;
    }
    if (!verify_choice(t, c)) {
        return NULL;
    }
    free_blocks_take(t, c);
    const outer_size used = block_trim(t, c.found, c.header, n, 0, victim);
    return block_allocated(t, c.found, used, bytes, 0);
}

/* Allocates the first n of the victim. */
static inline void *allocate_from_victim(control *t, outer_size n, size_t bytes) {
    block *victim = link_block(t, t->pending);
    return block_allocated(t, victim, victim_trim(t, victim, n), bytes, 0);
}

void *tlsf_malloc(tlsf_t handle, size_t bytes) {
    ENTER_HEAP(t, handle);
    if (OFF_LONGEST_PATH(bytes > t->request_max)) {
        return request_failed(t, bytes, 0);
    }
    const outer_size n = size_for_request(bytes);
    if (!verify_search(t, n)) {
        return NULL;
    }
    if (!size_has_short_way(n)) {
        return allocate_found(t, class_floor(n - 1), n, bytes, 0);
    }
    if (!list_is_empty(t, class_of_small(n))) {
        return allocate_exact(t, n, bytes);
    }
    if (victim_serves(t, n)) {
        return allocate_from_victim(t, n, bytes);
    }
    return allocate_found(t, class_of_small(n), n, bytes, PENDING_VICTIM);
}

/* Frees b, which is large or has a free neighbour. */
static APART void free_and_merge(control *t, block *b) {
    if (verify_around(t, b) && verify_release(t, b)) {
        block_release(t, b);
    }
}

void tlsf_free(tlsf_t handle, void *ptr) {
    ENTER_HEAP(t, handle);
    block *b = block_of_payload(ptr);
    if (ptr == NULL || !verify_header(t, ptr)) {
        return;
    }
    if (!block_is_lone(b)) {
        free_and_merge(t, b);
    } else if (verify_around_lone(t, b) && verify_release_lone(t, b)) {
        block_release_lone(t, b);
    }
}

/* ---- memalign ----------------------------------------------------------------------- */

void *tlsf_memalign(tlsf_t handle, size_t align, size_t bytes) {
    if (align <= GRANULE && align_is_valid(align)) {
        return tlsf_malloc(handle, bytes);
    }
    ENTER_HEAP(t, handle);
    if (!align_is_valid(align) || !align_fits_plan(t, align, bytes)) {
        return request_failed(t, bytes, align);
    }
    const outer_size n = size_for_request(bytes);
    const outer_size searched = align_room(align, n);
    if (!verify_search(t, searched)) {
        return NULL;
    }
    const choice c = free_blocks_choose(t, searched);
    block *b = c.found;
    if (!choice_holds(c, searched)) {
        return verify_refusal(t, c, searched) ? request_failed(t, bytes, align) : NULL;
    }
    const outer_size gap = align_gap(b, align);
    if (!verify_choice(t, c) || !verify_list(t, b, gap) || !verify_rest(t, b, n, c.header - gap)) {
        return NULL;
    }
    TLSF_ASSERT(gap + n <= block_size(b));
    free_blocks_take(t, c);
    header_word room = c.header;
    header_word flags = 0;
    if (gap != 0) {
        free_blocks_list(t, b, gap | BLOCK_FREE);
        b = block_at(b, gap);
        room -= gap;
        flags = BLOCK_PREVIOUS_FREE;
    }
    TLSF_ASSERT(((uintptr_t)block_payload(b) & (align - 1)) == 0);
    const outer_size used = block_trim(t, b, room, n, flags, 0);
    return block_allocated(t, b, used, bytes, align);
}

/* ---- calloc ------------------------------------------------------------------------- */

/* Whether a * b overflows a size_t. Multiplies halves: small processors have no division. */
static bool product_overflows(size_t a, size_t b) {
    const unsigned half = sizeof(size_t) * 4;
    const size_t low_mask = SIZE_MAX >> half;
    const size_t a_high = a >> half, a_low = a & low_mask;
    const size_t b_high = b >> half, b_low = b & low_mask;
    const size_t cross = a_high * b_low + b_high * a_low; /* no overflow if one high half is 0 */
    const size_t low = a_low * b_low;
    return (a_high != 0 && b_high != 0) || cross > low_mask || (cross << half) + low < low;
}

void *tlsf_calloc(tlsf_t t, size_t count, size_t size) {
    const size_t bytes = product_overflows(count, size) ? SIZE_MAX : count * size;
    void *payload = tlsf_malloc(t, bytes); /* no plan allows SIZE_MAX */
    if (payload != NULL) {
        memset(payload, 0, bytes);
    }
    return payload;
}

/* ---- realloc ------------------------------------------------------------------------ */

/* Where a block that changes its size goes, in this order:
 *
 *   in place    | b | free |          the free block behind b has the room, or b shrinks
 *   backwards   | free | b | free |   the free block before b joins, and the content moves down
 *   elsewhere                         a new block, a copy, and b is freed
 *
 * Of the last two it takes the one that uses up the smaller free memory, so that the larger stays
 * whole. */

/* Moves b to a new block for `bytes` bytes. */
static void *block_move(control *t, block *b, size_t align, size_t bytes) {
    if (!verify_move(t, b, memalign_room(t, align, bytes))) {
        return NULL;
    }
    const size_t kept = block_payload_bytes(b);
    TLSF_ASSERT(kept <= t->request_max);
    void *payload = tlsf_memalign(t, align, bytes);
    if (payload == NULL) {
        return NULL;
    }
    memmove(payload, block_payload(b), kept < bytes ? kept : bytes);
    return block_move_end(t, b, payload);
}

/* Lets b, which has no room in place, grow to size n. */
static void *block_grow_elsewhere(control *t, block *b, outer_size n, size_t bytes) {
    TLSF_ASSERT(block_room(b) < n);
    if (block_is_previous_free(b)) {
        const outer_size room = block_room_both_ways(b);
        if (!verify_search(t, n)) {
            return NULL;
        }
        if (block_slides_rather(t, room, n)) {
            return verify_slide_back(t, b, room, n) ? block_slide_back(t, b, room, n, bytes) : NULL;
        }
    }
    return block_move(t, b, GRANULE, bytes);
}

void *tlsf_realloc(tlsf_t t, void *ptr, size_t bytes) {
    return tlsf_realloc_aligned(t, ptr, GRANULE, bytes);
}

void *tlsf_realloc_aligned(tlsf_t handle, void *ptr, size_t align, size_t bytes) {
    if (ptr == NULL) {
        return tlsf_memalign(handle, align, bytes);
    }
    if (!align_is_valid(align)) {
        return request_failed(control_of(handle), bytes, align);
    }
    if (bytes == 0) {
        tlsf_free(handle, ptr);
        return NULL;
    }
    ENTER_HEAP(t, handle);
    block *b = block_of_payload(ptr);
    if (!verify_live(t, ptr) || !verify_coalescing(t, b)) {
        return NULL;
    }
    if (bytes > t->request_max) {
        return request_failed(t, bytes, align);
    }
    const outer_size n = size_for_request(bytes);
    const bool is_aligned = align <= GRANULE || ((uintptr_t)ptr & (align - 1)) == 0;
    if (is_aligned && block_room(b) >= n) {
        return verify_resize(t, b, n) ? block_resize(t, b, n, bytes) : NULL;
    }
    return align <= GRANULE ? block_grow_elsewhere(t, b, n, bytes) : block_move(t, b, align, bytes);
}
