/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segregated free lists: one doubly linked list for each size class, last in first out, and two
 * levels of bitmaps that say which lists are not empty.
 *
 *     first level     second level              lists
 *     bit a row       bit a class, 32 a row     a head a class
 *
 *     +-+-+-+-+       +-+-+-+-- --+-+
 *     |0|1|0|1|  row 1|0|0|1|     |0|           class 34:  slot <-> block <-> block -> null block
 *     +-+-+-+-+       +-+-+-+-- --+-+
 *          |          +-+-+-+-- --+-+
 *          +---- row 3|1|0|0|     |1|           class 96:  slot <-> block -> null block
 *                     +-+-+-+-- --+-+           class 127: slot <-> block -> null block
 *
 * A search masks the row of its class, and takes the lowest bit that is left. If none is left, it
 * takes the lowest row above, and that row's lowest bit. Both are one find-first-set.
 *
 * A list's head is the `next` link of a pseudo-block, its slot. So every listed block has a
 * predecessor, and removal is the same wherever the block stands.
 */
#ifndef TLSF_FREE_LIST_H
#define TLSF_FREE_LIST_H

#include "size_class.h"

#define CLASS_NONE SIZE_MAX /* above every class */

/* Mark a condition that holds on the longest path, and one that does not. Without a pending block
 * the worst case is what counts, so compilers lay that path out without jumps. */
#if defined(__GNUC__) && !TLSF_PENDING
#define ON_LONGEST_PATH(condition) __builtin_expect((condition), 1)
#define OFF_LONGEST_PATH(condition) __builtin_expect((condition), 0)
#else
#define ON_LONGEST_PATH(condition) (condition)
#define OFF_LONGEST_PATH(condition) (condition)
#endif

/* ---- slots -------------------------------------------------------------------------- */

/* The slot of a list lies as many links above the control structure as its class says. */
static inline block *list_slot(const control *t, size_t size_class) {
    return (block *)((uintptr_t)t + size_class * sizeof(block_link));
}

static inline block_link list_slot_link(const control *t, size_t size_class) {
    return link_step(link_null(t), size_class);
}

/* The class whose slot a link names. If the link names a block: class_end or more. */
static inline size_t list_class_of_slot(const control *t, block_link link) {
    return link_distance(link_null(t), link);
}

static inline block *list_first(const control *t, size_t size_class) {
    return link_block(t, list_slot(t, size_class)->next);
}

static inline bool list_is_empty(const control *t, size_t size_class) {
    return link_is_null(t, list_slot(t, size_class)->next);
}

static inline void list_clear(control *t, size_t size_class) {
    TLSF_ASSERT(size_class >= CLASS_FIRST && size_class < t->class_end);
    list_slot(t, size_class)->next = link_null(t);
}

/* ---- bitmaps ------------------------------------------------------------------------ */

static inline void list_mark(control *t, size_t size_class) {
    const size_t row = class_row(size_class);
    t->second_level[row] |= UINT32_C(1) << class_column(size_class);
    t->first_level |= UINT32_C(1) << row;
}

/* Clears the bits of the list, which has become empty. */
static inline void list_unmark(control *t, size_t size_class) {
    TLSF_ASSERT(list_is_empty(t, size_class));
    const size_t row = class_row(size_class);
    t->second_level[row] &= ~(UINT32_C(1) << class_column(size_class));
    if (ON_LONGEST_PATH(t->second_level[row] == 0)) {
        t->first_level &= ~(UINT32_C(1) << row);
    }
}

/* The lowest class above `size_class` whose list is not empty, or CLASS_NONE. */
static inline size_t list_search_above(const control *t, size_t size_class) {
    TLSF_ASSERT(size_class >= CLASS_FIRST && size_class <= CLASS_MAX);
    const uint32_t above = UINT32_MAX - 1; /* shifted by c: the bits above bit c */
    size_t row = class_row(size_class);
    uint32_t columns = t->second_level[row] & above << class_column(size_class);
    if (ON_LONGEST_PATH(columns == 0)) {
        const uint32_t rows = t->first_level & above << row;
        if (rows == 0) {
            return CLASS_NONE;
        }
        row = bits_first_set(rows);
        columns = t->second_level[row];
        TLSF_ASSERT(columns != 0);
    }
    const uint32_t number = (uint32_t)row * CLASSES_PER_ROW + bits_first_set(columns);
    return (size_t)number; /* widens last */
}

