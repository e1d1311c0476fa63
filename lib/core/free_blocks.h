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
 * Real loads spend most of their list work on a block that the very next call takes back. The
 * search counts the pending block as the first of its class, so placement is still good fit. With
 * TLSF_PENDING 0, every free block goes into its list at once.
 */
#ifndef TLSF_FREE_BLOCKS_H
#define TLSF_FREE_BLOCKS_H

#include "free_list.h"

/* ---- the pending block -------------------------------------------------------------- */

/* Reads the class, because the list insertion that follows needs it anyway. */
static inline bool pending_exists(const control *t) { return t->pending_class != 0; }

static inline void pending_set(control *t, block *b, header_word header) {
    TLSF_ASSERT(b->header == header && (header & BLOCK_FREE) != 0);
    t->pending = link_of(t, b);
    if (HARDENING_CORRUPTION) {
        b->previous = b->next = link_null(t); /* no listed block has two empty links */
    }
    t->pending_header = header;
    t->pending_class = (uint32_t)class_floor(header);
}

static inline void pending_clear(control *t) {
    t->pending = link_null(t);
    t->pending_header = 0;
    t->pending_class = 0;
}

/* Whether the pending block serves a request for n as well as a listed block of the class does. */
static inline bool pending_serves(const control *t, outer_size n, size_t size_class) {
    TLSF_ASSERT(pending_exists(t) == !link_is_null(t, t->pending));
    return TLSF_PENDING && t->pending_class <= size_class && t->pending_header >= n;
}

/* ---- put and remove ----------------------------------------------------------------- */

/* Makes b a free block with this header, and puts it into its list. */
static inline void free_blocks_list(control *t, block *b, header_word header) {
    TLSF_ASSERT(header >= BLOCK_MIN);
    block_write_free(b, header);
    list_insert(t, b, link_of(t, b), class_floor(header));
}

/* Makes b a free block with this header, and makes it pending. The block that was pending goes into
 * its list. */
static inline void free_blocks_put(control *t, block *b, header_word header) {
    if (!TLSF_PENDING) {
        free_blocks_list(t, b, header);
        return;
    }
    if (pending_exists(t)) {
        TLSF_ASSERT(link_block(t, t->pending)->header == t->pending_header);
        list_insert(t, link_block(t, t->pending), t->pending, (size_t)t->pending_class);
    }
    TLSF_ASSERT(!pending_exists(t) || link_block(t, t->pending) != b);
    block_write_free(b, header);
    pending_set(t, b, header);
}

static inline void free_blocks_remove(control *t, const block *b) {
    TLSF_ASSERT(block_is_free(b));
    if (TLSF_PENDING && b == link_block(t, t->pending)) {
        pending_clear(t);
    } else {
        list_remove(t, b);
    }
}

/* ---- search ------------------------------------------------------------------------- */

/* Where a request is served: from the pending block, or from the list of a class. */
typedef struct {
    bool is_pending;
    size_t size_class;
} search_result;

/* The best fit for n, judged by classes alone. If no class is certain to fit, returns the class
 * below, where a block may. */
static inline search_result free_blocks_search(const control *t, outer_size n) {
    TLSF_ASSERT(n >= BLOCK_MIN);
    const size_t below = class_floor(n - 1);
    const size_t size_class = list_search_above(t, below);
    if (pending_serves(t, n, size_class)) {
        const search_result pending = {true, size_class};
        return pending;
    }
    const search_result listed = {false, size_class == CLASS_NONE ? below : size_class};
    return listed;
}

/* The best fit for n. Returns a block that is too small if there is none. */
static inline block *free_blocks_find(const control *t, outer_size n) {
    const search_result found = free_blocks_search(t, n);
    return found.is_pending ? link_block(t, t->pending) : list_look(t, found.size_class, n);
}

/* Takes the best fit for n out of the free blocks.
 * Returns NULL if there is none. */
static inline block *free_blocks_take(control *t, outer_size n) {
    const search_result found = free_blocks_search(t, n);
    if (!found.is_pending) {
        return list_take(t, found.size_class, n);
    }
    block *b = link_block(t, t->pending);
    TLSF_ASSERT(block_is_free(b) && block_holds(b, n));
    pending_clear(t);
    return b;
}

#endif
