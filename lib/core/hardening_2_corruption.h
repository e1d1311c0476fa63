/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening 2, corruption: whether the sizes, links and bits that a request will use are sound.
 * The checks come before the first use, so a fault that they find has changed nothing. They read
 * nothing outside the control structure and the span of the pools, whatever these hold.
 *
 * The upper part asks: `..._is_sound` and its like are predicates. The lower part acts:
 * `verify_...` calls the fault hook if a predicate fails. Below level 2 it returns true at once.
 * The checks of level 1, verify_live, verify_exact, verify_choice and verify_refusal, are in the
 * file of that level, and those of pools in hardening_pools.h.
 *
 *     public call                      asks, in this order
 *     tlsf_malloc                      verify_search
 *     tlsf_memalign                    verify_search, verify_list, verify_rest
 *     tlsf_free                        verify_release; verify_release_lone of a small block
 *                                    without a free neighbour
 *     tlsf_realloc, in place           verify_coalescing, verify_resize
 *     ... back into the block before   verify_coalescing, verify_search, verify_slide_back
 *     ... to another block             verify_coalescing, verify_search, verify_move; then those of
 *                                      tlsf_memalign and tlsf_free
 *     tlsf_largest, tlsf_stats         verify_largest
 */
#ifndef TLSF_HARDENING_2_CORRUPTION_H
#define TLSF_HARDENING_2_CORRUPTION_H

#include "free_blocks.h"
#include "hardening_3_debugging.h"

/* ---- the control structure ---------------------------------------------------------- */

/* Invariant 1 of tlsf.h: the plan agrees with the classes that have heads, and the null block is
 * empty. */
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

/* Whether the span has room for a free block at b. */
static inline bool block_fits_span(const control *t, const block *b) {
    return block_is_in_span(t, b) && size_is_in_span(t, b, BLOCK_MIN);
}

/* Whether `next` is the empty link, or names a block whose `previous` is `link`. */
static inline bool link_is_followed_by(const control *t, block_link link, block_link next) {
    const block *b = link_block(t, next);
    return link_is_null(t, next) || (list_class_of_slot(t, next) > t->class_end &&
                                     block_fits_span(t, b) && b->previous == link);
}

/* Whether the heap has the class, and its list's first block links back to its slot. No free
 * block links to a slot below CLASS_FIRST, where only a corrupted bit leads. */
static inline bool list_head_is_sound(const control *t, size_t size_class) {
    return size_class < t->class_end &&
           link_is_followed_by(t, list_slot_link(t, size_class), list_slot(t, size_class)->next);
}

/* Whether b's links lead to its neighbours in the list of its class, and theirs lead to b. */
static inline bool list_links_are_sound(const control *t, const block *b) {
    const block_link link = link_of(t, b);
    const block *before = link_block(t, b->previous);
    const size_t size_class = list_class_of_slot(t, b->previous);
    const bool is_first = size_class < t->class_end;
    return (is_first ? b->previous == list_slot_link(t, class_floor(b->header))
                     : block_fits_span(t, before)) &&
           before->next == link && link_is_followed_by(t, link, b->next);
}

/* ---- free blocks -------------------------------------------------------------------- */

/* Whether b matches the pending fields of the control structure. From level 2 on, empty links show
 * that b is not a listed block of the same size. */
static inline bool pending_agrees(const control *t, const block *b) {
    return header_of_free(t->pending_header) == b->header &&
           (!HARDENING_CORRUPTION || (link_is_null(t, b->previous) && link_is_null(t, b->next)));
}

/* Whether b is a free block: coalesced, marked in the block behind it, and pending or listed. */
static inline bool free_block_is_whole(const control *t, const block *b) {
    if (!block_fits_span(t, b) || !block_is_free(b) || block_is_previous_free(b) ||
        !free_block_is_sound(t, b) || !block_is_previous_free(block_next(b))) {
        return false;
    }
    const bool is_pending = b == link_block(t, t->pending);
    return is_pending ? pending_agrees(t, b) : list_links_are_sound(t, b);
}

