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
 *    guard | at hardening 3: guard.h | footer | same as header          |
 *          +-------------------------+        +-------------------------+
 *
 * A header is the outer size in granules, header included, times 4, plus two flags: sizes are
 * therefore kept in quarter granules, and go from header to header without a shift. Flag 0: this
 * block is free. Flag 1 (P): the block before this one is free; then, and only then, that block's
 * footer stands just before this header. A free block's P is 0, as free neighbours are coalesced.
 * Links and footer are alive in free blocks only. Payloads are multiples of the granule, so
 * headers lie one header word below a multiple.
 *
 * Of a free block every word that lies where a header can lie reads as the header of a free block,
 * or of one without a size: so whoever frees a block again that has become part of it is found
 * out. A footer does; what links do to that end is told beside them.
 *
 * This is the one file that knows the layout (TLSF_LAYOUT).
 */
#ifndef TLSF_BLOCK_H
#define TLSF_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "bits.h"
#include "hardening.h"

#if TLSF_LAYOUT == TLSF_WIDE

typedef size_t header_word;
typedef uintptr_t block_link; /* the address of the block's header, with a mark */

#else

typedef uint32_t header_word;
typedef int32_t block_link; /* words from the control structure to the block's header */

#endif

typedef header_word outer_size; /* an outer size in quarter granules: a multiple of 4 */

typedef struct block {
    header_word header;
    block_link previous; /* a free block's predecessor in its list; the slot for the first one */
    block_link next;     /* its successor, or the null block */
} block;

enum {
    BLOCK_FREE = 1,
    BLOCK_PREVIOUS_FREE = 2,
    BLOCK_FLAG_BITS = 2,
    BLOCK_FLAGS = BLOCK_FREE | BLOCK_PREVIOUS_FREE,

    GRANULE = TLSF_GRANULE,
    GRANULE_SIZE = 4,
    SIZE_UNIT = GRANULE / GRANULE_SIZE, /* in bytes */
    BLOCK_OVERHEAD = sizeof(header_word),
    GUARD_BYTES = HARDENING_DEBUGGING ? sizeof(header_word) : 0, /* guard.h: the least of it */
    /* header, two links, footer */
    BLOCK_MIN_BYTES = sizeof(block) + sizeof(header_word),
    BLOCK_MIN = (BLOCK_MIN_BYTES + GRANULE - 1) / GRANULE * GRANULE_SIZE,

    GRANULE_BITS = GRANULE == 4    ? 2
                   : GRANULE == 8  ? 3
                   : GRANULE == 16 ? 4
                   : GRANULE == 32 ? 5
                                   : 6,

    /* Outer sizes are below 2^GRANULES_BITS. On 32-bit machines more bytes do not fit into a
     * size_t; else a 32-bit header leaves so many bits, and a 64-bit one is held to what a
     * first-level bitmap of 32 rows can tell apart. */
    GRANULES_BITS = sizeof(size_t) == 4        ? 32 - GRANULE_BITS
                    : sizeof(header_word) == 4 ? 32 - BLOCK_FLAG_BITS
                                               : 34
};

#define OUTER_SIZE_MAX ((((outer_size)1 << GRANULES_BITS) - 1) * GRANULE_SIZE)

/* The header of a pool's end marker: that of a used block which is larger than what is left of any
 * pool. It has no word of zeros, as that is what overruns most often leave. */
#define BLOCK_END (~(header_word)BLOCK_FLAGS)

_Static_assert(GRANULE % BLOCK_OVERHEAD == 0, "headers are aligned when payloads are: granule "
                                              "4 needs 32-bit headers");
_Static_assert(1 << GRANULE_BITS == GRANULE, "the granule is a power of two");
_Static_assert(GRANULE_SIZE == 1 << BLOCK_FLAG_BITS, "no flag is part of a size");
_Static_assert(GRANULES_BITS + BLOCK_FLAG_BITS <= sizeof(header_word) * 8,
               "a header holds every size and the flags");
_Static_assert(offsetof(block, previous) == BLOCK_OVERHEAD, "links lie in the payload");
_Static_assert(sizeof(block_link) == sizeof(header_word), "a free block is four equal words");

/* ---- sizes -------------------------------------------------------------------------- */

static inline unsigned size_last_set(outer_size n) {
    return sizeof(outer_size) == 4 ? bits_last_set((uint32_t)n) : bits_last_set64(n);
}

static inline size_t size_bytes(outer_size n) { return (size_t)n * SIZE_UNIT; }

/* Of a number of bytes that is a multiple of the granule. */
static inline outer_size size_of_bytes(size_t bytes) { return (outer_size)(bytes / SIZE_UNIT); }

/* Outer size of a block that holds `bytes` bytes; they are known not to overflow. */
static inline outer_size size_for_request(size_t bytes) {
    const size_t granules = (bytes + BLOCK_OVERHEAD + GUARD_BYTES + GRANULE - 1) / GRANULE;
    const outer_size n = (outer_size)(granules * GRANULE_SIZE);
    return n < BLOCK_MIN ? BLOCK_MIN : n;
}

