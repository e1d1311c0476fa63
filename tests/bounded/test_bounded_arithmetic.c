/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The arithmetic of a plan, compared with wide multiplication, with the processor's division, and
 * with a specification of size classes that counts. The suite has the constants of a core of its
 * own, and plans that plan_make does not make.
 *
 * No case verifies a promise: they hold the arithmetic that the plan and its bound are made of.
 */
#include "support/bounded_internals.h"
#include "support/class_reference.h"
#include "support/random.h"
#include "support/suite.h"

enum { RANDOM_PAIRS = 2000 };

/* ---- a core ------------------------------------------------------------------------- */

enum { HEADER = 4, BLOCK_LEAST = 3 * TLSF_GRANULE, POOL_OVERHEAD = 5 * TLSF_GRANULE };

size_t tlsf_alloc_overhead(void) { return HEADER; }

size_t tlsf_block_size_min(void) { return BLOCK_LEAST - HEADER; }

size_t tlsf_block_size_max(void) { return SIZE_MAX / 4; }

size_t tlsf_pool_overhead(void) { return POOL_OVERHEAD; }

/* ---- sums, products and quotients --------------------------------------------------- */

/* Ends of the numbers and halves of them, where a carry or an overflow begins. */
static const size_t ends[] = {0,
                              1,
                              2,
                              3,
                              7,
                              8,
                              1000,
                              ((size_t)1 << (sizeof(size_t) * 4)) - 1,
                              (size_t)1 << (sizeof(size_t) * 4),
                              ((size_t)1 << (sizeof(size_t) * 4)) + 1,
                              SIZE_MAX / 3,
                              SIZE_MAX / 2,
                              SIZE_MAX / 2 + 1,
                              SIZE_MAX - 1,
                              SIZE_MAX};

static void expect_sum(size_t a, size_t b) {
    const size_t wrapped = a + b;
    assert_true(size_add(a, b) == (wrapped < a ? SIZE_MAX : wrapped));
}

static void expect_product(size_t a, size_t b) {
    const bool overflows = a != 0 && b > SIZE_MAX / a;
    assert_true(size_times(a, b) == (overflows ? SIZE_MAX : a * b));
}

static void expect_quotient(size_t a, size_t b) {
    if (b != 0) {
        assert_true(size_over(a, b) == a / b);
    }
}

static void expect_all(size_t a, size_t b) {
    expect_sum(a, b);
    expect_product(a, b);
    expect_quotient(a, b);
}

static void arithmetic_at_the_ends_is_exact_or_most(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        for (size_t j = 0; j < COUNT_OF(ends); j++) {
            expect_all(ends[i], ends[j]);
        }
    }
}

/* Numbers of all lengths alike. */
static size_t number(random_source *source) {
    return (size_t)random_bits(source) >> random_below(source, sizeof(size_t) * 8);
}

static void arithmetic_of_random_numbers_is_exact_or_most(void **state) {
    (void)state;
    random_source source = random_from(random_seed("arithmetic of a plan", 1));
    for (size_t i = 0; i < RANDOM_PAIRS; i++) {
        const size_t a = number(&source), b = number(&source);
        expect_all(a, b);
        expect_product(a, a == 0 ? b : SIZE_MAX / a);     /* the largest that does not overflow */
        expect_product(a, a == 0 ? b : SIZE_MAX / a + 1); /* and the smallest that does */
    }
}

/* ---- sizes of lanes and chunks ------------------------------------------------------ */

/* A chunk of lane 0 is the least power of two from 6 times the lane's largest size on. */
static void chunk_is_a_power_of_two_from_six_largest_blocks_on(void **state) {
    (void)state;
    for (size_t largest = 4 * TLSF_GRANULE; largest < 300000; largest += 4 * TLSF_GRANULE) {
        size_t expected = 1;
        while (expected < 6 * largest) {
            expected *= 2;
        }
        assert_int_equal((size_t)1 << plan_unit_shift(largest), expected);
    }
}

