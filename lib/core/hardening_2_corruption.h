/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening 2: whether the sizes, links and bits that a request is about to use are sound. Asked
 * before the first of them is used, so that what is found has changed nothing. Nothing outside the
 * control structure and the span of the pools is read, whatever they hold.
 */
#ifndef TLSF_CORRUPTION_H
#define TLSF_CORRUPTION_H

#include "hardening_1_caller.h"
#include "split_merge.h"

/* ---- the control structure ---------------------------------------------------------- */

/* Whether the plan and the classes with heads agree, and the null block is as it ought to be:
 * invariant 1 of tlsf.h. */
static inline bool control_is_sound(const control *t) {
    if (t->request_max > size_inner_bytes(OUTER_SIZE_MAX)) {
        return false;
    }
    const outer_size largest = size_for_request(t->request_max);
    return t->request_max == size_inner_bytes(largest) &&
           t->class_end == class_floor(largest) + 1 && t->null.header == 0 &&
           link_is_null(t, t->null.next);
}

/* ---- links -------------------------------------------------------------------------- */

/* Whether there is room in the span for a free block at b. */
static inline bool block_fits_span(const control *t, const block *b) {
    return block_is_in_span(t, b) && size_is_in_span(t, b, BLOCK_MIN);
}

/* Whether `next` is the empty link, or names a block that has `link` as its previous one. */
static inline bool link_is_followed_by(const control *t, block_link link, block_link next) {
    const block *b = link_block(t, next);
    return link_is_null(t, next) || (block_fits_span(t, b) && b->previous == link);
}

/* Whether list `class` is one of the heap's, and its first block knows it. Below CLASS_FIRST, where
 * only a corrupted bit leads, no free block knows the slot. */
static inline bool list_head_is_sound(const control *t, size_t class) {
    return class < t->class_end &&
           link_is_followed_by(t, list_slot_link(t, class), list_slot(t, class)->next);
}

/* Whether b's links lead to its neighbours in the list of its class, and theirs to b. */
static inline bool list_links_are_sound(const control *t, const block *b) {
    const block_link link = link_of(t, b);
    const block *before = link_block(t, b->previous);
    const size_t class = list_class_of_slot(t, b->previous);
    const bool is_first = class < t->class_end;
    return (is_first ? b->previous == list_slot_link(t, class_floor(b->header))
                     : block_fits_span(t, before)) &&
           before->next == link && link_is_followed_by(t, link, b->next);
}

/* ---- free blocks -------------------------------------------------------------------- */

/* Whether b, which is said to be the pending block, is, and not a listed one like it: from level 2
 * on its links tell. */
static inline bool pending_agrees(const control *t, const block *b) {
    return t->pending_header == b->header && t->pending_class == class_floor(b->header) &&
           (!HARDENING_CORRUPTION || (link_is_null(t, b->previous) && link_is_null(t, b->next)));
}

/* Whether b is a free block: coalesced, known to the block behind it, and pending or listed. */
static inline bool free_block_is_whole(const control *t, const block *b) {
    if (!block_fits_span(t, b) || !block_is_free(b) || block_is_previous_free(b) ||
        !free_block_is_sound(t, b) || !block_is_previous_free(block_next(b))) {
        return false;
    }
    const bool is_pending = b == link_block(t, t->pending);
    return is_pending ? pending_agrees(t, b) : list_links_are_sound(t, b);
}

/* Whether b, which a list names as one that knows the link before it, is a free block, or the null
 * block. The pending block knows none. */
static inline bool listed_block_is_whole_or_null(const control *t, const block *b) {
    return b == &t->null || free_block_is_whole(t, b);
}

/* Whether there is no pending block, or one that can go into its list. */
static inline bool pending_is_sound(const control *t) {
    if (link_is_null(t, t->pending)) {
        return t->pending_header == 0 && t->pending_class == 0;
    }
    return free_block_is_whole(t, link_block(t, t->pending)) &&
           list_head_is_sound(t, t->pending_class);
}

/* Whether a block of this size can be put to the free ones. What is too small for a block has a
 * list too, which is empty. */
static inline bool free_blocks_can_put(const control *t, outer_size n) {
    return TLSF_PENDING ? pending_is_sound(t) : list_head_is_sound(t, class_floor(n));
}

/* ---- the search --------------------------------------------------------------------- */

/* Whether a row of the first level is one of the second, with a list in it. */
static inline bool row_is_sound(const control *t, size_t row) {
    return row < ROW_COUNT && t->second_level[row] != 0;
}

