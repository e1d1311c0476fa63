/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All free blocks of a heap: the lists, and the pending block.
 *
 * The free block that the last split or free produced is left out of the lists until another
 * takes its place: most of what a real load pays for is list work that its next call undoes.
 * For the search it counts as the first block of its class, so placement stays good fit.
 */
#ifndef TLSF_FREE_BLOCKS_H
#define TLSF_FREE_BLOCKS_H

#include "free_list.h"

static inline void pending_set(control *t, const block *b, granules n, unsigned class) {
    t->pending = link_of(t, b);
    t->pending_size = n;
    t->pending_class = class;
}

static inline void pending_clear(control *t) {
    t->pending = link_null(t);
    t->pending_size = 0;
    t->pending_class = 0;
}

/* b has just become free with n granules: it is pending from here on, and the block that was
 * goes into its list. */
static inline void free_blocks_put(control *t, block *b, granules n) {
    const block_link pending = t->pending;
    if (!link_is_null(t, pending)) {
        list_insert(t, link_block(t, pending), pending, t->pending_class);
    }
    pending_set(t, b, n, class_floor(n));
}

static inline void free_blocks_remove(control *t, const block *b) {
    if (b == link_block(t, t->pending)) {
        pending_clear(t);
    } else {
        list_remove(t, b);
    }
}

/* A free block of at least n granules, and the class of the list that it is in: CLASS_NONE
 * when it is the pending block. */
typedef struct {
    block *block;
    unsigned class;
} found_block;

/* The best fit that two levels of classes tell; the block is NULL when there is none. It is
 * still where it was. */
static inline found_block free_blocks_find(const control *t, granules n) {
    const unsigned below = class_floor(n - 1);
    const unsigned listed = list_search_above(t, below);
    if (t->pending_size >= n && t->pending_class <= listed) {
        return (found_block){link_block(t, t->pending), CLASS_NONE};
    }
    if (listed != CLASS_NONE) {
        return (found_block){list_first(t, listed), listed};
    }
    /* Nothing in the classes that are sure to fit; the class below has blocks that may. */
    block *b = list_look(t, below, n);
    return (found_block){block_granules(b) >= n ? b : NULL, below};
}

static inline block *free_blocks_take(control *t, found_block found) {
    if (found.class == CLASS_NONE) {
        pending_clear(t);
    } else {
        list_remove_from(t, found.block, found.class);
    }
    return found.block;
}

#endif
