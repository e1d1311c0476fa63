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

#include "bits.h"
#include "heap.h"

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
static inline bool size_is_exact(outer_size n) { return n < 2 * CLASSES_PER_OCTAVE * GRANULE_SIZE; }

/* The class of a small size: the formula's result without the search for the highest bit. */
static inline size_t class_exact(outer_size n) { return CLASS_FIRST + (size_t)(n / GRANULE_SIZE); }

/* The class of a free block of size n. Flags in n do not matter. Any n is allowed, because checks
 * ask for sizes that may be corrupted. */
static inline size_t class_floor(outer_size n) {
    if (BITS_LAST_SET_IS_SLOW && size_is_exact(n)) {
        return class_exact(n);
    }
    const unsigned shift = size_last_set(n | CLASSES_PER_OCTAVE * GRANULE_SIZE) - TLSF_SL_BITS;
    return CLASS_FIRST + (shift << TLSF_SL_BITS) + (unsigned)(n >> shift) -
           BLOCK_FLAG_BITS * CLASSES_PER_OCTAVE;
}

/* The lowest class whose every block holds n. A search asks for the classes above floor(n - 1)
 * instead, and saves the addition. */
static inline size_t class_ceil(outer_size n) { return class_floor(n - 1) + 1; }

static inline size_t class_row(size_t size_class) { return size_class / CLASSES_PER_ROW; }

static inline unsigned class_column(size_t size_class) {
    return (unsigned)(size_class % CLASSES_PER_ROW);
}

#endif