/* Whether there is no row for the search to go on to, or it is sound. */
static inline bool first_level_is_sound(const control *t, size_t class) {
    const uint32_t rows = t->first_level & (UINT32_MAX - 1) << class_row(class);
    return rows == 0 || row_is_sound(t, bits_first_set(rows));
}

/* Whether what list_look goes through is sound. */
static inline bool list_ahead_is_sound(const control *t, size_t class) {
    if (!list_head_is_sound(t, class)) {
        return false;
    }
    const block *b = list_first(t, class);
    bool is_sound = listed_block_is_whole_or_null(t, b);
    if (TLSF_LOOK_AHEAD >= 2 && is_sound) {
        b = link_block(t, b->next);
        is_sound = listed_block_is_whole_or_null(t, b);
    }
    if (TLSF_LOOK_AHEAD >= 3 && is_sound) {
        b = link_block(t, b->next);
        is_sound = listed_block_is_whole_or_null(t, b);
    }
    if (TLSF_LOOK_AHEAD >= 4 && is_sound) {
        b = link_block(t, b->next);
        is_sound = listed_block_is_whole_or_null(t, b);
    }
    return is_sound;
}

/* The same of a list whose bit says that it is not empty. */
static inline bool marked_list_is_sound(const control *t, size_t class) {
    return list_ahead_is_sound(t, class) && !list_is_empty(t, class);
}

/* Whether what free_blocks_find(t, n) reads is sound. */
static inline bool search_is_sound(const control *t, outer_size n) {
    const size_t below = class_floor(n - 1);
    if (!control_is_sound(t) || !first_level_is_sound(t, below) || !pending_is_sound(t)) {
        return false;
    }
    const size_t class = list_search_above(t, below);
    return class == CLASS_NONE ? list_ahead_is_sound(t, below) : marked_list_is_sound(t, class);
}

/* Whether what tlsf_largest reads is sound. */
static inline bool largest_is_sound(const control *t) {
    if (!control_is_sound(t) || !pending_is_sound(t)) {
        return false;
    }
    if (t->first_level == 0) {
        return true;
    }
    const size_t row = bits_last_set(t->first_level);
    return row_is_sound(t, row) &&
           marked_list_is_sound(t, row * CLASSES_PER_ROW + bits_last_set(t->second_level[row]));
}

/* ---- the list of pools -------------------------------------------------------------- */

/* Whether a link of the list names its anchor, or what lies where a descriptor can. */
static inline bool pool_link_is_sound(const control *t, block_link link) {
    const pool_descriptor *descriptor = pool_linked(t, link);
    return descriptor == &t->pools ||
           block_is_in_span(t, pool_first_block(pool_of_descriptor(descriptor)));
}

/* Whether the first link of the list names the anchor, or a pool that has it as its previous one. */
static inline bool pool_list_begin_is_sound(const control *t) {
    return pool_link_is_sound(t, t->pools.next) &&
           pool_linked(t, t->pools.next)->previous == pool_link(t, &t->pools);
}

/* Whether a pool can be appended to the list. */
static inline bool pool_list_can_append(const control *t) {
    return pool_link_is_sound(t, t->pools.previous) &&
           pool_linked(t, t->pools.previous)->next == pool_link(t, &t->pools);
}

/* Whether the pool's links lead to its neighbours in the list, and theirs to it. */
static inline bool pool_links_are_sound(const control *t, const pool_descriptor *descriptor) {
    const block_link link = pool_link(t, descriptor);
    return pool_link_is_sound(t, descriptor->next) &&
           pool_linked(t, descriptor->next)->previous == link &&
           pool_link_is_sound(t, descriptor->previous) &&
           pool_linked(t, descriptor->previous)->next == link;
}

/* ---- requests ----------------------------------------------------------------------- */

/* Whether the control structure is elsewhere than in b, and b's free neighbours are whole. */
static inline bool neighbours_are_sound(const control *t, const block *b) {
    const block *next = block_next(b);
    return (uintptr_t)t - (uintptr_t)b >= size_bytes(block_size(b)) &&
           (!block_is_free(next) || free_block_is_whole(t, next)) &&
           (!block_is_previous_free(b) || free_block_is_whole(t, block_previous(b)));
}

/* The following say whether corruption stands in the way; then the hook was told. */

static inline bool corruption_is_reported(control *t, const block *b, bool is_sound) {
    if (!is_sound) {
        tlsf_report_fault(t, block_payload(b), TLSF_FAULT_CORRUPTION);
    }
    return !is_sound;
}

/* In the way of handing out the first n of free block b, at hardening 3. */
static inline bool fill_is_refused(control *t, const block *b, outer_size n) {
    const bool is_intact = fill_is_intact(b, n);
    if (!is_intact) {
        tlsf_report_fault(t, block_payload(b), TLSF_FAULT_WRITE_AFTER_FREE);
    }
    return !is_intact;
}

