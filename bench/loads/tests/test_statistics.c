/* SPDX-License-Identifier: BSD-3-Clause */
/* Medians, percentiles, means and histograms; slow calls and disturbed calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/statistics.h"
#include "../latency/repetitions.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void median_of_odd_count_is_the_middle(void **state) {
    double values[] = {9, 1, 5};
    (void)state;
    assert_true(median(values, 3) == 5);
}

static void median_of_even_count_is_the_mean_of_the_middles(void **state) {
    double values[] = {8, 2, 100, 4};
    (void)state;
    assert_true(median(values, 4) == 6);
}

static void percentile_of_a_hundred_values_is_that_rank(void **state) {
    uint32_t ticks[100];
    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        ticks[i] = 100 - i;
    }
    ticks_sort(ticks, 100);
    for (uint32_t percent = 1; percent <= 100; percent++) {
        assert_int_equal(ticks_percentile(ticks, 100, percent), percent);
    }
}

static void percentile_of_a_million_values_counts_those_beyond(void **state) {
    static uint32_t ticks[1000000];
    (void)state;
    for (uint32_t i = 0; i < COUNT(ticks); i++) {
        ticks[i] = i;
    }
    assert_int_equal(ticks_percentile(ticks, COUNT(ticks), 50), 499999);
    assert_int_equal(ticks_percentile(ticks, COUNT(ticks), 99.9), 998999);
    assert_int_equal(ticks_percentile(ticks, COUNT(ticks), 99.99), 999899);
    assert_int_equal(ticks_percentile(ticks, COUNT(ticks), 99.999), 999989);
    assert_int_equal(ticks_percentile(ticks, COUNT(ticks), 100), 999999);
    assert_int_equal(ticks_percentile(ticks, 41000, 99.9), 40958); /* the product is not exact */
}

static void percentile_of_one_value_is_that_value(void **state) {
    const uint32_t one = 7;
    (void)state;
    assert_int_equal(ticks_percentile(&one, 1, 0.001), 7);
    assert_int_equal(ticks_percentile(&one, 1, 100), 7);
}

static void mean_of_a_ratio_and_its_inverse_is_one(void **state) {
    mean sum = {0};
    (void)state;
    assert_true(mean_value(&sum) == 0);
    mean_add(&sum, 4);
    mean_add(&sum, 0.25);
    assert_float_equal(mean_value(&sum), 1, 1e-12);
}

static void bucket_of_a_value_begins_at_or_before_it(void **state) {
    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        for (uint32_t offset = 0; offset < 3; offset++) {
            uint32_t value = (UINT32_C(1) << bit) - 1 + offset;
            size_t bucket = bucket_of(value);
            assert_true(bucket < BUCKETS);
            assert_true(bucket_begin(bucket) <= value);
            assert_true(bucket + 1 == BUCKETS || bucket_begin(bucket + 1) > value);
        }
    }
    assert_int_equal(bucket_of(UINT32_MAX), BUCKETS - 1);
}

static void bucket_begins_in_itself(void **state) {
    (void)state;
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        assert_int_equal(bucket_of(bucket_begin(bucket)), bucket);
    }
}

static void bucket_is_at_most_a_sixteenth_of_its_values(void **state) {
    (void)state;
    for (size_t bucket = 1; bucket + 1 < BUCKETS; bucket++) {
        uint32_t begin = bucket_begin(bucket);
        uint32_t width = bucket_begin(bucket + 1) - begin;
        assert_true(width == 1 || width <= begin / 16);
    }
}

/* ---- repetitions --------------------------------------------------------------------------- */

enum { CALLS = 3, REPETITIONS = 3, OVERHEAD = 10, DISTURBANCE = 1000 };

static sample sample_of(function called, uint32_t ticks) {
    return (sample){.ticks = ticks & TICKS_MAX, .function = (uint32_t)called & 7};
}

static void sum_up(const sample *samples, function summed, latencies *result) {
    repetitions_sum_up(samples, CALLS, REPETITIONS, summed, OVERHEAD, DISTURBANCE, result);
}

static void call_disturbed_once_is_counted_and_not_slow(void **state) {
    uint32_t ticks[CALLS];
    latencies result = {.ticks = ticks};
    sample samples[CALLS * REPETITIONS];
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        samples[i] = sample_of(MALLOC, 60);
    }
    samples[4] = sample_of(MALLOC, 50000);
    sum_up(samples, MALLOC, &result);
    assert_int_equal(result.count, CALLS);
    assert_int_equal(result.disturbed, 1);
    assert_int_equal(ticks[CALLS - 1], 50);
    assert_float_equal(result.mean, 50, 1e-9);
}

static void call_slow_in_every_repetition_is_slow(void **state) {
    uint32_t ticks[CALLS];
    latencies result = {.ticks = ticks};
    sample samples[CALLS * REPETITIONS];
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        samples[i] = sample_of(FREE, i % CALLS == 1 ? 50000 : 60);
    }
    sum_up(samples, FREE, &result);
    assert_int_equal(result.disturbed, 0);
    assert_int_equal(ticks[0], 50);
    assert_int_equal(ticks[CALLS - 1], 49990);
}

static void call_of_another_function_is_left_out(void **state) {
    uint32_t ticks[CALLS];
    latencies result = {.ticks = ticks};
    const sample samples[CALLS * REPETITIONS] = {
        sample_of(MALLOC, 30), sample_of(FREE, 40), sample_of(MALLOC, 5),
        sample_of(MALLOC, 30), sample_of(FREE, 40), sample_of(MALLOC, 5),
        sample_of(MALLOC, 30), sample_of(FREE, 40), sample_of(MALLOC, 5)};
    (void)state;
    sum_up(samples, MALLOC, &result);
    assert_int_equal(result.count, 2);
    assert_int_equal(ticks[0], 0); /* less than the timer takes */
    assert_int_equal(ticks[1], 20);
    sum_up(samples, MEMALIGN, &result);
    assert_int_equal(result.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_of_odd_count_is_the_middle),
        cmocka_unit_test(median_of_even_count_is_the_mean_of_the_middles),
        cmocka_unit_test(percentile_of_a_hundred_values_is_that_rank),
        cmocka_unit_test(percentile_of_a_million_values_counts_those_beyond),
        cmocka_unit_test(percentile_of_one_value_is_that_value),
        cmocka_unit_test(mean_of_a_ratio_and_its_inverse_is_one),
        cmocka_unit_test(bucket_of_a_value_begins_at_or_before_it),
        cmocka_unit_test(bucket_begins_in_itself),
        cmocka_unit_test(bucket_is_at_most_a_sixteenth_of_its_values),
        cmocka_unit_test(call_disturbed_once_is_counted_and_not_slow),
        cmocka_unit_test(call_slow_in_every_repetition_is_slow),
        cmocka_unit_test(call_of_another_function_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
