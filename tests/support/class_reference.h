/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Specifies size classes by counting instead of bit operations. n and sizes are granules; S is
 * `per_row`, the number of classes of a row.
 *
 * Each size below 2 * S has a class of its own. From 2 * S on, each power of two is divided into S
 * classes of equal width.
 */
#ifndef CLASS_REFERENCE_H
#define CLASS_REFERENCE_H

#include <stdint.h>

/* Number of sizes in the class of n: 1, 2, 4, ... */
static inline uint64_t reference_width(uint64_t n, uint64_t per_row) {
    uint64_t width = 1;
    while (n / width >= 2 * per_row) {
        width *= 2;
    }
    return width;
}

/* The smallest size of the class of n. */
static inline uint64_t reference_lower(uint64_t n, uint64_t per_row) {
    const uint64_t width = reference_width(n, per_row);
    return n / width * width;
}

/* The class of n, counted from the class of size 0. */
static inline uint64_t reference_floor(uint64_t n, uint64_t per_row) {
    const uint64_t width = reference_width(n, per_row);
    uint64_t doublings = 0;
    for (uint64_t w = width; w > 1; w /= 2) {
        doublings++;
    }
    return doublings * per_row + n / width;
}

/* The first class in which every size is at least n. */
static inline uint64_t reference_ceil(uint64_t n, uint64_t per_row) {
    return reference_floor(n, per_row) + (reference_lower(n, per_row) != n);
}

#endif
