/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Size classes: from the outer size of a block to the list that keeps it. The step before, from the
 * bytes of a request to an outer size, is size_for_request in block.h.
 *
 * First and second level are one class number. With n an outer size, which counts 4 a granule, and
 * S = 2^TLSF_SL_BITS classes for each power of two:
 *
 *     shift    = index of the highest set bit of (n | 4 * S), minus TLSF_SL_BITS
 *     floor(n) = CLASS_FIRST + (shift - 2) * S + (n >> shift)  the class of a free block of size n
 *     ceil(n)  = floor(n - 1) + 1                              the lowest class whose every block
 *                                                              holds n, as in every class above
 *
 * Below 2 * S granules each size has a class of its own. Above, a class spans 2^(shift - 2) sizes.
 * Worked values for S = 16 and a granule of 8 bytes, as floor(n) - CLASS_FIRST:
 *
 *     outer size      granules    class                 because
 *          16 bytes          2        2                 one size, one class
 *         248 bytes         31       31                 the last class of one size
 *         256 bytes         32       32                 from here on a class has two sizes
 *         264 bytes         33       32                 ... so 256 and 264 share this one
 *       8,000 bytes      1,000      111                 32 sizes: 7,936 to 8,184 bytes
 *
 * A search for 264 bytes begins at ceil = 33: a block of class 32 may have only 256.
 *
 * A class's number tells where its list lies. The control structure seen as an array of links:
 *
 *     link   0     1     2                  CLASS_FIRST
 *            +-----+-----+-----+-----+- - -+-----+-----+-----+-----+- - -
 *            | null block      |                       |heads|heads|
 *            |     |     |     |                       | [0] | [1] |
 *            +-----+-----+-----+-----+- - -+-----+-----+-----+-----+- - -
 *            ^                             ^           ^
 *            t                             |           its `next`: the head of list CLASS_FIRST
 *                                          slot of list CLASS_FIRST, seen as a block
 *
 * The slot of list c lies c links above t. CLASS_FIRST is the number that makes this true for the
 * first list, so no call multiplies or adds to find a head. Class 0 does not exist.
 *
 * The bitmaps have one bit a class and 32 classes a row, whatever S is.
 * Source: the TLSF paper, section 3.
 */
#ifndef TLSF_SIZE_CLASS_H
#define TLSF_SIZE_CLASS_H

/* <bits_arch.h> on the include path is a file of arch/NAME, or your own. If there is none,
 * arch/bits_arch.h chooses one by the compiler's own macros, and has the contract.
 * A compiler that cannot ask needs -Iarch, but for the library in two files (tools/amalgamate). */
#ifdef __has_include
#if __has_include(<bits_arch.h>)
#define BITS_ARCH_IS_GIVEN 1
#endif
#elif !defined(TLSF_TWO_FILES)
#define BITS_ARCH_IS_GIVEN 1
#endif

#ifdef BITS_ARCH_IS_GIVEN
#include <bits_arch.h> /* not found? put arch/ on the include path: -Iarch */
#else
#include "../../arch/bits_arch.h" /* not found? put arch/ on the include path: -Iarch */
#endif

#include "heap.h"

/* ---- bit searches: portable, the results that every architecture's file must give ---- */

/* floor(log2(word)) by halving: each step asks for a bit in the upper half of the rest. */
static inline unsigned portable_last_set(uint32_t word) {
    unsigned index = 0;
    unsigned half;
    half = (unsigned)(word > 0xFFFFu) << 4;
    word >>= half;
    index += half;
    half = (unsigned)(word > 0xFFu) << 3;
    word >>= half;
    index += half;
    half = (unsigned)(word > 0xFu) << 2;
    word >>= half;
    index += half;
    half = (unsigned)(word > 0x3u) << 1;
    word >>= half;
    index += half;
    return index + (unsigned)(word >> 1);
}

/* word & -word is the lowest set bit alone, and so its own last set bit. */
static inline unsigned portable_first_set(uint32_t word) {
    return portable_last_set(word & (0u - word));
}

static inline unsigned portable_last_set64(uint64_t word) {
    const uint32_t high = (uint32_t)(word >> 32);
    return high != 0 ? 32u + portable_last_set(high) : portable_last_set((uint32_t)word);
}

/* For processors with a fast multiplication and no bit search. A word with one bit, times a de
 * Bruijn sequence, has the index of the bit at its top: the sequence holds each number of five
 * bits once. */
static inline unsigned multiplied_index(uint32_t bit) {
    /* index_of[i]: where the sequence holds the number i. */
    static const uint8_t index_of[32] = {0,  1,  28, 2,  29, 14, 24, 3,  30, 22, 20,
                                         15, 25, 17, 4,  8,  31, 27, 13, 23, 21, 19,
                                         16, 7,  26, 12, 18, 6,  11, 5,  10, 9};
    return index_of[(bit * 0x077CB531u) >> 27];
}

