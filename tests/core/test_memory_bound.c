/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bound of docs/memory-bound.md for the default heap. No adversary is refused in a heap of that
 * size, and some are refused in one not much smaller. Every game of few requests is played out; of
 * one request less where TLSF_TEST_STEPS asks for a short run.
 */
#include "adversaries.h"
#include "bounds.h"
#include "games.h"
#include "opponents.h"
#include "support/random.h"
#include "support/suite.h"
#include "tlsf.h"

enum { GAME_LENGTH = 7, OPPONENTS = 20, DEFAULT_STEPS = 5000 };

static bool run_is_short(void) { return random_steps(DEFAULT_STEPS) < DEFAULT_STEPS; }

static contest contest_for(size_t live, size_t smallest, size_t largest, size_t align) {
    limits l = {live, bound_outer(smallest), bound_outer(largest), 0, align};
    l.blocks = l.live / l.smallest;
    const contest c = {&default_heap, l, bound_of_default(&l, 1)};
    return c;
}

static size_t percent(const contest *c, size_t reached) {
    assert_true(reached <= c->bound);
    return reached * 100 / c->bound;
}

/* Verifies T19, T20, T21. */
static void bound_most_of_it_is_reached_and_never_exceeded(void **state) {
    (void)state;
    const contest c = contest_for(16384, 16, 1024, 0);
    assert_true(percent(&c, shrinking_reach(&c)) >= 60);
}

/* Classes have several sizes here, so a hole can miss the next request by a granule. */
/* Verifies T21, C28. */
static void bound_rounds_reach_most_of_it_unless_sizes_are_rounded(void **state) {
    (void)state;
    const size_t largest = ((size_t)16 << TLSF_SL_BITS) * tlsf_align_size();
    const contest c = contest_for(16 * largest, 1, largest, 0);
    const size_t reached = percent(&c, rounds_reach(&c));
    assert_true(TLSF_ROUND_TO_CLASS ? reached < 10 : reached >= 60);
}

/* Verifies T21. */
static void bound_where_sizes_have_own_classes_shrinking_reaches_most(void **state) {
    (void)state;
    const contest c = contest_for(8192, 16, 15 * tlsf_align_size(), 0);
    assert_true(percent(&c, shrinking_reach(&c)) >= 60);
    percent(&c, rounds_reach(&c));
}

/* Verifies T21, D8. */
static void bound_other_adversaries_never_exceed_it(void **state) {
    (void)state;
    const uint64_t seed = random_seed("adversaries", 1);
    const size_t opponents = run_is_short() ? OPPONENTS / 4 : OPPONENTS;
    for (size_t align = 0; align <= 256; align += 256) {
        const contest c = contest_for(16384, 24, 1500, align);
        percent(&c, adversaries_reach(&c, seed, opponents));
    }
}

/* A contest that a wrong bound loses: this tells that the others can be lost. */
/* Verifies T21. */
static void bound_of_half_the_holes_is_exceeded(void **state) {
    (void)state;
    contest c = contest_for(16384, 16, 1024, 0);
    c.bound /= 2;
    assert_int_equal(shrinking_reach(&c), c.bound + 1);
}

/* Programs of at most six smallest blocks. In a heap as large as what is live, many are refused. */
/* Verifies T20, T21. */
static void bound_every_small_game_never_exceeds_it(void **state) {
    (void)state;
    const size_t unit = bound_outer(1);
    contest c = contest_for(6 * unit, 1, 3 * unit - tlsf_alloc_overhead(), 0);
    const game_sizes sizes = {{unit, 2 * unit, 3 * unit}, 3};
    const size_t length = run_is_short() ? GAME_LENGTH - 1 : GAME_LENGTH;
    assert_int_equal(games_refused(&c, &sizes, length, c.bound), 0);
    assert_true(games_refused(&c, &sizes, length, 6 * unit) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_most_of_it_is_reached_and_never_exceeded),
        cmocka_unit_test(bound_rounds_reach_most_of_it_unless_sizes_are_rounded),
        cmocka_unit_test(bound_where_sizes_have_own_classes_shrinking_reaches_most),
        cmocka_unit_test(bound_other_adversaries_never_exceed_it),
        cmocka_unit_test(bound_of_half_the_holes_is_exceeded),
        cmocka_unit_test(bound_every_small_game_never_exceeds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
