/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks: what their words mean, and every cast between bytes, words and blocks.
 *
 *            used block                         free block
 *          +-------------------------+        +-------------------------+
 *   header | outer size       |P|0|  |        | outer size       |0|1|  |
 *          +-------------------------+        +-------------------------+
 *  payload |                         |  prev. | link                    |
 *          |                         |   next | link                    |
 *          |                         |        |          ...            |
 *    guard | only at hardening 3     | footer | same as header          |
 *          +-------------------------+        +-------------------------+
 *
 * A header holds the outer size of its block and two flags. Bit 0: the block is free. Bit 1 (P):
 * the block before it is free; if and only if it is, that block's footer is the word before this
 * header. A free block's P is 0, because free neighbours are coalesced. Payloads are multiples of
 * the granule, so a header lies one header word below a multiple.
 *
 * In a free block, every word at which a header could lie looks like a free header, or has size 0.
 * So a second free is found even when the block has become part of a larger one. A footer is such
 * a word. The links are such words, too: see LINK_MARK.
 *
 * This is the only file that knows the layout (TLSF_LAYOUT).
 */
#ifndef TLSF_BLOCK_H
#define TLSF_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlsf_config.h"
#include "tlsf_language.h"

/* The hardening levels as constants for a plain `if`, so that every build compiles every level. */
enum {
    HARDENING_CALLER = TLSF_HARDENING >= 1,     /* finds the caller's mistakes */
    HARDENING_CORRUPTION = TLSF_HARDENING >= 2, /* checks sizes, links and bits before their use */
    HARDENING_DEBUGGING = TLSF_HARDENING >= 3 /* writes fill patterns and guards, and checks them */
};

#if TLSF_LAYOUT == TLSF_WIDE

typedef size_t header_word;
typedef uintptr_t block_link; /* the address of the block's header, plus a mark */

#else

typedef uint32_t header_word;
typedef int32_t block_link; /* the distance from the control structure to the header, in words */

#endif

/* An outer size as a header stores it: granules times 4, so that the flags have their bits and no
 * call has to shift. The block of 3 granules has the outer size 12. */
typedef header_word outer_size;

typedef struct block {
    header_word header;
    block_link previous; /* in a free block: its predecessor in the list, or the list's slot */
    block_link next;     /* in a free block: its successor in the list, or the null block */
} block;

enum {
    BLOCK_FREE = 1,
    BLOCK_PREVIOUS_FREE = 2,
    BLOCK_FLAG_BITS = 2,
    BLOCK_FLAGS = BLOCK_FREE | BLOCK_PREVIOUS_FREE,
    PENDING_VICTIM = BLOCK_PREVIOUS_FREE, /* in pending_header alone: free headers have no P */

    GRANULE = TLSF_GRANULE,              /* in bytes */
    GRANULE_SIZE = 1 << BLOCK_FLAG_BITS, /* a granule as an outer size */
    SIZE_UNIT = GRANULE / GRANULE_SIZE,  /* bytes of one unit of an outer size */
    BLOCK_OVERHEAD = sizeof(header_word),
    GUARD_BYTES = HARDENING_DEBUGGING ? sizeof(header_word) : 0, /* the shortest guard */

    /* The smallest block: header, two links, footer. */
    BLOCK_MIN_BYTES = sizeof(block) + sizeof(header_word),
    BLOCK_MIN = (BLOCK_MIN_BYTES + GRANULE - 1) / GRANULE * GRANULE_SIZE,
    GRANULE_IS_BLOCK = BLOCK_MIN == GRANULE_SIZE, /* no size is too small for a block, except 0 */

    GRANULE_BITS = GRANULE == 4    ? 2
                   : GRANULE == 8  ? 3
                   : GRANULE == 16 ? 4
                   : GRANULE == 32 ? 5
                                   : 6,

    /* Every block has fewer than 2^GRANULES_BITS granules. A machine of 16 or 32 bits has no more
     * bytes. A 32-bit header has no more bits. A 64-bit header stops where 32 first-level rows
     * do. */
    GRANULES_BITS = sizeof(size_t) <= 4        ? (int)sizeof(size_t) * 8 - GRANULE_BITS
                    : sizeof(header_word) == 4 ? 32 - BLOCK_FLAG_BITS
                                               : 34,

