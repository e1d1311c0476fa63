/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_survey, tlsf_explain and tlsf_reset_peak.
 */
#include "support/populated.h"
#include "support/random.h"
#include "support/suite.h"

#include <string.h>

/* ---- tlsf_survey ---------------------------------------------------------------------- */

static tlsf_survey_t survey_of(tlsf_t t) {
    tlsf_survey_t survey;
    memset(&survey, 0xFF, sizeof(survey));
    assert_int_equal(tlsf_survey(t, &survey), 1);
    return survey;
}

static void survey_counts_what_a_walk_shows(void **state) {
    (void)state;
    populated p = populated_make();
    const tlsf_survey_t survey = survey_of(p.t);
    const size_t free_blocks = pool_free_blocks(p.first) + pool_free_blocks(p.second);
    assert_int_equal(survey.pools, 2);
    assert_int_equal(survey.free_blocks, free_blocks);
    assert_int_equal(survey.used_blocks,
                     pool_blocks(p.first) + pool_blocks(p.second) - free_blocks);
    assert_int_equal(survey.used_bytes + survey.free_bytes,
                     pool_outer(p.first) + pool_outer(p.second));
    assert_int_equal(survey.largest_free, pool_largest_free(p.second));
    assert_int_equal(survey.smallest_free, size_inner_bytes(block_size(p.blocks[1])));
    if (TLSF_STATISTICS) {
        const tlsf_stats_t stats = stats_of(p.t);
        assert_int_equal(survey.used_bytes, stats.used_bytes);
        assert_int_equal(survey.free_bytes, stats.free_bytes);
        assert_int_equal(survey.used_blocks, stats.live_blocks);
    }
    populated_end(&p);
}

static void survey_full_heap_has_no_free_block(void **state) {
    (void)state;
    heap h = heap_make(1000);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    const tlsf_survey_t survey = survey_of(h.t);
    assert_int_equal(survey.used_blocks, 1);
    assert_int_equal(survey.free_blocks, 0);
    assert_int_equal(survey.free_bytes, 0);
    assert_int_equal(survey.largest_free, 0);
    assert_int_equal(survey.smallest_free, 0);
    heap_end(&h);
}

static void survey_heap_without_pools_is_zero(void **state) {
    (void)state;
    heap h = heap_make_empty(100);
    const tlsf_survey_t zeros = {0, 0, 0, 0, 0, 0, 0};
    const tlsf_survey_t survey = survey_of(h.t);
    assert_memory_equal(&survey, &zeros, sizeof(zeros));
    heap_end(&h);
}

static void survey_broken_size_or_link_returns_0(void **state) {
    (void)state;
    populated p = populated_make();
    tlsf_survey_t survey;
    p.blocks[5]->header = 0;
    assert_int_equal(tlsf_survey(p.t, &survey), 0);
    assert_int_equal(survey.pools, 2);
    assert_in_range(survey.used_blocks, 3, POPULATED_BLOCKS);
    populated_restore(&p);
    pool_describe(p.second)->previous ^= 8;
    assert_int_equal(tlsf_survey(p.t, &survey), 0);
    assert_int_equal(survey.pools, 1);
    populated_restore(&p);
    populated_end(&p);
}

/* ---- tlsf_explain --------------------------------------------------------------------- */

static tlsf_reason reason_of(tlsf_t t, size_t align, size_t bytes) {
    tlsf_explanation_t e;
    memset(&e, 0xFF, sizeof(e));
    const tlsf_reason reason = tlsf_explain(t, align, bytes, &e);
    const tlsf_survey_t survey = survey_of(t);
    assert_int_equal(e.reason, reason);
    assert_int_equal(e.free_blocks, survey.free_blocks);
    assert_int_equal(e.free_bytes, survey.free_bytes);
    assert_int_equal(e.largest_free, survey.largest_free);
    assert_int_equal(e.smallest_free, survey.smallest_free);
    return reason;
}

static void explain_full_heap_has_no_memory(void **state) {
    (void)state;
    heap h = heap_make(4000);
    assert_int_equal(reason_of(h.t, 0, 1), TLSF_REASON_NONE);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    assert_int_equal(reason_of(h.t, 0, 1), TLSF_REASON_MEMORY);
    heap_end(&h);
}

static void explain_holes_that_are_too_small_are_fragmentation(void **state) {
    (void)state;
    heap h = heap_make(8000);
    const size_t outer[] = {256, 256, 256};
    void *holes[COUNT_OF(outer)];
    tlsf_explanation_t e;
    heap_make_holes(&h, outer, COUNT_OF(outer), holes);
    assert_int_equal(reason_of(h.t, 0, 500), TLSF_REASON_FRAGMENTED);
    assert_int_equal(reason_of(h.t, 0, 800), TLSF_REASON_MEMORY);
    assert_int_equal(reason_of(h.t, 0, inner_for(256)), TLSF_REASON_NONE);
    (void)tlsf_explain(h.t, 0, 500, &e);
    assert_int_equal(e.needed, inner_for(outer_for(500)));
    assert_int_equal(e.free_blocks, 3);
    heap_end(&h);
}

static void explain_request_that_can_never_be_served_names_the_argument(void **state) {
    (void)state;
    heap h = heap_make(4000);
    tlsf_explanation_t e;
    assert_int_equal(reason_of(h.t, 24, 8), TLSF_REASON_ALIGNMENT);
    assert_int_equal(reason_of(h.t, 0, SIZE_MAX), TLSF_REASON_PLAN);
    assert_int_equal(reason_of(h.t, SIZE_MAX / 2 + 1, SIZE_MAX / 2), TLSF_REASON_PLAN);
    assert_int_equal(tlsf_explain(h.t, 64, SIZE_MAX - 64, &e), TLSF_REASON_PLAN);
    assert_int_equal(e.needed, 0);
    heap_end(&h);
}

