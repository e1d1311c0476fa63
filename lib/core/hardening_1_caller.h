/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening 1, the caller's mistakes: what O(1) checks can find out about a pointer that the caller
 * passes as a live block, and about free blocks that the caller may have written to. They read
 * nothing outside the control structure and the span of the pools, whatever the pointer, the
 * headers and the links hold.
 */
#ifndef TLSF_HARDENING_1_CALLER_H
#define TLSF_HARDENING_1_CALLER_H

#include "free_blocks.h"
#include "hardening_3_debugging.h"
#include "trace.h"

/* ---- headers ------------------------------------------------------------------------ */

/* Whether b's header can be that of a block or of an end marker. */
static inline bool header_is_plausible(const control *t, const block *b) {
    const outer_size n = block_size(b);
    return (n >= BLOCK_MIN && size_is_in_span(t, b, n)) || block_is_end(b);
}

/* Whether b, which follows a used block, is an end marker, or is used and fits the header behind
 * it. */
static inline bool used_block_is_sound(const control *t, const block *b) {
    if (block_is_previous_free(b) || !header_is_plausible(t, b)) {
        return false;
    }
    if (block_is_end(b)) {
        return true;
    }
    const block *next = block_next(b);
    if (block_is_previous_free(next)) {
        return false;
    }
    return block_is_free(next) ? free_block_is_sound(t, next) : header_is_plausible(t, next);
}

/* Whether the block before b, which b says is free, has the same size at both ends. */
static inline bool previous_is_sound(const control *t, const block *b) {
    return block_previous_size(b) <= ((uintptr_t)b - t->span_begin) / SIZE_UNIT &&
           block_previous(b)->header == block_footer_before(b);
}

/* ---- free blocks before they leave their lists -------------------------------------- */

/* Whether a link can name a free block. The control structure may lie between two pools, and so in
 * the span: no block lies there. */
static inline bool link_can_name_block(const control *t, block_link link) {
    return list_class_of_slot(t, link) > t->class_end && link_is_in_span(t, link);
}

static inline bool list_successor_agrees(const control *t, const block *b) {
    return link_is_null(t, b->next) ||
           (link_can_name_block(t, b->next) && link_block(t, b->next)->previous == link_of(t, b));
}

static inline bool list_predecessor_agrees(const control *t, const block *b) {
    const size_t size_class = list_class_of_slot(t, b->previous);
    const bool is_first = size_class < t->class_end && b->previous == list_slot_link(t, size_class);
    return (is_first || link_can_name_block(t, b->previous)) &&
           link_block(t, b->previous)->next == link_of(t, b);
}

/* Whether b is pending, or both of its neighbours in the list name it. From level 2 on,
 * verify_coalescing asks more. */
static inline bool free_block_can_leave(const control *t, const block *b) {
    return HARDENING_CORRUPTION || block_is_pending(t, b) ||
           (list_predecessor_agrees(t, b) && list_successor_agrees(t, b));
}

/* ---- a live block and its neighbours ------------------------------------------------- */

/* Whether ptr can be a live block, as far as its own header shows. */
static inline bool header_is_live(const control *t, const void *ptr) {
    const block *b = block_of_payload(ptr);
    return block_is_in_span(t, b) && !block_is_free(b) && block_size(b) >= BLOCK_MIN &&
           size_is_in_span(t, b, block_size(b));
}

/* Whether what b says of the block before it is true, and that block can leave its list if it is
 * free. */
static inline bool previous_is_ready(const control *t, const block *b) {
    return !block_is_previous_free(b) ||
           (previous_is_sound(t, b) && free_block_can_leave(t, block_previous(b)));
}

/* Whether `next`, which follows a used block, is one or an end marker, or is free and can leave its
 * list. */
static inline bool next_is_ready(const control *t, const block *next) {
    return block_is_free(next) ? free_block_is_sound(t, next) && free_block_can_leave(t, next)
                               : used_block_is_sound(t, next);
}

