/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bound of docs/memory-bound.md for the bounded heap. No adversary is refused in a region of
 * that size; stairs of rounds are refused in one of four tenths. Every game of few requests is
 * played out; of one request less where TLSF_TEST_STEPS asks for a short run.
 */
#include "adversaries.h"
#include "bounds.h"
#include "games.h"
#include "opponents.h"
#include "support/random.h"
#include "support/suite.h"
#include "tlsf.h"

enum { GAME_LENGTH = 6, OPPONENTS = 20, DEFAULT_STEPS = 5000 };

static bool run_is_short(void) { return random_steps(DEFAULT_STEPS) < DEFAULT_STEPS; }

static contest contest_for(size_t live, size_t smallest, size_t largest, size_t align) {
    limits l = {live, bound_outer(smallest), bound_outer(largest), 0, align};
    l.blocks = l.live / l.smallest;
    const contest c = {&bounded_heap_kind, l, bound_of_bounded(&l)};
    assert_true(c.bound > 0);
    return c;
}

static size_t percent(const contest *c, size_t reached) {
    assert_true(reached <= c->bound);
    return reached * 100 / c->bound;
}

/* Verifies B1, B17. */
static void bounded_stairs_reach_four_tenths_and_never_exceed_it(void **state) {
    (void)state;
    const size_t unit = bound_outer(1);
    const contest c = contest_for(1024 * unit, unit, 64 * unit, 0);
    assert_true(percent(&c, stairs_reach(&c)) >= 40);
}

/* Without chunks the last lane's part of the bound stands alone. */
/* Verifies B1, B17. */
static void bounded_one_lane_most_is_reached_and_never_exceeded(void **state) {
    (void)state;
    const size_t unit = bound_outer(1);
    const contest c = contest_for(1024 * unit, unit, 4 * unit - tlsf_alloc_overhead(), 0);
    assert_true(percent(&c, shrinking_reach(&c)) >= 60);
}

/* Verifies B1, B17. */
static void bounded_other_adversaries_never_exceed_it(void **state) {
    (void)state;
    const uint64_t seed = random_seed("adversaries of the bounded heap", 1);
    const size_t opponents = run_is_short() ? OPPONENTS / 4 : OPPONENTS;
    for (size_t align = 0; align <= 256; align += 256) {
        const contest c = contest_for(12000, 24, 1500, align);
        percent(&c, adversaries_reach(&c, seed, opponents));
    }
}

/* For 16 to 1,024 bytes it is about 15 M, where the default heap's is 65 M. Rounding to a class
 * adds up to 1.5 M. */
/* Verifies B1. */
static void bounded_is_a_small_part_of_the_default_bound(void **state) {
    (void)state;
    const size_t unit = bound_outer(1);
    const contest c = contest_for(65536 * unit, unit, 64 * unit, 0);
    assert_true(c.bound <= (17 + TLSF_ROUND_TO_CLASS) * c.limits.live);
    assert_true(3 * c.bound <= bound_of_default(&c.limits, 1));
}

/* 13.5 to 16.4 M, by how many granules the smallest block has. No adversary tells when a lane's
 * chunks are taken to hold twice as much as the proof says: 11.4, 12.6 or 13.9 M. */
/* Verifies B17. */
static void bounded_is_no_smaller_than_the_proof_says(void **state) {
    (void)state;
    const size_t unit = bound_outer(1);
    const contest c = contest_for(65536 * unit, unit, 64 * unit, 0);
    assert_true(c.bound >= (12 + unit / tlsf_align_size() / 2) * c.limits.live);
}

/* Verifies B17. */
static void bounded_half_the_bound_is_exceeded(void **state) {
    (void)state;
    const size_t unit = bound_outer(1);
    contest c = contest_for(1024 * unit, unit, 64 * unit, 0);
    c.bound /= 2;
    assert_int_equal(stairs_reach(&c), c.bound + 1);
}

/* Three lanes, and at most six smallest blocks live. */
/* Verifies B1, B17. */
static void bounded_every_small_game_never_exceeds_it(void **state) {
    (void)state;
    const size_t unit = bound_outer(1);
    const contest c = contest_for(24 * unit, 1, 17 * unit, 0);
    const game_sizes sizes = {{unit, 4 * unit, 5 * unit, 17 * unit}, 4};
    contest few = c;
    few.limits.blocks = 6;
    const size_t length = run_is_short() ? GAME_LENGTH - 1 : GAME_LENGTH;
    assert_int_equal(games_refused(&few, &sizes, length, few.bound), 0);
    assert_true(games_refused(&few, &sizes, 2, few.bound / 4) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounded_stairs_reach_four_tenths_and_never_exceed_it),
        cmocka_unit_test(bounded_one_lane_most_is_reached_and_never_exceeded),
        cmocka_unit_test(bounded_other_adversaries_never_exceed_it),
        cmocka_unit_test(bounded_is_a_small_part_of_the_default_bound),
        cmocka_unit_test(bounded_is_no_smaller_than_the_proof_says),
        cmocka_unit_test(bounded_half_the_bound_is_exceeded),
        cmocka_unit_test(bounded_every_small_game_never_exceeds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
