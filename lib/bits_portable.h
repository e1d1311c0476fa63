/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Find-first-set and find-last-set in plain C. The portable ones define what every architecture's
 * file must equal, and stand in for what an architecture does not define. An architecture that has
 * no instruction for them but a fast multiplication can name the multiplied ones.
 */
#ifndef TLSF_BITS_PORTABLE_H
#define TLSF_BITS_PORTABLE_H

#include <stdint.h>

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

#endif
