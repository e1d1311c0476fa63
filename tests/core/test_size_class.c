/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compares size classes with a specification that counts: on every bound of a class, next to it,
 * and on random sizes. The layout and TLSF_SL_BITS are those that this executable was compiled
 * with.
 *
 * Each case verifies T104, T105, C19, unless it says otherwise.
 */
#include "support/class_reference.h"
#include "support/internals.h"
#include "support/random.h"
#include "support/suite.h"

enum { RANDOM_SIZES = 200000 };

enum { PER_OCTAVE = 1 << TLSF_SL_BITS };

static const uint64_t size_max = OUTER_SIZE_MAX / GRANULE_SIZE;

/* The outer size of `granules` granules. The specification counts in granules. */
static outer_size size_of(uint64_t granules) { return (outer_size)(granules * GRANULE_SIZE); }

static void expect_as_specified(uint64_t n) {
    const outer_size size = size_of(n);
    assert_int_equal(class_floor(size), CLASS_FIRST + reference_floor(n, PER_OCTAVE));
    if (n > 0) { /* nobody searches for a block of size 0 */
        assert_int_equal(class_ceil(size), CLASS_FIRST + reference_ceil(n, PER_OCTAVE));
    }
}

/* The largest size of the class of n. */
static uint64_t upper(uint64_t n) {
    return reference_lower(n, PER_OCTAVE) + reference_width(n, PER_OCTAVE) - 1;
}

static void size_class_every_bound_is_as_specified(void **state) {
    (void)state;
    unsigned classes = 0;
    for (uint64_t lower = 0; lower <= size_max; lower = upper(lower) + 1) {
        expect_as_specified(lower);
        expect_as_specified(upper(lower));
        if (lower > 0) {
            expect_as_specified(lower - 1);
        }
        if (lower < upper(lower)) {
            expect_as_specified(lower + 1);
            expect_as_specified(upper(lower) - 1);
        }
        classes++;
    }
    assert_int_equal(classes, CLASS_MAX + 1 - CLASS_FIRST);
}

/* Verifies T105, C19, C20. */
static void size_class_lower_bounds_are_contiguous(void **state) {
    (void)state;
    size_t expected = CLASS_FIRST;
    for (uint64_t lower = 0; lower <= size_max; lower = upper(lower) + 1) {
        assert_int_equal(class_floor(size_of(lower)), expected);
        assert_int_equal(class_floor(size_of(upper(lower))), expected);
        assert_true(lower == 0 || class_ceil(size_of(lower)) == expected);
        expected++;
    }
    assert_int_equal(class_floor(size_of(size_max)), CLASS_MAX);
}

static void size_class_ceil_is_first_class_that_holds(void **state) {
    (void)state;
    for (uint64_t lower = 0; lower <= size_max; lower = upper(lower) + 1) {
        if (lower < upper(lower)) {
            const size_t class = class_floor(size_of(lower));
            assert_int_equal(class_ceil(size_of(lower + 1)), class + 1);
            assert_int_equal(class_ceil(size_of(upper(lower))), class + 1);
        }
    }
}

/* Verifies T107, C19, C30. */
static void size_class_below_two_octaves_counts_granules(void **state) {
    (void)state;
    for (unsigned n = 1; n < 2 * PER_OCTAVE; n++) {
        assert_int_equal(class_floor(size_of(n)), CLASS_FIRST + n);
        assert_int_equal(class_ceil(size_of(n)), CLASS_FIRST + n);
    }
}

static void size_class_is_monotone_on_random_sizes(void **state) {
    random_source source = random_from(random_seed("size classes", 1));
    (void)state;
    for (unsigned i = 0; i < RANDOM_SIZES; i++) {
        const unsigned shift = (unsigned)random_below(&source, GRANULES_BITS);
        const uint64_t n = (random_bits(&source) & size_max) >> shift;
        expect_as_specified(n);
        if (n > 1) {
            assert_true(class_floor(size_of(n)) <= class_ceil(size_of(n)));
            assert_true(class_floor(size_of(n - 1)) <= class_floor(size_of(n)));
            assert_true(class_ceil(size_of(n - 1)) <= class_ceil(size_of(n)));
        }
    }
}

