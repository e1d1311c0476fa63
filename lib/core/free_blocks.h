/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All free blocks of a heap: the lists, and the pending block.
 *
 * The free block that the last split or free produced is left out of the lists until another
 * takes its place: most of what a real load pays for is list work that its next call undoes.
 * For the search it counts as the first block of its class, so placement stays good fit. With
 * TLSF_PENDING 0 every free block goes into its list, and none is ever pending.
 */
#ifndef TLSF_FREE_BLOCKS_H
#define TLSF_FREE_BLOCKS_H

#include "free_list.h"

/* Asked of its class, which is read anyway to put the block into its list. */
static inline bool pending_exists(const control *t) { return t->pending_class != 0; }

static inline void pending_set(control *t, block *b, header_word header) {
    t->pending = link_of(t, b);
    if (HARDENING_CORRUPTION) {
        b->previous = b->next = link_null(t); /* no listed block's are */
    }
    t->pending_header = header;
    t->pending_class = (uint32_t)class_floor(header);
}

static inline void pending_clear(control *t) {
    t->pending = link_null(t);
    t->pending_header = 0;
    t->pending_class = 0;
}

/* Makes b a free block with this header, and puts it into its list. */
static inline void free_blocks_list(control *t, block *b, header_word header) {
    block_write_free(b, header);
    list_insert(t, b, link_of(t, b), class_floor(header));
}

/* Makes b a free block with this header: it is pending from here on, and the block that was goes
 * into its list. */
static inline void free_blocks_put(control *t, block *b, header_word header) {
    if (!TLSF_PENDING) {
        free_blocks_list(t, b, header);
        return;
    }
    if (pending_exists(t)) {
        list_insert(t, link_block(t, t->pending), t->pending, t->pending_class);
    }
    block_write_free(b, header);
    pending_set(t, b, header);
}

static inline void free_blocks_remove(control *t, const block *b) {
    if (TLSF_PENDING && b == link_block(t, t->pending)) {
        pending_clear(t);
    } else {
        list_remove(t, b);
    }
}

/* Whether the pending block serves a request for n as well as a listed block of `class` does. */
static inline bool pending_serves(const control *t, outer_size n, size_t class) {
    return TLSF_PENDING && t->pending_class <= class && t->pending_header >= n;
}

/* The best fit for n that the classes tell; or a block that is too small: then there is none. */
static inline block *free_blocks_find(const control *t, outer_size n) {
    const size_t below = class_floor(n - 1);
    size_t class = list_search_above(t, below);
    if (pending_serves(t, n, class)) {
        return link_block(t, t->pending);
    }
    if (class == CLASS_NONE) {
        class = below; /* its blocks are not sure to fit, but may */
    }
    return list_look(t, class, n);
}

/* Takes the best fit for n out of the free blocks.
 * Returns NULL when there is none. */
static inline block *free_blocks_take(control *t, outer_size n) {
    const size_t below = class_floor(n - 1);
    size_t class = list_search_above(t, below);
    if (pending_serves(t, n, class)) {
        block *b = link_block(t, t->pending);
        pending_clear(t);
        return b;
    }
    if (class == CLASS_NONE) {
        class = below;
    }
    return list_take(t, class, n);
}

#endif
