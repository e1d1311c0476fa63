/* SPDX-FileCopyrightText: 2026 the fmemp authors */
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
 * A size is small if its class has no other size. A small block between two used ones is a lone
 * block. When it is freed, it goes into its list at once, and the next request of that very size
 * finds it there.
 */
#ifndef TLSF_FREE_BLOCKS_H
#define TLSF_FREE_BLOCKS_H

#include "size_class.h"
#include "trace.h"

#define CLASS_NONE SIZE_MAX /* above every class */

/* ---- lists -------------------------------------------------------------------------- */

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

/* ---- insert and remove -------------------------------------------------------------- */

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

/* The block itself if it holds n, else the next one of its list. At level 1, a link that leads out
 * of the span ends the look. From level 2 on, verify_search has followed the links. */
static inline block *list_pass(const control *t, block *b, outer_size n) {
    const bool stays =
        block_holds(b, n) || (HARDENING_CALLER && !HARDENING_CORRUPTION &&
                              !link_is_null(t, b->next) && !link_is_in_span(t, b->next));
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

/* ---- free blocks --------------------------------------------------------------------- */

/* Whether free block b has the same size at both ends. With granule 4 a size that is too small
 * would find the header itself as the footer, so BLOCK_MIN is required. */
static inline bool free_block_is_sound(const control *t, const block *b) {
    const outer_size n = block_size(b);
    return n >= BLOCK_MIN && size_is_in_span(t, b, n) &&
           block_footer_before(block_at(b, n)) == b->header;
}

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
static inline bool size_has_short_way(outer_size n) { return TLSF_PENDING && size_is_small(n); }

/* Whether used block b is a lone one: it has the short way, and stands between two used blocks.
 * When it is freed, it goes into its list at once. */
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
    trace_free_block_more(t);
}

/* The same of a small block. */
static inline void free_blocks_list_small(control *t, block *b, header_word header) {
    TLSF_ASSERT(header >= BLOCK_MIN && size_is_small(header));
    block_write_free(b, header);
    list_insert(t, b, link_of(t, b), class_of_small(header));
    trace_free_block_more(t);
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
    trace_free_block_more(t);
}

/* Takes b out of the free blocks.
 * Returns PENDING_VICTIM if it was a victim, else 0. */
static inline header_word free_blocks_remove(control *t, const block *b) {
    TLSF_ASSERT(block_is_free(b));
    trace_free_block_less(t);
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
    const size_t exact = class_of_small(n);
    if (!list_is_empty(t, exact)) {
        return choose_listed(t, exact, n);
    }
    return victim_serves(t, n) ? choose_pending(t) : free_blocks_search(t, exact, n);
}

static inline bool choice_holds(choice c, outer_size n) { return c.header >= n; }

/* Takes the chosen block out of the free blocks. */
static inline void free_blocks_take(control *t, choice c) {
    trace_free_block_less(t);
    if (choice_is_pending(c)) {
        pending_clear(t);
    } else {
        list_take(t, c.size_class, c.found);
    }
}

#endif
