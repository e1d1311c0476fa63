/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segregated free lists: one doubly linked list a size class, last in first out, and the two
 * levels of bitmaps that tell which are not empty.
 *
 * A list's head is the next link of a pseudo-block, its slot, so that every listed block has a
 * predecessor, and removal writes two links without asking where the block stands.
 */
#ifndef TLSF_FREE_LIST_H
#define TLSF_FREE_LIST_H

#include "size_class.h"

#define CLASS_NONE SIZE_MAX /* above every class */

/* The slot of a list lies as many links above the control structure as its class says. */
static inline block *list_slot(const control *t, size_t class) {
    return (block *)((uintptr_t)t + class * sizeof(block_link));
}

static inline block_link list_slot_link(const control *t, size_t class) {
    return link_step(link_null(t), class);
}

/* The class whose slot a link names; class_end or more when it names a block. */
static inline size_t list_class_of_slot(const control *t, block_link link) {
    return link_distance(link_null(t), link);
}

static inline block *list_first(const control *t, size_t class) {
    return link_block(t, list_slot(t, class)->next);
}

static inline bool list_is_empty(const control *t, size_t class) {
    return link_is_null(t, list_slot(t, class)->next);
}

static inline void list_clear(control *t, size_t class) {
    list_slot(t, class)->next = link_null(t);
}

/* ---- bitmaps ------------------------------------------------------------------------ */

static inline void list_mark(control *t, size_t class) {
    const size_t row = class_row(class);
    t->second_level[row] |= UINT32_C(1) << class_column(class);
    t->first_level |= UINT32_C(1) << row;
}

/* Clears the bits of a list that has become empty. Whether it has is hard to predict, so this
 * does not branch on it. */
static inline void list_unmark_if(control *t, size_t class, bool is_empty) {
    const size_t row = class_row(class);
    const uint32_t columns = t->second_level[row] & ~((uint32_t)is_empty << class_column(class));
    t->second_level[row] = columns;
    t->first_level &= ~((uint32_t)(columns == 0) << row);
}

/* The lowest class above `class` whose list is not empty, or CLASS_NONE. */
static inline size_t list_search_above(const control *t, size_t class) {
    const uint32_t above = UINT32_MAX - 1; /* shifted by c: the bits above bit c */
    size_t row = class_row(class);
    uint32_t columns = t->second_level[row] & above << class_column(class);
    if (columns == 0) {
        const uint32_t rows = t->first_level & above << row;
        if (rows == 0) {
            return CLASS_NONE;
        }
        row = bits_first_set(rows);
        columns = t->second_level[row];
    }
    return (uint32_t)row * CLASSES_PER_ROW + bits_first_set(columns); /* only the sum is widened */
}

/* ---- lists -------------------------------------------------------------------------- */

static inline void list_insert(control *t, block *b, block_link link, size_t class) {
    block *slot = list_slot(t, class);
    const block_link first = slot->next;
    b->next = first;
    b->previous = list_slot_link(t, class);
    link_block(t, first)->previous = link;
    slot->next = link;
    list_mark(t, class);
}

/* Takes b out of whatever list it is in. */
static inline void list_remove(control *t, const block *b) {
    const block_link next = b->next;
    const block_link previous = b->previous;
    link_block(t, previous)->next = next;
    link_block(t, next)->previous = previous;
    const size_t class = list_class_of_slot(t, previous);
    if (class < t->class_end) {
        list_unmark_if(t, class, link_is_null(t, next));
    }
}

/* Goes on to the next block of a list if this one is smaller than n. The null block is its own
 * successor. */
static inline block *list_skip_smaller(const control *t, block *b, outer_size n) {
    return block_holds(b, n) ? b : link_block(t, b->next);
}

/* The first block of the list that holds n outer_size, among its first TLSF_LOOK_AHEAD; or a
 * block that does not. One statement a block, so that there is no loop on this path. */
static inline block *list_look(const control *t, size_t class, outer_size n) {
    block *b = list_first(t, class);
    if (TLSF_LOOK_AHEAD >= 2) {
        b = list_skip_smaller(t, b, n);
    }
    if (TLSF_LOOK_AHEAD >= 3) {
        b = list_skip_smaller(t, b, n);
    }
    if (TLSF_LOOK_AHEAD >= 4) {
        b = list_skip_smaller(t, b, n);
    }
    return b;
}

/* Takes out of the list what list_look finds.
 * Returns NULL when that is too small. */
static inline block *list_take(control *t, size_t class, outer_size n) {
    block *b = list_look(t, class, n);
    if (!block_holds(b, n)) {
        return NULL;
    }
    const block_link next = b->next;
    const block_link previous = TLSF_LOOK_AHEAD == 1 ? list_slot_link(t, class) : b->previous;
    link_block(t, previous)->next = next;
    link_block(t, next)->previous = previous;
    list_unmark_if(t, class, link_is_null(t, next) && previous == list_slot_link(t, class));
    return b;
}

static inline outer_size size_larger(outer_size a, outer_size b) { return a > b ? a : b; }

/* The largest of the blocks that list_look tries. */
static inline outer_size list_largest(const control *t, size_t class) {
    const block *b = list_first(t, class);
    outer_size largest = block_size(b);
    if (TLSF_LOOK_AHEAD >= 2) {
        b = link_block(t, b->next);
        largest = size_larger(largest, block_size(b));
    }
    if (TLSF_LOOK_AHEAD >= 3) {
        b = link_block(t, b->next);
        largest = size_larger(largest, block_size(b));
    }
    if (TLSF_LOOK_AHEAD >= 4) {
        b = link_block(t, b->next);
        largest = size_larger(largest, block_size(b));
    }
    return largest;
}

#endif