static inline size_t size_inner_bytes(outer_size n) {
    return size_bytes(n) - BLOCK_OVERHEAD - GUARD_BYTES;
}

/* ---- headers ------------------------------------------------------------------------ */

static inline outer_size header_size(header_word header) {
    return header & ~(header_word)BLOCK_FLAGS;
}

static inline outer_size block_size(const block *b) { return header_size(b->header); }

/* Whether the block has the size n, or a larger one: flags are below every size. */
static inline bool block_holds(const block *b, outer_size n) { return b->header >= n; }

static inline bool block_is_free(const block *b) { return (b->header & BLOCK_FREE) != 0; }

static inline bool block_is_previous_free(const block *b) {
    return (b->header & BLOCK_PREVIOUS_FREE) != 0;
}

static inline bool block_is_end(const block *b) {
    return (b->header | BLOCK_PREVIOUS_FREE) == (BLOCK_END | BLOCK_PREVIOUS_FREE);
}

/* ---- addresses ---------------------------------------------------------------------- */

static inline void *block_payload(const block *b) {
    return (void *)((uintptr_t)b + BLOCK_OVERHEAD);
}

static inline block *block_of_payload(const void *ptr) {
    return (block *)((uintptr_t)ptr - BLOCK_OVERHEAD);
}

/* What lies n outer_size behind b's header: the next block when n is b's size. */
static inline block *block_at(const block *b, outer_size n) {
    return (block *)((uintptr_t)b + size_bytes(n));
}

static inline block *block_next(const block *b) { return block_at(b, block_size(b)); }

/* The last word before b: the footer of the block before it, alive iff that block is free. */
static inline header_word block_footer_before(const block *b) {
    return *(const header_word *)((uintptr_t)b - sizeof(header_word));
}

/* The block before b, when that is free, and its size. */
static inline outer_size block_previous_size(const block *b) {
    return header_size(block_footer_before(b));
}

static inline block *block_previous(const block *b) {
    return (block *)((uintptr_t)b - size_bytes(block_previous_size(b)));
}

/* Writes header and footer of a free block. The block before it is used, and the next block's
 * flag is the caller's. */
static inline void block_write_free(block *b, header_word header) {
    const uintptr_t end = (uintptr_t)block_at(b, header) - size_bytes(BLOCK_FREE);
    b->header = header;
    *(header_word *)(end - sizeof(header_word)) = header;
}

/* ---- links -------------------------------------------------------------------------- */

/* `base` is the control structure, whose first member is the null block. A link is the distance
 * from it in units, plus a mark: with the mark bit 0 of each link is set, as it is in the header
 * of a free block. Where it would halve the reach there is no mark, and none is needed: in the
 * compact layout, from granule 8 on, of the two links at most `next` lies where a header can, and
 * it names the null block, and is 0, or a block, and is odd, since the base is a multiple of 8 and
 * headers are 4 above one. */
#if TLSF_LAYOUT == TLSF_WIDE

enum { LINK_UNIT = 1, LINK_MARK = 1, LINK_BASE_ALIGN = sizeof(uintptr_t) };
typedef block_link link_bits;

/* Where distances begin: wide links are addresses. */
static inline uintptr_t link_origin(const void *base) {
    (void)base;
    return 0;
}

#else

enum { LINK_UNIT = GRANULE == 4 ? 2 : 4, LINK_MARK = GRANULE == 4, LINK_BASE_ALIGN = 8 };
typedef uint32_t link_bits;

static inline uintptr_t link_origin(const void *base) { return (uintptr_t)base; }

#endif

/* The subtraction may wrap: what is cut off the shifted difference are copies of its sign. */
static inline block_link link_of(const void *base, const block *b) {
    return (block_link)(link_bits)(((uintptr_t)b - link_origin(base)) / LINK_UNIT + LINK_MARK);
}

static inline block *link_block(const void *base, block_link link) {
    return (block *)(link_origin(base) + ((uintptr_t)(intptr_t)link - LINK_MARK) * LINK_UNIT);
}

/* What links to link-sized words that lie side by side differ by. */
enum { LINK_STEP = sizeof(block_link) / LINK_UNIT };

/* The link to what lies n link-sized words above what `link` names. */
static inline block_link link_step(block_link link, size_t n) {
    return (block_link)((link_bits)link + (link_bits)n * LINK_STEP);
}

/* How many link-sized words what b names lies above what a names. */
static inline size_t link_distance(block_link a, block_link b) {
    return ((link_bits)b - (link_bits)a) / LINK_STEP;
}

/* The link that names what lies `offset` bytes into the control structure. */
static inline block_link link_inside(const void *base, size_t offset) {
    return link_of(base, (const block *)((uintptr_t)base + offset));
}

/* Whether a link can name what lies at `address`. */
static inline bool link_reaches(const void *base, uintptr_t address) {
    const block *b = (const block *)address;
    return link_block(base, link_of(base, b)) == b;
}

/* The empty link, which names the null block. */
static inline block_link link_null(const void *base) { return link_inside(base, 0); }

static inline bool link_is_null(const void *base, block_link link) {
    return link == link_null(base);
}

#endif