/* Two free blocks of one class, whatever TLSF_SL_BITS is. The smaller one is first in its list. */
static void explain_block_that_the_search_does_not_meet_is_told_apart(void **state) {
    (void)state;
    if (TLSF_LOOK_AHEAD > 1) {
        SKIP_BECAUSE("the search looks at the second block, too");
    }
    heap h = heap_make((size_t)400 * TLSF_GRANULE);
    const size_t outer[] = {97 * TLSF_GRANULE, 96 * TLSF_GRANULE, outer_min()};
    void *holes[COUNT_OF(outer)];
    heap_make_holes(&h, outer, COUNT_OF(outer), holes);
    assert_null(tlsf_malloc(h.t, inner_for(outer[0])));
    assert_int_equal(reason_of(h.t, 0, inner_for(outer[0])), TLSF_REASON_SEARCH);
    assert_int_equal(reason_of(h.t, 0, inner_for(outer[1])), TLSF_REASON_NONE);
    heap_end(&h);
}

static void explain_corrupted_heap_is_told_and_no_hook_is_called(void **state) {
    (void)state;
    populated p = populated_make();
    tlsf_explanation_t e;
    faults_watch(p.t);
    p.blocks[5]->header = 0;
    assert_int_equal(tlsf_explain(p.t, 0, 100, &e), TLSF_REASON_BROKEN);
    populated_restore(&p);
    faults_watch(p.t);
    p.t->class_end++;
    assert_int_equal(tlsf_explain(p.t, 0, 100, &e), TLSF_REASON_BROKEN);
    assert_int_equal(faults_seen(), 0);
    populated_restore(&p);
    populated_end(&p);
}

/* The one promise that programs rely on: NONE if and only if the request is served. */
static void explain_agrees_with_each_random_request(void **state) {
    (void)state;
    heap h = heap_make(20000);
    random_source random = random_from(random_seed("explain", 20261129));
    void *blocks[100] = {NULL};
    const size_t steps = random_steps(20000);
    size_t served = 0;
    size_t refused = 0;
    for (size_t i = 0; i < steps; i++) {
        void **slot = &blocks[random_below(&random, COUNT_OF(blocks))];
        const size_t align = (size_t)1 << random_below(&random, 13);
        const size_t bytes = random_below(&random, random_below(&random, 8) == 0 ? 20000 : 700);
        tlsf_explanation_t e;
        tlsf_free(h.t, *slot);
        const tlsf_reason reason = tlsf_explain(h.t, align, bytes, &e);
        *slot = tlsf_memalign(h.t, align, bytes);
        assert_int_equal(reason == TLSF_REASON_NONE, *slot != NULL);
        served += *slot != NULL;
        refused += *slot == NULL;
    }
    assert_true(served > steps / 10 && refused > steps / 10);
    heap_end(&h);
}

static void reason_names_are_distinct(void **state) {
    (void)state;
    for (int i = TLSF_REASON_NONE; i <= TLSF_REASON_BROKEN; i++) {
        for (int k = TLSF_REASON_NONE; k < i; k++) {
            assert_string_not_equal(tlsf_reason_name((tlsf_reason)i),
                                    tlsf_reason_name((tlsf_reason)k));
        }
        assert_string_not_equal(tlsf_reason_name((tlsf_reason)i), "unknown");
    }
    assert_string_equal(tlsf_reason_name((tlsf_reason)(TLSF_REASON_BROKEN + 1)), "unknown");
}

/* ---- tlsf_reset_peak ------------------------------------------------------------------ */

static void reset_peak_makes_the_bytes_in_use_the_peak(void **state) {
    (void)state;
    heap h = heap_make(8000);
    void *kept = tlsf_malloc(h.t, 500);
    tlsf_free(h.t, tlsf_malloc(h.t, 4000));
    assert_int_equal(stats_of(h.t).peak_bytes, counted(outer_of(kept) + outer_for(4000)));
    tlsf_reset_peak(h.t);
    assert_int_equal(stats_of(h.t).peak_bytes, counted(outer_of(kept)));
    tlsf_free(h.t, tlsf_malloc(h.t, 1000));
    assert_int_equal(stats_of(h.t).peak_bytes, counted(outer_of(kept) + outer_for(1000)));
    heap_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survey_counts_what_a_walk_shows),
        cmocka_unit_test(survey_full_heap_has_no_free_block),
        cmocka_unit_test(survey_heap_without_pools_is_zero),
        cmocka_unit_test(survey_broken_size_or_link_returns_0),
        cmocka_unit_test(explain_full_heap_has_no_memory),
        cmocka_unit_test(explain_holes_that_are_too_small_are_fragmentation),
        cmocka_unit_test(explain_request_that_can_never_be_served_names_the_argument),
        cmocka_unit_test(explain_block_that_the_search_does_not_meet_is_told_apart),
        cmocka_unit_test(explain_corrupted_heap_is_told_and_no_hook_is_called),
        cmocka_unit_test(explain_agrees_with_each_random_request),
        cmocka_unit_test(reason_names_are_distinct),
        cmocka_unit_test(reset_peak_makes_the_bytes_in_use_the_peak),
    };
    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