/* In the way of a search for n, and of putting back what is left of the block found: now, or when
 * the next free finds it pending. The search is made here, and again when its way is found sound:
 * then nothing of it has to be carried over. */
static inline bool search_is_refused(control *t, outer_size n) {
    if (!HARDENING_CORRUPTION) {
        return false;
    }
    if (corruption_is_reported(t, &t->null, search_is_sound(t, n))) {
        return true;
    }
    const block *b = free_blocks_find(t, n);
    if (!block_holds(b, n)) {
        return false;
    }
    const bool is_sound = list_head_is_sound(t, class_floor(b->header - n));
    return corruption_is_reported(t, b, is_sound) || fill_is_refused(t, b, n);
}

static inline bool blocks_are_apart(const block *a, const block *b) {
    return (uintptr_t)a - (uintptr_t)b >= size_bytes(block_size(b)) &&
           (uintptr_t)b - (uintptr_t)a >= size_bytes(block_size(a));
}

/* In the way of copying live block b to where a search for n leads, and not into b itself. n may be
 * 0: then no search will be made. */
static inline bool copy_is_refused(control *t, const block *b, outer_size n) {
    if (!HARDENING_CORRUPTION || n == 0) {
        return false;
    }
    if (search_is_refused(t, n)) {
        return true;
    }
    return corruption_is_reported(t, b, blocks_are_apart(b, free_blocks_find(t, n)));
}

/* In the way of making every pool one free block. */
static inline bool reset_is_refused(control *t) {
    if (!HARDENING_CORRUPTION) {
        return false;
    }
    const bool is_sound = control_is_sound(t) && pool_list_is_sound(t);
    return corruption_is_reported(t, &t->null, is_sound);
}

/* In the way of putting n of b to the free ones. */
static inline bool put_is_refused(control *t, const block *b, outer_size n) {
    return HARDENING_CORRUPTION && corruption_is_reported(t, b, free_blocks_can_put(t, n));
}

/* In the way of using the plan. */
static inline bool plan_is_refused(control *t) {
    return HARDENING_CORRUPTION && corruption_is_reported(t, &t->null, control_is_sound(t));
}

/* In the way of following the list's first link. */
static inline bool pool_list_is_refused(control *t) {
    return HARDENING_CORRUPTION && corruption_is_reported(t, &t->null, pool_list_begin_is_sound(t));
}

/* In the way of a new pool of size n, which the plan allows. */
static inline bool pool_is_refused(control *t, outer_size n) {
    if (!HARDENING_CORRUPTION) {
        return false;
    }
    const bool is_sound = pool_list_can_append(t) && free_blocks_can_put(t, n);
    return corruption_is_reported(t, &t->null, is_sound);
}

/* In the way of taking a pool, which is one free block, out of the heap. */
static inline bool pool_removal_is_refused(control *t, const pool_descriptor *descriptor,
                                           const block *first) {
    if (!HARDENING_CORRUPTION) {
        return false;
    }
    const bool is_sound =
        control_is_sound(t) && pool_links_are_sound(t, descriptor) && free_block_is_whole(t, first);
    return corruption_is_reported(t, first, is_sound);
}

/* In the way of putting n of b into their list. */
static inline bool list_is_refused(control *t, const block *b, outer_size n) {
    return HARDENING_CORRUPTION &&
           corruption_is_reported(t, b, list_head_is_sound(t, class_floor(n)));
}

/* In the way of letting b grow to n into the free blocks around it, at hardening 3. */
static inline bool growth_is_refused(control *t, const block *b, outer_size n) {
    if (!HARDENING_DEBUGGING) {
        return false;
    }
    const block *next = block_next(b);
    return block_is_free(next) && n > block_size(b) && fill_is_refused(t, next, n - block_size(b));
}

static inline bool growth_back_is_refused(control *t, const block *b, outer_size n) {
    return HARDENING_DEBUGGING && (fill_is_refused(t, block_previous(b), block_previous_size(b)) ||
                                   growth_is_refused(t, b, n));
}

/* In the way of coalescing live block b with its neighbours. */
static inline bool coalescing_is_refused(control *t, const block *b) {
    if (!HARDENING_CORRUPTION) {
        return false;
    }
    const bool is_sound = control_is_sound(t) && neighbours_are_sound(t, b);
    return corruption_is_reported(t, b, is_sound);
}

/* In the way of doing so and putting the whole to the free ones. */
static inline bool release_is_refused(control *t, const block *b) {
    return coalescing_is_refused(t, b) || put_is_refused(t, b, block_room_both_ways(b));
}

#endif