/* The undefined-behaviour sanitizer checks each shift here. */
static void size_class_every_power_of_two_is_as_specified(void **state) {
    (void)state;
    for (unsigned bit = 0; bit < GRANULES_BITS; bit++) {
        const uint64_t power = UINT64_C(1) << bit;
        expect_as_specified(power - 1);
        expect_as_specified(power);
        expect_as_specified(power | power >> 1);
    }
}

/* Each class has a row and column of its own, in the order of the classes. */
static void size_class_row_and_column_are_a_place_of_its_own(void **state) {
    (void)state;
    size_t before = 0;
    for (size_t class = CLASS_FIRST; class <= CLASS_MAX; class ++) {
        assert_true(class_row(class) < ROW_COUNT);
        assert_true(class_column(class) < 32);
        const size_t place = class_row(class) * 32 + class_column(class);
        assert_true(class == CLASS_FIRST || place > before);
        before = place;
    }
}

static void size_class_ceil_of_largest_size_is_above_every_class(void **state) {
    (void)state;
    assert_int_equal(class_ceil(size_of(size_max)), CLASS_MAX + 1);
}

/* ---- rounding to a class ------------------------------------------------------------ */

/* The smallest size of the lowest class whose every block holds n granules. */
static uint64_t reference_rounded(uint64_t n) {
    return reference_lower(n, PER_OCTAVE) == n ? n : upper(n) + 1;
}

static void expect_rounded(uint64_t n) {
    assert_int_equal(size_rounded(size_of(n)), size_of(reference_rounded(n)));
}

static void size_rounded_is_the_begin_of_the_class_that_holds_it(void **state) {
    (void)state;
    for (uint64_t lower = 1; upper(lower) < size_max; lower = upper(lower) + 1) {
        expect_rounded(lower);
        expect_rounded(lower + 1);
        expect_rounded(upper(lower));
    }
}

static void expect_cut(uint64_t n, uint64_t room) {
    const uint64_t cut = !TLSF_ROUND_TO_CLASS           ? n
                         : reference_rounded(n) <= room ? reference_rounded(n)
                                                        : room;
    for (header_word flags = 0; flags <= BLOCK_FLAGS; flags++) {
        const header_word header = size_of(room) | flags;
        assert_int_equal(size_cut(size_of(n), header), size_of(cut));
        assert_int_equal(size_rest(size_of(n), header), header - size_of(cut));
    }
}

/* With TLSF_ROUND_TO_CLASS it is rounded; where the room ends before, it is all of the room. */
static void size_cut_is_what_the_request_gets_of_the_room(void **state) {
    (void)state;
    for (uint64_t n = 1; n < 20 * PER_OCTAVE; n++) {
        for (uint64_t room = n; room <= reference_rounded(n) + 3; room++) {
            expect_cut(n, room);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_class_every_bound_is_as_specified),
        cmocka_unit_test(size_class_lower_bounds_are_contiguous),
        cmocka_unit_test(size_class_ceil_is_first_class_that_holds),
        cmocka_unit_test(size_class_below_two_octaves_counts_granules),
        cmocka_unit_test(size_class_is_monotone_on_random_sizes),
        cmocka_unit_test(size_class_every_power_of_two_is_as_specified),
        cmocka_unit_test(size_class_row_and_column_are_a_place_of_its_own),
        cmocka_unit_test(size_class_ceil_of_largest_size_is_above_every_class),
        cmocka_unit_test(size_rounded_is_the_begin_of_the_class_that_holds_it),
        cmocka_unit_test(size_cut_is_what_the_request_gets_of_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
