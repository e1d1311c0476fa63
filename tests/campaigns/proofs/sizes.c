/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The size classes of this build, of every size that it allows, against a table that is made by
 * counting: one class a size below 2 * S, then S classes an octave, twice as wide in each. Given
 * "bounds" as an argument, of every class's bounds alone. And products on both sides of the
 * largest size_t, which no table holds.
 */
#include <stdio.h>
#include <string.h>

/* All of the core stands before this file: inside.include_core. */

enum { PER_OCTAVE = 1 << TLSF_SL_BITS };

static unsigned long long tried, failures;

static void expect(bool holds, const char *promise, unsigned long long n) {
    tried++;
    if (!holds && failures++ < 10) {
        printf("FAILED %s: %llu\n", promise, n);
    }
}

/* Sizes as headers hold them, with each flag, and what a search for one is. */
static void expect_class(unsigned long long granules, size_t class, bool is_lowest) {
    const outer_size n = (outer_size)(granules * GRANULE_SIZE);
    expect(class_floor(n) == class, "class of a size", granules);
    expect(class_floor(n | BLOCK_FREE) == class, "class of a free block's header", granules);
    expect(granules == 0 || class_ceil(n) == class + (is_lowest ? 0 : 1), "searched class",
           granules);
}

/* All sizes from 0 on; or, of each class, those two at either end. */
static void try_sizes(bool bounds_alone) {
    const unsigned long long end = (unsigned long long)OUTER_SIZE_MAX / GRANULE_SIZE + 1;
    unsigned long long lower = 0, width = 1;
    size_t class = CLASS_FIRST;
    for (; lower < end; class ++) {
        for (unsigned long long i = 0; i < width; i++) {
            if (bounds_alone && i == 2 && width > 4) {
                i = width - 2;
            }
            expect_class(lower + i, class, i == 0);
        }
        lower += width;
        const size_t classes = class - CLASS_FIRST + 1; /* so far */
        if (classes >= 2 * PER_OCTAVE && classes % PER_OCTAVE == 0) {
            width *= 2;
        }
    }
    expect(lower == end && class == CLASS_MAX + 1, "number of classes", class);
}

static void try_products(void) {
    for (size_t a = 1; a < 1000000; a++) {
        const size_t largest = SIZE_MAX / a;
        expect(!product_overflows(a, largest) && !product_overflows(largest, a), "product fits", a);
        expect(a == 1 || (product_overflows(a, largest + 1) && product_overflows(largest + 1, a)),
               "product overflows", a);
        expect(!product_overflows(0, a) && !product_overflows(a, 0), "product of 0", a);
    }
}

/* Every number of bytes near the largest requests, and the first million. */
static void try_requests(void) {
    const size_t largest = size_inner_bytes(OUTER_SIZE_MAX), few = 1000000;
    for (size_t i = 0; i < 2 * few; i++) {
        const size_t bytes = i < few ? i : largest - (i - few);
        const outer_size n = size_for_request(bytes);
        const size_t inner = size_inner_bytes(n);
        expect(n % GRANULE_SIZE == 0 && n >= BLOCK_MIN && n <= OUTER_SIZE_MAX, "size", bytes);
        expect(inner >= bytes && (n == BLOCK_MIN || inner - bytes < GRANULE), "room", bytes);
    }
}

int main(int count, char **arguments) {
    try_sizes(count > 1 && strcmp(arguments[1], "bounds") == 0);
    try_products();
    try_requests();
    printf("%llu tried, %llu failed\n", tried, failures);
    return failures != 0;
}