static void chunk_of_each_lane_is_four_times_that_before(void **state) {
    (void)state;
    const bounded_plan plan = {.last = LANES_MAX - 1, .unit_shift = 11};
    size_t expected = 2048;
    for (unsigned g = 0; g < LANES_MAX; g++) {
        assert_int_equal(plan_chunk_bytes(&plan, g), expected);
        expected *= 4;
    }
}

/* ---- size classes ------------------------------------------------------------------- */

enum { PER_OCTAVE = 1 << TLSF_SL_BITS };

static void class_width_is_as_specified(void **state) {
    (void)state;
    for (size_t granules = 1; granules < 70000; granules++) {
        assert_int_equal(bound_class_width(granules * TLSF_GRANULE),
                         reference_width(granules, PER_OCTAVE) * TLSF_GRANULE);
    }
}

/* The largest size in the class of the next smaller size. */
static void hole_beside_a_request_is_the_last_of_the_class_before(void **state) {
    (void)state;
    for (size_t granules = 2; granules < 70000; granules++) {
        const uint64_t largest = reference_lower(granules - 1, PER_OCTAVE) +
                                 reference_width(granules - 1, PER_OCTAVE) - 1;
        assert_int_equal(bound_hole_beside(granules * TLSF_GRANULE), largest * TLSF_GRANULE);
    }
}

/* lambda: a rest that is no block, and what rounding to a class adds. */
static void beyond_request_is_a_rest_and_what_is_rounded(void **state) {
    (void)state;
    for (size_t granules = 1; granules < 3000; granules++) {
        const uint64_t width = TLSF_ROUND_TO_CLASS ? reference_width(granules, PER_OCTAVE) : 1;
        assert_int_equal(bound_beyond_request(granules * TLSF_GRANULE),
                         BLOCK_LEAST - TLSF_GRANULE + (size_t)(width - 1) * TLSF_GRANULE);
    }
}

/* ---- chunks ------------------------------------------------------------------------- */

/* q: the least of max(x m, C - o - h - x (h + lambda)) over x = 1, 2, ... */
static size_t chunk_live_specified(size_t chunk, size_t smallest, size_t largest) {
    const size_t h = bound_hole_beside(largest), each = h + bound_beyond_request(largest);
    size_t least = SIZE_MAX;
    for (size_t x = 1; x <= chunk; x++) {
        const size_t holes = POOL_OVERHEAD + h + x * each;
        const size_t rest = holes < chunk ? chunk - holes : 0;
        const size_t most = rest > x * smallest ? rest : x * smallest;
        least = most < least ? most : least;
    }
    return least;
}

/* From one smallest block, which is all that a chunk has, to hundreds in a chunk. */
static void chunk_live_is_the_least_that_the_proof_allows(void **state) {
    (void)state;
    for (unsigned shift = 10; shift <= 13; shift++) {
        const size_t chunk = (size_t)1 << shift;
        for (size_t largest = 2 * TLSF_GRANULE; largest < chunk / 3; largest += TLSF_GRANULE) {
            for (size_t smallest = TLSF_GRANULE; smallest < chunk; smallest *= 3) {
                bounded_plan plan = {.last = 1, .unit_shift = shift};
                plan.smallest[0] = smallest;
                plan.largest[0] = largest;
                assert_int_equal(bound_chunk_live(&plan, 0),
                                 chunk_live_specified(chunk, smallest, largest));
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_at_the_ends_is_exact_or_most),
        cmocka_unit_test(arithmetic_of_random_numbers_is_exact_or_most),
        cmocka_unit_test(chunk_is_a_power_of_two_from_six_largest_blocks_on),
        cmocka_unit_test(chunk_of_each_lane_is_four_times_that_before),
        cmocka_unit_test(class_width_is_as_specified),
        cmocka_unit_test(hole_beside_a_request_is_the_last_of_the_class_before),
        cmocka_unit_test(beyond_request_is_a_rest_and_what_is_rounded),
        cmocka_unit_test(chunk_live_is_the_least_that_the_proof_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