static inline unsigned multiplied_first_set(uint32_t word) {
    return multiplied_index(word & (0u - word));
}

/* Sets every bit below the highest. Then the word minus its half is the highest bit. */
static inline unsigned multiplied_last_set(uint32_t word) {
    word |= word >> 1;
    word |= word >> 2;
    word |= word >> 4;
    word |= word >> 8;
    word |= word >> 16;
    return multiplied_index(word - (word >> 1));
}

/* ---- bit searches of this build ------------------------------------------------------ */

#ifndef BITS_FIRST_SET
#define BITS_FIRST_SET(word) portable_first_set(word)
#endif
#ifndef BITS_LAST_SET
#define BITS_LAST_SET(word) portable_last_set(word)
#define BITS_LAST_SET_IS_SLOW 1
#endif
#ifndef BITS_LAST_SET_IS_SLOW
#define BITS_LAST_SET_IS_SLOW 0
#endif
#ifndef BITS_LAST_SET64
#define BITS_LAST_SET64(word) portable_last_set64(word)
#endif

static inline unsigned bits_first_set(uint32_t word) {
    TLSF_ASSERT(word != 0);
    return BITS_FIRST_SET(word);
}

static inline unsigned bits_last_set(uint32_t word) {
    TLSF_ASSERT(word != 0);
    return BITS_LAST_SET(word);
}

static inline unsigned bits_last_set64(uint64_t word) {
    TLSF_ASSERT(word != 0);
    return BITS_LAST_SET64(word);
}

/* ---- classes ------------------------------------------------------------------------- */

#define CLASS_FIRST \
    ((unsigned)((offsetof(control, heads) - offsetof(block, next)) / sizeof(block_link)))
#define CLASS_MAX (CLASS_FIRST + CLASS_COUNT - 1) /* the class of OUTER_SIZE_MAX */

static_assert(CLASS_FIRST != 0 && CLASS_FIRST <= CLASS_FIRST_MAX,
              "0 is no class, and the bitmaps have a bit for each class");
static_assert((offsetof(control, heads) - offsetof(block, next)) % sizeof(block_link) == 0,
              "heads lie whole links above the null block's");

/* Bytes of a control structure with list heads for the classes up to class_end - 1. */
static inline size_t control_bytes(uint32_t class_end) {
    return offsetof(control, heads) + (size_t)(class_end - CLASS_FIRST) * sizeof(block_link);
}

/* Index of the highest set bit of n, which is not 0. */
static inline unsigned size_last_set(outer_size n) {
    return sizeof(outer_size) <= 4 ? bits_last_set((uint32_t)n) : bits_last_set64(n);
}

/* Whether n is a small size: its class has no other size. */
static inline bool size_is_small(outer_size n) { return n < 2 * CLASSES_PER_OCTAVE * GRANULE_SIZE; }

/* The class of a small size: the formula's result without the search for the highest bit. */
static inline size_t class_of_small(outer_size n) {
    return CLASS_FIRST + (size_t)(n / GRANULE_SIZE);
}

/* The class of a free block of size n. Flags in n do not matter. Any n is allowed, because checks
 * ask for sizes that may be corrupted. */
static inline size_t class_floor(outer_size n) {
    if (BITS_LAST_SET_IS_SLOW && size_is_small(n)) {
        return class_of_small(n);
    }
    const unsigned shift = size_last_set(n | CLASSES_PER_OCTAVE * GRANULE_SIZE) - TLSF_SL_BITS;
    return CLASS_FIRST + (shift << TLSF_SL_BITS) + (unsigned)(n >> shift) -
           BLOCK_FLAG_BITS * CLASSES_PER_OCTAVE;
}

/* The lowest class whose every block holds n. A search asks for the classes above floor(n - 1)
 * instead, and saves the addition. */
static inline size_t class_ceil(outer_size n) { return class_floor(n - 1) + 1; }

/* The smallest size of the lowest class whose every block holds n. It wraps to 0 above
 * OUTER_SIZE_MAX. */
static inline outer_size size_rounded(outer_size n) {
    const unsigned shift = size_last_set(n | CLASSES_PER_OCTAVE * GRANULE_SIZE) - TLSF_SL_BITS;
    const outer_size last = ((outer_size)1 << shift) - 1;
    return (n + last) & ~last;
}

/* The size that a request for n gets of a room that holds n. Flags of the room do not matter. */
static inline outer_size size_cut(outer_size n, header_word room) {
    if (!TLSF_ROUND_TO_CLASS) {
        return n;
    }
    const outer_size rounded = size_rounded(n);
    return rounded - 1 < room ? rounded : header_size(room);
}

/* What such a request leaves of the room. */
static inline header_word size_rest(outer_size n, header_word room) {
    return room - size_cut(n, room);
}

static inline size_t class_row(size_t size_class) { return size_class / CLASSES_PER_ROW; }

static inline unsigned class_column(size_t size_class) {
    return (unsigned)(size_class % CLASSES_PER_ROW);
}

#endif