/* Whether b, which a list names, is a free block or the null block. */
static inline bool listed_block_is_whole_or_null(const control *t, const block *b) {
    return b == &t->null || free_block_is_whole(t, b);
}

/* Whether there is no pending block, or it can go into its list. */
static inline bool pending_is_sound(const control *t) {
    if (link_is_null(t, t->pending)) {
        return t->pending_header == 0;
    }
    return free_block_is_whole(t, link_block(t, t->pending)) &&
           list_head_is_sound(t, class_floor(t->pending_header));
}

/* Whether free_blocks_put can take a block of size n. Sizes below BLOCK_MIN have a list, too; it is
 * empty. */
static inline bool free_blocks_can_put(const control *t, outer_size n) {
    return TLSF_PENDING ? pending_is_sound(t) : list_head_is_sound(t, class_floor(n));
}

/* ---- the search --------------------------------------------------------------------- */

/* Whether a first-level bit names a row of the second level that is not 0. */
static inline bool row_is_sound(const control *t, size_t row) {
    return row < ROW_COUNT && t->second_level[row] != 0;
}

/* Whether the search has no row above the class's own to go to, or that row is sound. */
static inline bool first_level_is_sound(const control *t, size_t size_class) {
    const uint32_t rows = t->first_level & (UINT32_MAX - 1) << class_row(size_class);
    return rows == 0 || row_is_sound(t, bits_first_set(rows));
}

/* Moves *b to the next block of its list, unless a block before was not sound. Returns whether all
 * are sound. */
static inline bool list_next_is_sound(const control *t, const block **b, bool is_sound) {
    if (!is_sound) {
        return false;
    }
    *b = link_block(t, (*b)->next);
    return listed_block_is_whole_or_null(t, *b);
}

/* Whether everything that list_look reads is sound. */
static inline bool list_ahead_is_sound(const control *t, size_t size_class) {
    if (!list_head_is_sound(t, size_class)) {
        return false;
    }
    const block *b = list_first(t, size_class);
    bool is_sound = listed_block_is_whole_or_null(t, b);
    LOOK_AHEAD(is_sound = list_next_is_sound(t, &b, is_sound));
    return is_sound;
}

/* The same, for a list whose bit says that it is not empty. */
static inline bool marked_list_is_sound(const control *t, size_t size_class) {
    return list_ahead_is_sound(t, size_class) && !list_is_empty(t, size_class);
}

/* Whether everything that free_blocks_choose(t, n) reads is sound. */
static inline bool search_is_sound(const control *t, outer_size n) {
    if (!control_is_sound(t) || !pending_is_sound(t) ||
        (size_has_short_way(n) && !list_ahead_is_sound(t, class_of_small(n)))) {
        return false;
    }
    const size_t below = size_has_short_way(n) ? class_of_small(n) : class_floor(n - 1);
    if (!first_level_is_sound(t, below)) {
        return false;
    }
    const size_t size_class = list_search_above(t, below);
    return size_class == CLASS_NONE ? list_ahead_is_sound(t, below)
                                    : marked_list_is_sound(t, size_class);
}

/* Whether everything that tlsf_largest reads is sound. */
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

/* ---- requests ----------------------------------------------------------------------- */

/* Whether the control structure lies outside b, and b's free neighbours are whole. */
static inline bool neighbours_are_sound(const control *t, const block *b) {
    const block *next = block_next(b);
    return (uintptr_t)t - (uintptr_t)b >= size_bytes(block_size(b)) &&
           (!block_is_free(next) || free_block_is_whole(t, next)) &&
           (!block_is_previous_free(b) || free_block_is_whole(t, block_previous(b)));
}

static inline bool blocks_are_apart(const block *a, const block *b) {
    return (uintptr_t)a - (uintptr_t)b >= size_bytes(block_size(b)) &&
           (uintptr_t)b - (uintptr_t)a >= size_bytes(block_size(a));
}

/* ---- the checks: each returns false after a call of the fault hook -------------------- */

