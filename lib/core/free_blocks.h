/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All free blocks of a heap: the lists, and the pending block.
 *
 *     free or split                      next free or split
 *     ------------->  pending block  ------------------------->  list of its class
 *                          |                                            |
 *                          +------------------> request <---------------+
 *
 * The last free or split leaves its block outside the lists, until the next one takes its place.
 * Real loads spend most of their list work on a block that the very next call takes back. With
 * TLSF_PENDING 0, every free block goes into its list at once.
 *
 * A request asks in this order:
 *
 *   1. a small one, the list of its very size;
 *   2. a small one, the pending block if it is a victim: what a small request left over, or that
 *      merged with a freed block. So small blocks that are allocated one after the other lie side
 *      by side. To cut them from any pending block would break up large ones;
 *   3. the lowest class whose blocks hold it, and the pending block. The smaller one serves.
 *
 * A small block that is freed between two used ones goes into the list of its size at once, where
 * the next request of that size finds it.
 */
#ifndef TLSF_FREE_BLOCKS_H
#define TLSF_FREE_BLOCKS_H

#include "free_list.h"

/* ---- the pending block -------------------------------------------------------------- */

static inline bool pending_exists(const control *t) { return t->pending_header != 0; }

/* The header of a free block, of which `header` is what pending_header says. */
static inline header_word header_of_free(header_word header) {
    return header & ~(header_word)PENDING_VICTIM;
}

static inline bool block_is_pending(const control *t, const block *b) {
    return TLSF_PENDING && b == link_block(t, t->pending);
}

static inline void pending_set(control *t, block *b, header_word header) {
    TLSF_ASSERT(b->header == header_of_free(header));
    t->pending = link_of(t, b);
    if (HARDENING_CORRUPTION) {
        b->previous = b->next = link_null(t); /* no listed block has two empty links */
    }
    t->pending_header = header;
}

static inline void pending_clear(control *t) {
    t->pending = link_null(t);
    t->pending_header = 0;
}

/* Whether a small request for n cuts its block from the pending one. */
static inline bool victim_serves(const control *t, outer_size n) {
    return TLSF_PENDING && t->pending_header >= n && (t->pending_header & PENDING_VICTIM) != 0;
}

/* Whether the pending block serves a request for n better than b, which may not hold n. Of equal
 * ones either may. */
static inline bool pending_serves(const control *t, outer_size n, const block *b) {
    TLSF_ASSERT(pending_exists(t) == !link_is_null(t, t->pending));
    return TLSF_PENDING && t->pending_header >= n &&
           (!block_holds(b, n) || t->pending_header <= b->header);
}

/* Whether blocks of size n have a short way of their own: through the list of their very size.
 * Without a pending block the search finds that list as soon, and the question itself would
 * lengthen the worst case. */
static inline bool size_has_short_way(outer_size n) { return TLSF_PENDING && size_is_exact(n); }

/* Whether used block b goes into its list at once when it is freed: it is small and has no free
 * neighbour. */
static inline bool block_is_lone(const block *b) {
    return size_has_short_way(block_size(b)) && !block_is_previous_free(b) &&
           !block_is_free(block_next(b));
}

/* ---- put and remove ----------------------------------------------------------------- */

/* Makes b a free block with this header, and puts it into its list. */
static inline void free_blocks_list(control *t, block *b, header_word header) {
    TLSF_ASSERT(header >= BLOCK_MIN);
    block_write_free(b, header);
    list_insert(t, b, link_of(t, b), class_floor(header));
}

/* The same of a small block. */
static inline void free_blocks_list_exact(control *t, block *b, header_word header) {
    TLSF_ASSERT(header >= BLOCK_MIN && size_is_exact(header));
    block_write_free(b, header);
    list_insert(t, b, link_of(t, b), class_exact(header));
}

/* Makes b a free block, and makes it pending with this header, which says whether it is a victim.
 * The block that was pending goes into its list. */
static inline void free_blocks_put(control *t, block *b, header_word header) {
    if (!TLSF_PENDING) {
        free_blocks_list(t, b, header);
        return;
    }
    if (pending_exists(t)) {
        TLSF_ASSERT(link_block(t, t->pending)->header == header_of_free(t->pending_header));
        list_insert(t, link_block(t, t->pending), t->pending, class_floor(t->pending_header));
    }
    TLSF_ASSERT(!pending_exists(t) || link_block(t, t->pending) != b);
    block_write_free(b, header_of_free(header));
    pending_set(t, b, header);
}

/* Takes b out of the free blocks.
 * Returns PENDING_VICTIM if it was a victim, else 0. */
static inline header_word free_blocks_remove(control *t, const block *b) {
    TLSF_ASSERT(block_is_free(b));
    if (block_is_pending(t, b)) {
        const header_word victim = t->pending_header & PENDING_VICTIM;
        pending_clear(t);
        return victim;
    }
    list_remove(t, b);
    return 0;
}

/* ---- search ------------------------------------------------------------------------- */

/* What serves a request: a block, which is pending or in the list of a class. If the block does not
 * hold the request, nothing serves it. */
typedef struct {
    block *found;
    header_word header; /* of that block. Of the pending one, what the control structure says */
    size_t size_class;  /* CLASS_NONE: it is pending */
} choice;

static inline choice choose_pending(const control *t) {
    const choice pending = {link_block(t, t->pending), header_of_free(t->pending_header),
                            CLASS_NONE};
    return pending;
}

static inline bool choice_is_pending(choice c) {
    return TLSF_PENDING && c.size_class == CLASS_NONE;
}

static inline choice choose_listed(const control *t, size_t size_class, outer_size n) {
    block *b = list_look(t, size_class, n);
    const choice listed = {b, b->header, size_class};
    return listed;
}

/* The best fit for n among classes above `below` and the pending block. If no class above has a
 * block, one of `below` may hold n. */
static inline choice free_blocks_search(const control *t, size_t below, outer_size n) {
    const size_t above = list_search_above(t, below);
    const choice listed = choose_listed(t, above == CLASS_NONE ? below : above, n);
    return pending_serves(t, n, listed.found) ? choose_pending(t) : listed;
}

/* The best fit for n, in the order of tlsf_malloc. */
static inline choice free_blocks_choose(const control *t, outer_size n) {
    TLSF_ASSERT(n >= BLOCK_MIN);
    if (!size_has_short_way(n)) {
        return free_blocks_search(t, class_floor(n - 1), n);
    }
    const size_t exact = class_exact(n);
    if (!list_is_empty(t, exact)) {
        return choose_listed(t, exact, n);
    }
    return victim_serves(t, n) ? choose_pending(t) : free_blocks_search(t, exact, n);
}

static inline bool choice_holds(choice c, outer_size n) { return c.header >= n; }

/* Takes the chosen block out of the free blocks. */
static inline void free_blocks_take(control *t, choice c) {
    if (choice_is_pending(c)) {
        pending_clear(t);
    } else {
        list_take(t, c.size_class, c.found);
    }
}

#endif
