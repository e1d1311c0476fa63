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

/* Where a request for n granules is served: the best fit that the classes tell. */
typedef struct {
    block *block;   /* may be too small: then there is none that serves it */
    unsigned class; /* of the list that it is in; CLASS_NONE: it is the pending block */
} found_block;

static inline found_block free_blocks_find(const control *t, granules n) {
    const unsigned below = class_floor(n - 1);
    unsigned class = list_search_above(t, below);
    if (t->pending_size >= n && t->pending_class <= class) {
        return (found_block){link_block(t, t->pending), CLASS_NONE};
    }
    if (class == CLASS_NONE) {
        class = below; /* its blocks are not sure to fit, but may */
    }
    return (found_block){list_look(t, class, n), class};
}

static inline void free_blocks_take(control *t, found_block found) {
    if (found.class == CLASS_NONE) {
        pending_clear(t);
    } else {
        list_take(t, found.block, found.class);
    }
}

#endif
