/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Size classes: one flat index for both levels.
 *
 * With n = outer size in quarter granules and S = 2^TLSF_SL_BITS
 *
 *     shift    = index of the highest set bit of (n | 4 * S), minus TLSF_SL_BITS
 *     floor(n) = CLASS_FIRST + (shift - 2) * S + (n >> shift)
 *                                       where a free block of size n is kept
 *     ceil(n)  = floor(n - 1) + 1       where every block, and of all above, holds n
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

#include "heap.h"

/* The class of size 0: such that the head of list c lies c links above the null block's next link,
 * and c alone tells where (list_slot in free_list.h). 0 is no class. */
#define CLASS_FIRST \
    ((unsigned)((offsetof(control, heads) - offsetof(block, next)) / sizeof(block_link)))
#define CLASS_MAX (CLASS_FIRST + CLASS_COUNT - 1) /* that of OUTER_SIZE_MAX */

_Static_assert(CLASS_FIRST != 0 && CLASS_FIRST <= CLASS_FIRST_MAX,
               "0 is no class, and the bitmaps have a bit for each class");
_Static_assert((offsetof(control, heads) - offsetof(block, next)) % sizeof(block_link) == 0,
               "heads lie whole links above the null block's");

static inline size_t class_floor(outer_size n) {
    if (BITS_LAST_SET_IS_SLOW && n < 2 * CLASSES_PER_OCTAVE * GRANULE_SIZE) {
        /* what the formula gives, without looking for the bit */
        return CLASS_FIRST + n / GRANULE_SIZE;
    }
    const unsigned shift = size_last_set(n | CLASSES_PER_OCTAVE * GRANULE_SIZE) - TLSF_SL_BITS;
    return CLASS_FIRST + (shift << TLSF_SL_BITS) + (unsigned)(n >> shift) -
           BLOCK_FLAG_BITS * CLASSES_PER_OCTAVE;
}

/* The definition; a search goes above class_floor(n - 1), and saves the addition. */
static inline size_t class_ceil(outer_size n) { return class_floor(n - 1) + 1; }

static inline size_t class_row(size_t class) { return class / CLASSES_PER_ROW; }

static inline unsigned class_column(size_t class) { return (unsigned)(class % CLASSES_PER_ROW); }

#endif