/* Before the first n of free block b are handed out, at level 3. */
static inline bool verify_fill(control *t, const block *b, outer_size n) {
    const bool is_intact = fill_is_intact(b, n);
    if (!is_intact) {
        tlsf_report_fault(t, block_payload(b), TLSF_FAULT_WRITE_AFTER_FREE);
    }
    return is_intact;
}

/* Before a search for n, and before the rest of the block that it finds goes back, now or when the
 * next free takes the pending place. The caller searches again, so no result has to be kept. */
static inline bool verify_search(control *t, outer_size n) {
    if (!HARDENING_CORRUPTION) {
        return true;
    }
    if (!verify(t, &t->null, search_is_sound(t, n))) {
        return false;
    }
    const block *b = free_blocks_choose(t, n).found;
    if (!block_holds(b, n)) {
        return true;
    }
    const bool is_sound = list_head_is_sound(t, class_floor(size_rest(n, b->header)));
    return verify(t, b, is_sound) && verify_fill(t, b, n);
}

/* Before n of b are freed. */
static inline bool verify_put(control *t, const block *b, outer_size n) {
    return !HARDENING_CORRUPTION || verify(t, b, free_blocks_can_put(t, n));
}

/* Before the largest free block is looked up. */
static inline bool verify_largest(control *t) {
    return !HARDENING_CORRUPTION || verify(t, &t->null, largest_is_sound(t));
}

/* Before n of b go into their list. n may be 0. */
static inline bool verify_list(control *t, const block *b, outer_size n) {
    return !HARDENING_CORRUPTION || verify(t, b, list_head_is_sound(t, class_floor(n)));
}

/* Before what a request for n leaves of the room goes into its list. */
static inline bool verify_rest(control *t, const block *b, outer_size n, header_word room) {
    return verify_list(t, b, size_rest(n, room));
}

/* Before live block b is coalesced with its neighbours. */
static inline bool verify_coalescing(control *t, const block *b) {
    return !HARDENING_CORRUPTION || verify(t, b, control_is_sound(t) && neighbours_are_sound(t, b));
}

/* The same, and before the merged block is freed. */
static inline bool verify_release(control *t, const block *b) {
    if (!verify_coalescing(t, b)) {
        return false;
    }
    return verify_put(t, b, block_room_both_ways(b));
}

/* Before small live block b, which has no free neighbour, is freed. */
static inline bool verify_release_lone(control *t, const block *b) {
    return verify_coalescing(t, b) && verify_list(t, b, block_size(b));
}

/* Before b grows to n into the free block behind it, at level 3. */
static inline bool verify_growth(control *t, const block *b, outer_size n) {
    if (!HARDENING_DEBUGGING) {
        return true;
    }
    const block *next = block_next(b);
    return !block_is_free(next) || n <= block_size(b) || verify_fill(t, next, n - block_size(b));
}

/* Before b changes its size to n in place. */
static inline bool verify_resize(control *t, const block *b, outer_size n) {
    return verify_put(t, b, size_rest(n, block_room(b))) && verify_growth(t, b, n);
}

/* Before b slides back into the free block before it and gets the size n; b and its free neighbours
 * have `room`. */
static inline bool verify_slide_back(control *t, const block *b, outer_size room, outer_size n) {
    if (!HARDENING_CORRUPTION) {
        return true;
    }
    return verify(t, b, list_head_is_sound(t, class_floor(size_rest(n, room)))) &&
           (!HARDENING_DEBUGGING || (verify_fill(t, block_previous(b), block_previous_size(b)) &&
                                     verify_growth(t, b, room)));
}

/* Before live block b moves to the block that a search for n finds. That block must lie outside b.
 * If n is 0, there is no search. */
static inline bool verify_move(control *t, const block *b, outer_size n) {
    if (!HARDENING_CORRUPTION) {
        return true;
    }
    if (size_has_short_way(block_size(b)) && !verify_list(t, b, block_size(b))) {
        return false; /* b may be freed without a free neighbour */
    }
    return verify_put(t, b, block_room_both_ways(b)) &&
           (n == 0 || (verify_search(t, n) &&
                       verify(t, b, blocks_are_apart(b, free_blocks_choose(t, n).found))));
}

#endif
