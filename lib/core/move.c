/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A realloc in two halves, between which the caller copies: what tlsf_realloc_aligned does, except
 * that nothing here takes time linear in a block. What lies there before, between and after:
 *
 *               backwards                        elsewhere
 *               | free | b     | free |          | b    | ...  | free        |
 *     begin     | used          |free |          | b    | ...  | used | free |
 *     end       | used    | free      |          | free | ...  | used | free |
 *
 * Between the halves the heap is like any other, and serves other calls.
 */
#include "hardening_1_caller.h"
#include "hardening_2_corruption.h"
#include "split_merge.h"

/* Takes a new block for the first half of a move of b to it. Both blocks are live then. */
static inline void *block_move_begin(control *t, const block *b, size_t align, size_t bytes) {
    if (!verify_move(t, b, memalign_room(t, align, bytes))) {
        return NULL;
    }
    TLSF_ASSERT(block_payload_bytes(b) <= t->request_max);
    return tlsf_memalign(t, align, bytes);
}

/* Lets b begin to slide back into the room, to grow to size n. */
static void *block_slide_begin(control *t, block *b, outer_size room, outer_size n) {
    const outer_size content_end = block_previous_size(b) + block_size(b);
    const outer_size joined = size_larger(n, content_end);
    return verify_slide_back(t, b, room, joined) ? block_join_back(t, b, room, joined) : NULL;
}

/* Lets b, which cannot change its size in place, begin to move. A realloc in place that contained
 * this would save more registers. */
static RARE void *block_leave(control *t, block *b, size_t align, size_t bytes, tlsf_move_t *move) {
    const outer_size n = size_for_request(bytes);
    const outer_size room = block_room_both_ways(b);
    const bool can_slide = align <= GRANULE && block_is_previous_free(b);
    const size_t kept = block_payload_bytes(b);
    if (can_slide && !verify_search(t, n)) {
        return NULL;
    }
    move->slides = can_slide && block_slides_rather(t, room, n);
    move->from = block_payload(b);
    move->bytes = kept < bytes ? kept : bytes;
    move->request = bytes;
    move->to =
        move->slides ? block_slide_begin(t, b, room, n) : block_move_begin(t, b, align, bytes);
    return move->to;
}

void *tlsf_realloc_begin(tlsf_t handle, void *ptr, size_t align, size_t bytes, tlsf_move_t *move) {
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
    return block_leave(t, b, align, bytes, move);
}

void *tlsf_realloc_end(tlsf_t handle, const tlsf_move_t *move) {
    ENTER_HEAP(t, handle);
    block *b = block_of_payload(move->to);
    if (!move->slides) {
        return block_move_end(t, block_of_payload(move->from), move->to);
    }
    const outer_size n = size_for_request(move->request);
    if (verify_live(t, move->to) && verify_coalescing(t, b) && verify_resize(t, b, n)) {
        block_join_end(t, b, n, move);
    }
    return move->to;
}
