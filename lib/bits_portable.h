/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Find-first-set and find-last-set in plain C. They define what every architecture's file
 * must equal, and stand in for what an architecture does not define.
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

#endif
