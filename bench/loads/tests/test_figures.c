/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of times that were measured side by side. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../throughput/figures.h"

enum { FIRST, SECOND };

/* The second allocator takes half of the first one's time in three rounds of five. In the last
 * two rounds the machine is busy, first for one allocator and then for the other. */
static const timings measured = {.count = 2,
                                 .rounds = 5,
                                 .times = {{24, 34, 14, 24, 104}, {14, 19, 9, 84, 14}},
                                 .harness = {4, 5, 4, 3, 40}};

/* (cmocka's own function compares floats.) */
#define assert_close(value, expected) assert_true(fabs((value) - (expected)) < 1e-12)

static void harness_median_is_that_of_its_rounds(void **state) {
    (void)state;
    assert_true(harness_median(&measured) == 4);
}

static void time_median_net_is_without_the_harness(void **state) {
    (void)state;
    assert_true(time_median(&measured, FIRST, WHOLE) == 24);
    assert_true(time_median(&measured, FIRST, NET) == 20);
}

static void ratio_median_is_of_times_of_the_same_round(void **state) {
    (void)state;
    assert_close(ratio_median(&measured, SECOND, FIRST, NET), 0.5);
    assert_close(ratio_median(&measured, FIRST, SECOND, NET), 2);
    assert_close(ratio_median(&measured, SECOND, FIRST, WHOLE), 14.0 / 24);
    assert_close(ratio_median(&measured, FIRST, FIRST, WHOLE), 1);
}

static void ratio_spread_is_from_the_first_quartile_to_the_third(void **state) {
    const timings even = {
        .count = 2, .rounds = 5, .times = {{10, 10, 10, 10, 10}, {50, 10, 40, 20, 30}}};
    (void)state;
    assert_close(ratio_spread(&even, SECOND, FIRST, NET), (4.0 - 2.0) / 3.0);
    assert_true(ratio_spread(&even, FIRST, FIRST, NET) == 0);
}

static void ratio_fastest_is_of_the_shortest_times(void **state) {
    (void)state;
    assert_close(ratio_fastest(&measured, SECOND, FIRST, WHOLE), 9.0 / 14);
    assert_close(ratio_fastest(&measured, SECOND, FIRST, NET), 6.0 / 11);
}

static void timings_no_slower_than_the_harness_are_not_credible(void **state) {
    timings changed = measured;
    (void)state;
    assert_true(timings_are_credible(&measured));
    changed.times[SECOND][2] = 3;
    assert_false(timings_are_credible(&changed));
    changed = measured;
    for (size_t round = 0; round < 3; round++) {
        changed.times[SECOND][round] = 3.5; /* shorter than the median of the harness */
    }
    assert_false(timings_are_credible(&changed));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harness_median_is_that_of_its_rounds),
        cmocka_unit_test(time_median_net_is_without_the_harness),
        cmocka_unit_test(ratio_median_is_of_times_of_the_same_round),
        cmocka_unit_test(ratio_spread_is_from_the_first_quartile_to_the_third),
        cmocka_unit_test(ratio_fastest_is_of_the_shortest_times),
        cmocka_unit_test(timings_no_slower_than_the_harness_are_not_credible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
