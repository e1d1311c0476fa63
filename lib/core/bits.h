/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bit operations: find-first-set and find-last-set.
 *
 * <bits_arch.h> on the include path is a file of arch/NAME, or your own. If there is none,
 * arch/bits_arch.h chooses one by the compiler's own macros. It defines any of these macros. The
 * portable functions below stand in for the others.
 *
 *   BITS_FIRST_SET(word)    index of the lowest set bit of a uint32_t; the word is not 0
 *   BITS_LAST_SET(word)     index of the highest set bit of a uint32_t; the word is not 0
 *   BITS_LAST_SET64(word)   the same of a uint64_t (wide layout on 64-bit machines)
 *   BITS_LAST_SET_IS_SLOW   1 where BITS_LAST_SET costs more than a well predicted branch: then
 *                           small sizes find their class without it
 */
#ifndef TLSF_BITS_H
#define TLSF_BITS_H

#include <stdint.h>

/* A compiler that cannot ask needs -Iarch, but for the library in two files (tools/amalgamate). */
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

#include "tlsf_config.h"

/* ---- portable: the results that every architecture's file must give ------------------ */

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

/* ---- the operations of this build ---------------------------------------------------- */

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

#endif