/* ---- lists -------------------------------------------------------------------------- */

/* Puts free block b, which `link` names, first into the list. Without a pending block it always
 * sets the list's bits, as the longest path does. */
static inline void list_insert(control *t, block *b, block_link link, size_t size_class) {
    TLSF_ASSERT(link_block(t, link) == b && block_is_free(b));
    TLSF_ASSERT(size_class == class_floor(b->header) && size_class < t->class_end);
    block *slot = list_slot(t, size_class);
    const block_link first = slot->next;
    b->next = first;
    b->previous = list_slot_link(t, size_class);
    link_block(t, first)->previous = link;
    slot->next = link;
    if (!TLSF_PENDING || link_is_null(t, first)) {
        list_mark(t, size_class);
    }
}

/* Takes b out of its list, whichever that is. */
static inline void list_remove(control *t, const block *b) {
    TLSF_ASSERT(block_is_free(b));
    TLSF_ASSERT(link_block(t, b->previous)->next == link_of(t, b));
    TLSF_ASSERT(link_is_null(t, b->next) || link_block(t, b->next)->previous == link_of(t, b));
    const block_link next = b->next;
    const block_link previous = b->previous;
    link_block(t, previous)->next = next;
    if (OFF_LONGEST_PATH(!link_is_null(t, next))) {
        link_block(t, next)->previous = previous;
        return;
    }
    const size_t size_class = list_class_of_slot(t, previous);
    if (ON_LONGEST_PATH(size_class < t->class_end)) {
        list_unmark(t, size_class);
    }
}

/* Takes b, which is the first block, out of the list. */
static inline void list_remove_first(control *t, size_t size_class, const block *b) {
    TLSF_ASSERT(list_first(t, size_class) == b && block_is_free(b));
    const block_link next = b->next;
    list_slot(t, size_class)->next = next;
    if (ON_LONGEST_PATH(link_is_null(t, next))) {
        list_unmark(t, size_class);
    } else {
        link_block(t, next)->previous = list_slot_link(t, size_class);
    }
}

/* ---- look-ahead --------------------------------------------------------------------- */

/* Does `step` for each block that the look-ahead tries after the first of a list. This is no loop,
 * so that no request has one. The null block is its own successor, so a step may pass the end. */
#define LOOK_AHEAD(step) \
    do { \
        if (TLSF_LOOK_AHEAD >= 2) { \
            step; \
        } \
        if (TLSF_LOOK_AHEAD >= 3) { \
            step; \
        } \
        if (TLSF_LOOK_AHEAD >= 4) { \
            step; \
        } \
    } while (0)

/* The block itself if it holds n, else the next one of its list. From level 1 on, a link that
 * leads out of the span ends the look. */
static inline block *list_pass(const control *t, block *b, outer_size n) {
    const bool stays = block_holds(b, n) || (HARDENING_CALLER && !link_is_null(t, b->next) &&
                                             !link_is_in_span(t, b->next));
    return stays ? b : link_block(t, b->next);
}

/* The first of the blocks tried that holds n; else one that does not. */
static inline block *list_look(const control *t, size_t size_class, outer_size n) {
    TLSF_ASSERT(size_class < t->class_end);
    block *b = list_first(t, size_class);
    LOOK_AHEAD(b = list_pass(t, b, n));
    return b;
}

/* The largest of the blocks tried. */
static inline outer_size list_largest(const control *t, size_t size_class) {
    TLSF_ASSERT(size_class < t->class_end);
    block *b = list_first(t, size_class);
    outer_size largest = block_size(b);
    LOOK_AHEAD(b = list_pass(t, b, OUTER_SIZE_MAX); largest = size_larger(largest, block_size(b)));
    return largest;
}

/* Takes b, which list_look has found, out of the list. */
static inline void list_take(control *t, size_t size_class, const block *b) {
    if (TLSF_LOOK_AHEAD == 1) {
        list_remove_first(t, size_class, b);
    } else {
        list_remove(t, b);
    }
}

#endif