/* Whether b's neighbours agree that it is a live block, and can be merged with it. A merge begins
 * with the next block, so that compilers ask about it once. */
static inline bool neighbours_are_ready(const control *t, const block *b) {
    return previous_is_ready(t, b) && next_is_ready(t, block_next(b));
}

/* The same, as far as headers show. */
static inline bool neighbours_agree(const control *t, const block *b) {
    const block *next = block_next(b);
    return (!block_is_previous_free(b) || previous_is_sound(t, b)) &&
           (block_is_free(next) ? free_block_is_sound(t, next) : used_block_is_sound(t, next));
}

/* ---- what a request has chosen ------------------------------------------------------- */

/* Whether a request can take what it has chosen. Of the pending block it uses nothing but what the
 * control structure says. Without a look-ahead, a listed block is the first of its list, and its
 * link to the slot is not used. */
static inline bool choice_is_sound(const control *t, choice c) {
    return choice_is_pending(c) || (free_block_is_sound(t, c.found) &&
                                    (TLSF_LOOK_AHEAD == 1 || list_predecessor_agrees(t, c.found)) &&
                                    list_successor_agrees(t, c.found));
}

/* ---- the checks: each returns false after a call of the fault hook -------------------- */

/* Before a small request for n takes the first block of the list of its size. From level 2 on,
 * verify_search has checked more. */
static inline bool verify_exact(control *t, const block *b, outer_size n) {
    return !HARDENING_CALLER || HARDENING_CORRUPTION ||
           verify(t, b, b->header == (n | BLOCK_FREE) && list_successor_agrees(t, b));
}

/* Before a request takes what it has chosen. */
static inline bool verify_choice(control *t, choice c) {
    return !HARDENING_CALLER || HARDENING_CORRUPTION || verify(t, c.found, choice_is_sound(t, c));
}

/* Before a request for n fails: a block of a class that holds n is smaller. */
static inline bool verify_refusal(control *t, choice c, outer_size n) {
    return !HARDENING_CALLER || HARDENING_CORRUPTION ||
           verify(t, c.found, list_is_empty(t, c.size_class) || c.size_class < class_ceil(n));
}

/* Reports ptr to the fault hook, unless `is_live`. */
static inline bool verify_pointer(control *t, const void *ptr, bool is_live) {
    if (!is_live) {
        tlsf_report_fault(t, ptr, 0);
    }
    return is_live;
}

/* Whether ptr is a live block, as far as its own header shows. */
static inline bool verify_header(control *t, const void *ptr) {
    return !HARDENING_CALLER || verify_pointer(t, ptr, header_is_live(t, ptr));
}

/* Whether b, whose header is plausible, is a live block that was not overrun. */
static inline bool verify_around(control *t, const block *b) {
    return !HARDENING_CALLER ||
           verify_pointer(t, block_payload(b),
                          neighbours_are_ready(t, b) && block_is_untouched(t, b));
}

/* The same of a block whose neighbours are both used. */
static inline bool verify_around_lone(control *t, const block *b) {
    return !HARDENING_CALLER ||
           verify_pointer(t, block_payload(b),
                          used_block_is_sound(t, block_next(b)) && block_is_untouched(t, b));
}

/* Both. */
static inline bool verify_live(control *t, const void *ptr) {
    return verify_header(t, ptr) && verify_around(t, block_of_payload(ptr));
}

/* Ends a move: frees b, whose content was copied to the block `payload`. If the free reports a
 * fault, b stays live, and the copy is given back.
 * Returns the payload; NULL after a fault. */
static inline void *block_move_end(control *t, const block *b, void *payload) {
    trace_moves(t, block_payload(b), payload);
    tlsf_free(t, block_payload(b));
    if (HARDENING_CALLER && !block_is_free(b)) {
        tlsf_free(t, payload);
        return NULL;
    }
    return payload;
}

#endif