    /* The options of the build. Debug information keeps the constants of an enumeration of which
     * any is used, and no macros: tools/heap finds the options here. */
    OPTION_LAYOUT = TLSF_LAYOUT,
    OPTION_SL_BITS = TLSF_SL_BITS,
    OPTION_HARDENING = TLSF_HARDENING,
    OPTION_PENDING = TLSF_PENDING,
    OPTION_LOOK_AHEAD = TLSF_LOOK_AHEAD,
    OPTION_ROUND_TO_CLASS = TLSF_ROUND_TO_CLASS,
    OPTION_STATISTICS = TLSF_STATISTICS
};

#define OUTER_SIZE_MAX ((((outer_size)1 << GRANULES_BITS) - 1) * GRANULE_SIZE)

/* The header of a pool's end marker: that of a used block, larger than any pool. It is not 0,
 * because zeros are what overruns write most. */
#define BLOCK_END (~(header_word)BLOCK_FLAGS)

static_assert(GRANULE % BLOCK_OVERHEAD == 0, "headers are aligned when payloads are: granule "
                                             "4 needs 32-bit headers");
static_assert(1 << GRANULE_BITS == GRANULE, "the granule is a power of two");
static_assert(GRANULES_BITS + BLOCK_FLAG_BITS <= sizeof(header_word) * 8,
              "a header holds every size and the flags");
static_assert(offsetof(block, previous) == BLOCK_OVERHEAD, "links lie in the payload");
static_assert(sizeof(block_link) == sizeof(header_word), "a free block is four equal words");

/* ---- sizes -------------------------------------------------------------------------- */

/* Bytes of an outer size. */
static inline size_t size_bytes(outer_size n) { return (size_t)n * SIZE_UNIT; }

/* The outer size of `bytes` bytes, a multiple of the granule. */
static inline outer_size size_of_bytes(size_t bytes) {
    TLSF_ASSERT((outer_size)(bytes / SIZE_UNIT) == bytes / SIZE_UNIT);
    return (outer_size)(bytes / SIZE_UNIT);
}

/* The outer size of the smallest block that holds `bytes` bytes. The caller has checked that the
 * sum does not overflow. */
static inline outer_size size_for_request(size_t bytes) {
    TLSF_ASSERT(bytes <= SIZE_MAX - (BLOCK_OVERHEAD + GUARD_BYTES + GRANULE - 1));
    const size_t granules = (bytes + BLOCK_OVERHEAD + GUARD_BYTES + GRANULE - 1) / GRANULE;
    const outer_size n = (outer_size)(granules * GRANULE_SIZE);
    return !GRANULE_IS_BLOCK && n < BLOCK_MIN ? (outer_size)BLOCK_MIN : n;
}

/* Bytes that the user of a block of outer size n gets: its inner size. */
static inline size_t size_inner_bytes(outer_size n) {
    return size_bytes(n) - BLOCK_OVERHEAD - GUARD_BYTES;
}

static inline outer_size size_larger(outer_size a, outer_size b) { return a > b ? a : b; }

/* ---- headers ------------------------------------------------------------------------ */

static inline outer_size header_size(header_word header) {
    return header & ~(header_word)BLOCK_FLAGS;
}

static inline outer_size block_size(const block *b) { return header_size(b->header); }

/* Whether block b is at least as large as n. The flags do not matter: they are below every size. */
static inline bool block_holds(const block *b, outer_size n) { return b->header >= n; }

static inline bool block_is_free(const block *b) { return (b->header & BLOCK_FREE) != 0; }

static inline bool block_is_previous_free(const block *b) {
    return (b->header & BLOCK_PREVIOUS_FREE) != 0;
}

static inline bool block_is_end(const block *b) {
    return (b->header | BLOCK_PREVIOUS_FREE) == (BLOCK_END | BLOCK_PREVIOUS_FREE);
}

static inline void block_mark_previous_free(block *b) {
    TLSF_ASSERT(!block_is_free(b)); /* free neighbours would have been merged */
    b->header |= BLOCK_PREVIOUS_FREE;
}

static inline void block_mark_previous_used(block *b) {
    TLSF_ASSERT(!block_is_free(b));
    b->header &= ~(header_word)BLOCK_PREVIOUS_FREE;
}

/* ---- addresses ---------------------------------------------------------------------- */

static inline void *block_payload(const block *b) {
    return (void *)((uintptr_t)b + BLOCK_OVERHEAD);
}

static inline block *block_of_payload(const void *ptr) {
    return (block *)((uintptr_t)ptr - BLOCK_OVERHEAD);
}

/* The place that lies n behind b's header: the next block, if n is b's size. */
static inline block *block_at(const block *b, outer_size n) {
    return (block *)((uintptr_t)b + size_bytes(n));
}

