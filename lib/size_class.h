/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Size classes: one flat index for both levels.
 *
 * With n = outer size in granules, S = 2^TLSF_SL_BITS and
 *
 *     k     = index of the highest set bit of (n | S), minus TLSF_SL_BITS
 *     floor = k * S + (n >> k)                    the class where a free block of n is kept
 *     ceil  = k * S + ((n + 2^k - 1) >> k)        the first class whose every block holds n
 *
 * the classes are contiguous, class >> TLSF_SL_BITS is the first level (the row of a bitmap),
 * and class % S the second. Below 2 * S granules each size has a class of its own; above,
 * a class spans 2^k sizes. Source: the TLSF paper, section 3, with the row offset folded in.
 */
#ifndef TLSF_SIZE_CLASS_H
#define TLSF_SIZE_CLASS_H

#include "block.h"

#define CLASSES_PER_ROW (1u << TLSF_SL_BITS)

/* Every size below 2^GRANULES_BITS granules has a class; this is that of the largest. */
#define CLASS_MAX ((GRANULES_BITS - TLSF_SL_BITS) * CLASSES_PER_ROW + CLASSES_PER_ROW - 1)

/* One more row than CLASS_MAX needs: class_ceil of the largest sizes rolls over into it. */
#define ROW_COUNT (CLASS_MAX / CLASSES_PER_ROW + 2)

static inline unsigned class_shift(granules n) {
    return granules_last_set(n | CLASSES_PER_ROW) - TLSF_SL_BITS;
}

static inline unsigned class_floor(granules n) {
    const unsigned k = class_shift(n);
    return (k << TLSF_SL_BITS) + (unsigned)(n >> k);
}

static inline unsigned class_ceil(granules n) {
    const unsigned k = class_shift(n);
    return (k << TLSF_SL_BITS) + (unsigned)((n + ((granules)1 << k) - 1) >> k);
}

static inline unsigned class_row(unsigned class) { return class >> TLSF_SL_BITS; }

static inline unsigned class_column(unsigned class) { return class & (CLASSES_PER_ROW - 1); }

_Static_assert(ROW_COUNT <= 32, "the first-level bitmap is one 32-bit word");

#endif
