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

static inline void pending_clear(control *t) { pending_set(t, &t->null, 0, 0); }

/* b has just become free with n granules: it is pending from here on, and the block that was
 * goes into its list. */
static inline void free_blocks_put(control *t, block *b, granules n) {
    if (!link_is_null(t, t->pending)) {
        list_insert(t, link_block(t, t->pending), t->pending_class);
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

/* A free block of at least n granules, or NULL. It is still where it was. */
static inline block *free_blocks_find(const control *t, granules n) {
    const unsigned listed = list_search(t, class_ceil(n));
    if (t->pending_size >= n && t->pending_class <= listed) {
        return link_block(t, t->pending);
    }
    if (listed != CLASS_NONE) {
        return list_first(t, listed);
    }
    block *b = list_look(t, class_floor(n), n);
    return block_granules(b) >= n ? b : NULL;
}

#endif