static inline block *block_next(const block *b) { return block_at(b, block_size(b)); }

/* The last word before b. It is the footer of the block before b if and only if that is free. */
static inline header_word block_footer_before(const block *b) {
    return *(const header_word *)((uintptr_t)b - sizeof(header_word));
}

/* The size of the free block before b. */
static inline outer_size block_previous_size(const block *b) {
    TLSF_ASSERT(block_is_previous_free(b));
    return header_size(block_footer_before(b));
}

/* The free block before b. */
static inline block *block_previous(const block *b) {
    return (block *)((uintptr_t)b - size_bytes(block_previous_size(b)));
}

/* Makes b a free block: writes header and footer. `header` is its size plus BLOCK_FREE. The flag
 * in the next block is not written. The end is computed from the whole header; the flag's part is
 * taken off as a constant, because masking the flag costs malloc 1 to 3 instructions more. */
static inline void block_write_free(block *b, header_word header) {
    TLSF_ASSERT((header & BLOCK_FLAGS) == BLOCK_FREE && header >= BLOCK_MIN);
    const uintptr_t end = (uintptr_t)block_at(b, header) - size_bytes(BLOCK_FREE);
    b->header = header;
    *(header_word *)(end - sizeof(header_word)) = header;
}

/* ---- room: a block and its free neighbours ------------------------------------------- */

/* The size of used block b together with the free block behind it, if there is one. */
static inline outer_size block_room(const block *b) {
    const block *next = block_next(b);
    return block_size(b) + (block_is_free(next) ? block_size(next) : 0);
}

/* The same, together with the free block before it as well. */
static inline outer_size block_room_both_ways(const block *b) {
    return block_room(b) + (block_is_previous_free(b) ? block_previous_size(b) : 0);
}

/* ---- links -------------------------------------------------------------------------- */

/* `base` is the control structure, whose first member is the null block. A link is the distance
 * from the base in units of LINK_UNIT, plus LINK_MARK. With the mark, bit 0 of a link is set, as in
 * a free header.
 *
 * The mark would halve the reach in the compact layout from granule 8 on, so it is 0 there. It is
 * not needed: of the two links only `next` can lie where a header can. The link to the null block
 * is 0. The link to a block is odd, because the base is a multiple of 8 and headers lie 4 above
 * one. */
#if TLSF_LAYOUT == TLSF_WIDE

enum { LINK_UNIT = 1, LINK_MARK = 1, LINK_BASE_ALIGN = sizeof(uintptr_t) };
typedef block_link link_bits;

/* The origin of distances: 0, because wide links are addresses. */
static inline uintptr_t link_origin(const void *base) {
    (void)base;
    return 0;
}

#else

enum { LINK_UNIT = GRANULE == 4 ? 2 : 4, LINK_MARK = GRANULE == 4, LINK_BASE_ALIGN = 8 };
typedef uint32_t link_bits;

static inline uintptr_t link_origin(const void *base) { return (uintptr_t)base; }

#endif

/* The subtraction may wrap. What the cast cuts off are copies of the sign. */
static inline block_link link_of(const void *base, const block *b) {
    return (block_link)(link_bits)(((uintptr_t)b - link_origin(base)) / LINK_UNIT + LINK_MARK);
}

static inline block *link_block(const void *base, block_link link) {
    return (block *)(link_origin(base) + ((uintptr_t)(intptr_t)link - LINK_MARK) * LINK_UNIT);
}

/* The difference between links to neighbouring words of a link's size. */
enum { LINK_STEP = sizeof(block_link) / LINK_UNIT };

/* The link to the place n links above the one that `link` names. */
static inline block_link link_step(block_link link, size_t n) {
    return (block_link)((link_bits)link + (link_bits)n * LINK_STEP);
}

/* How many links the place that b names lies above the place that a names. */
static inline size_t link_distance(block_link a, block_link b) {
    return (size_t)(((link_bits)b - (link_bits)a) / LINK_STEP);
}

/* The link to the place `offset` bytes into the control structure. */
static inline block_link link_inside(const void *base, size_t offset) {
    return link_of(base, (const block *)((uintptr_t)base + offset));
}

/* Whether a link can name `address`. */
static inline bool link_reaches(const void *base, uintptr_t address) {
    const block *b = (const block *)address;
    return link_block(base, link_of(base, b)) == b;
}

/* The empty link. It names the null block. */
static inline block_link link_null(const void *base) { return link_inside(base, 0); }

static inline bool link_is_null(const void *base, block_link link) {
    return link == link_null(base);
}

#endif
