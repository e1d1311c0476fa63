/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bit operations of the build. bits_arch.h is found on the include path (-Iarch/<name>,
 * or a folder of the user's own) and defines any of the macros below; the portable ones supply
 * the rest.
 *
 *   BITS_FIRST_SET(word)    0-based index of the lowest set bit of a uint32_t that is not 0
 *   BITS_LAST_SET(word)     0-based index of the highest set bit of a uint32_t that is not 0
 *   BITS_LAST_SET64(word)   the same of a uint64_t that is not 0 (wide layout, 64-bit machines)
 *   BITS_LAST_SET_IS_SLOW   1 where BITS_LAST_SET takes more than a branch that is mostly
 *                           predicted: the classes of small sizes are then found without it
 */
#ifndef TLSF_BITS_H
#define TLSF_BITS_H

#include <bits_arch.h>
#include <stdint.h>

/* ---- portable: what every architecture's file must equal ----------------------------- */

/* floor(log2(word)), by halving: is there a bit in the upper half of what is left? */
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
    return index + (word >> 1);
}

/* The lowest set bit alone, word & -word, is its own last set bit. */
static inline unsigned portable_first_set(uint32_t word) {
    return portable_last_set(word & (0u - word));
}

static inline unsigned portable_last_set64(uint64_t word) {
    const uint32_t high = (uint32_t)(word >> 32);
    return high != 0 ? 32u + portable_last_set(high) : portable_last_set((uint32_t)word);
}

/* The index of the one bit of a word: times a de Bruijn sequence, which holds each number of five
 * bits once, it moves its own number to the top. */
static inline unsigned multiplied_index(uint32_t bit) {
    /* index_of[i] is the place at which the sequence holds the number i. */
    static const uint8_t index_of[32] = {0,  1,  28, 2,  29, 14, 24, 3,  30, 22, 20,
                                         15, 25, 17, 4,  8,  31, 27, 13, 23, 21, 19,
                                         16, 7,  26, 12, 18, 6,  11, 5,  10, 9};
    return index_of[(bit * 0x077CB531u) >> 27];
}

static inline unsigned multiplied_first_set(uint32_t word) {
    return multiplied_index(word & (0u - word));
}

/* With every bit below the highest set, too, half of the word is one less than the highest. */
static inline unsigned multiplied_last_set(uint32_t word) {
    word |= word >> 1;
    word |= word >> 2;
    word |= word >> 4;
    word |= word >> 8;
    word |= word >> 16;
    return multiplied_index(word - (word >> 1));
}

/* ---- the build's -------------------------------------------------------------------- */

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

static inline unsigned bits_first_set(uint32_t word) { return BITS_FIRST_SET(word); }

static inline unsigned bits_last_set(uint32_t word) { return BITS_LAST_SET(word); }

static inline unsigned bits_last_set64(uint64_t word) { return BITS_LAST_SET64(word); }

#endif
