/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bit operations that this executable was compiled with (-Iarch/<name>) equal the portable
 * ones, and those equal a count by hand.
 *
 * No case verifies a promise: the words of arch/ that search a bit; the promises rest on them.
 */
#include "support/internals.h"
#include "support/suite.h"

/* -DOWN_BITS=1: compiled with own_bits/bits_arch.h, a user's own file. */
#ifndef OWN_BITS
#define OWN_BITS 0
#endif

enum { RANDOM_WORDS = 200000 };

/* ---- the definition ----------------------------------------------------------------- */

static unsigned counted_first_set(uint64_t word) {
    unsigned index = 0;
    while ((word >> index & 1u) == 0) {
        index++;
    }
    return index;
}

static unsigned counted_last_set(uint64_t word) {
    unsigned index = 63;
    while ((word >> index & 1u) == 0) {
        index--;
    }
    return index;
}

static void expect_portable_is_counted(uint64_t word) {
    const uint32_t low = (uint32_t)word;
    assert_int_equal(portable_last_set64(word), counted_last_set(word));
    if (low != 0) {
        assert_int_equal(portable_first_set(low), counted_first_set(low));
        assert_int_equal(portable_last_set(low), counted_last_set(low));
        assert_int_equal(multiplied_first_set(low), counted_first_set(low));
        assert_int_equal(multiplied_last_set(low), counted_last_set(low));
    }
}

static void expect_build_is_portable(uint64_t word) {
    const uint32_t low = (uint32_t)word;
    assert_int_equal(bits_last_set64(word), portable_last_set64(word));
    if (low != 0) {
        assert_int_equal(bits_first_set(low), portable_first_set(low));
        assert_int_equal(bits_last_set(low), portable_last_set(low));
    }
}

/* ---- words to try ------------------------------------------------------------------- */

typedef void (*word_test)(uint64_t word);

static void try_one_and_two_bits(word_test test) {
    for (unsigned i = 0; i < 64; i++) {
        for (unsigned j = 0; j <= i; j++) {
            test(UINT64_C(1) << i | UINT64_C(1) << j);
        }
    }
}

/* All bits up to each place, and all bits from each place on. */
static void try_runs_of_bits(word_test test) {
    for (unsigned i = 0; i < 64; i++) {
        test(UINT64_MAX >> i);
        test(UINT64_MAX << i);
    }
}

/* Random words, shifted by random distances to either side, so that every result occurs. */
static void try_random_words(word_test test) {
    uint64_t state = 1;
    for (unsigned i = 0; i < RANDOM_WORDS; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const uint64_t word = state ^ state >> 29;
        const unsigned distance = (unsigned)(state >> 58);
        test(word >> distance | 1);
        test(word << distance | UINT64_C(1) << 63);
        if (word >> distance != 0) {
            test(word >> distance);
        }
    }
}

/* ---- cases -------------------------------------------------------------------------- */

static void portable_bits_one_and_two_set_equal_count(void **state) {
    (void)state;
    try_one_and_two_bits(expect_portable_is_counted);
}

static void portable_bits_runs_equal_count(void **state) {
    (void)state;
    try_runs_of_bits(expect_portable_is_counted);
}

static void portable_bits_random_words_equal_count(void **state) {
    (void)state;
    try_random_words(expect_portable_is_counted);
}

static void bits_of_build_one_and_two_set_equal_portable(void **state) {
    (void)state;
    try_one_and_two_bits(expect_build_is_portable);
}

static void bits_of_build_runs_equal_portable(void **state) {
    (void)state;
    try_runs_of_bits(expect_build_is_portable);
}

static void bits_of_build_random_words_equal_portable(void **state) {
    (void)state;
    try_random_words(expect_build_is_portable);
}

#if OWN_BITS
static void bits_of_user_plugged_in_is_called(void **state) {
    (void)state;
    own_first_set_calls = 0;
    assert_int_equal(bits_first_set(UINT32_C(1) << 17), 17);
    assert_int_equal(own_first_set_calls, 1);
}
#endif

/* A variant that needs instructions which this machine lacks cannot run here. clang 14 cannot ask
 * for lzcnt, but every processor with BMI (tzcnt) has it. */
static int machine_has_the_instructions(void) {
#ifdef __BMI__
    return __builtin_cpu_supports("bmi");
#else
    return 1;
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portable_bits_one_and_two_set_equal_count),
        cmocka_unit_test(portable_bits_runs_equal_count),
        cmocka_unit_test(portable_bits_random_words_equal_count),
        cmocka_unit_test(bits_of_build_one_and_two_set_equal_portable),
        cmocka_unit_test(bits_of_build_runs_equal_portable),
        cmocka_unit_test(bits_of_build_random_words_equal_portable),
#if OWN_BITS
        cmocka_unit_test(bits_of_user_plugged_in_is_called),
#endif
    };
    if (!machine_has_the_instructions()) {
        print_message("not tested: this processor lacks tzcnt or lzcnt\n");
        return 77; /* Meson reports it as skipped */
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
