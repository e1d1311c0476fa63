/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Size classes: one flat index for both levels.
 *
 * With n = outer size in quarter granules and S = 2^TLSF_SL_BITS
 *
 *     shift    = index of the highest set bit of (n | 4 * S), minus TLSF_SL_BITS
 *     floor(n) = (shift - 2) * S + (n >> shift)   where a free block of size n is kept
 *     ceil(n)  = floor(n - 1) + 1                 where every block, and of all above, holds n
 *
 * the classes are contiguous: floor of a class's smallest size is that class, and the classes
 * above floor(n - 1) are exactly those whose every block holds n. Below 2 * S granules each
 * size has a class of its own; above, a class spans 2^(shift - 2) of them. Source: the TLSF
 * paper, section 3, with first and second level in one number.
 *
 * The bitmaps have one bit a class, 32 classes a row, whatever S is.
 */
#ifndef TLSF_SIZE_CLASS_H
#define TLSF_SIZE_CLASS_H

#include "block.h"

#define CLASSES_PER_OCTAVE (1u << TLSF_SL_BITS) /* S: classes for each power of two */
#define CLASSES_PER_ROW 32u

/* Every size up to QUARTERS_MAX has a class; this is that of the largest. */
#define CLASS_MAX ((GRANULES_BITS - TLSF_SL_BITS) * CLASSES_PER_OCTAVE + CLASSES_PER_OCTAVE - 1)
#define ROW_COUNT (CLASS_MAX / CLASSES_PER_ROW + 1)

static inline size_t class_floor(quarters n) {
    if (BITS_LAST_SET_IS_SLOW && n < 2 * CLASSES_PER_OCTAVE * GRANULE_QUARTERS) {
        return n / GRANULE_QUARTERS; /* what the formula gives, without looking for the bit */
    }
    const unsigned shift =
        quarters_last_set(n | CLASSES_PER_OCTAVE * GRANULE_QUARTERS) - TLSF_SL_BITS;
    return (shift << TLSF_SL_BITS) + (unsigned)(n >> shift) - BLOCK_FLAG_BITS * CLASSES_PER_OCTAVE;
}

/* The definition; a search goes above class_floor(n - 1), and saves the addition. */
static inline size_t class_ceil(quarters n) { return class_floor(n - 1) + 1; }

static inline size_t class_row(size_t class) { return class / CLASSES_PER_ROW; }

static inline unsigned class_column(size_t class) { return (unsigned)(class % CLASSES_PER_ROW); }

_Static_assert(ROW_COUNT <= 32, "the first-level bitmap is one 32-bit word");

#endif
