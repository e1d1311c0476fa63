/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_survey, tlsf_explain and tlsf_reset_peak.
 */
#include "support/populated.h"
#include "support/random.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

/* ---- tlsf_survey ---------------------------------------------------------------------- */

static tlsf_survey_t survey_of(tlsf_t t) {
    tlsf_survey_t survey;
    memset(&survey, 0xFF, sizeof(survey));
    assert_int_equal(tlsf_survey(t, &survey), 1);
    return survey;
}

/* Verifies T177, T178, T181, T183, T182. */
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

/* In whichever order the walk meets them. */
/* Verifies T179. */
static void survey_finds_the_smallest_and_the_largest_free_block(void **state) {
    (void)state;
    const size_t granules[][3] = {{16, 24, 32}, {16, 32, 24}, {24, 16, 32},
                                  {24, 32, 16}, {32, 16, 24}, {32, 24, 16}};
    for (size_t i = 0; i < COUNT_OF(granules); i++) {
        heap h = heap_make((size_t)300 * TLSF_GRANULE);
        size_t outer[3];
        void *holes[3];
        for (size_t k = 0; k < 3; k++) {
            outer[k] = granules[i][k] * TLSF_GRANULE;
        }
        heap_make_holes(&h, outer, 3, holes);
        const tlsf_survey_t survey = survey_of(h.t);
        assert_int_equal(survey.free_blocks, 3);
        assert_int_equal(survey.smallest_free, inner_for((size_t)16 * TLSF_GRANULE));
        assert_int_equal(survey.largest_free, inner_for((size_t)32 * TLSF_GRANULE));
        heap_end(&h);
    }
}

/* Verifies T180, T181. */
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

/* Verifies T180, T181. */
static void survey_heap_without_pools_is_zero(void **state) {
    (void)state;
    heap h = heap_make_empty(100);
    const tlsf_survey_t zeros = {0, 0, 0, 0, 0, 0, 0};
    const tlsf_survey_t survey = survey_of(h.t);
    assert_memory_equal(&survey, &zeros, sizeof(zeros));
    heap_end(&h);
}

/* Verifies T183. */
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

/* Verifies T186, T189, T197. */
static void explain_full_heap_has_no_memory(void **state) {
    (void)state;
    heap h = heap_make(4000);
    assert_int_equal(reason_of(h.t, 0, 1), TLSF_REASON_NONE);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    assert_int_equal(reason_of(h.t, 0, 1), TLSF_REASON_MEMORY);
    heap_end(&h);
}

/* Verifies T190, T193, T194, T195, T197. */
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
    (void)tlsf_explain(h.t, 0, inner_for(512), &e);
    assert_int_equal(e.needed, inner_for(512));
    assert_int_equal(e.free_blocks, 3);
    heap_end(&h);
}

/* Verifies T187, T188, T193, T196, T197. */
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

/* Two free blocks of one class, whatever TLSF_SL_BITS is. The smaller one is first in its list. The
 * third, which is too large for a class of its own, is pending. */
/* Verifies T105, T191. */
static void explain_block_that_the_search_does_not_meet_is_told_apart(void **state) {
    (void)state;
    if (TLSF_ROUND_TO_CLASS) {
        SKIP_BECAUSE("each block of a request's class is large enough");
    }
    heap h = heap_make((size_t)1600 * TLSF_GRANULE);
    /* The search meets as many blocks as it looks at before the one that is large enough. */
    size_t outer[TLSF_LOOK_AHEAD + 2];
    void *holes[COUNT_OF(outer)];
    outer[0] = 97 * TLSF_GRANULE;
    for (size_t i = 1; i <= TLSF_LOOK_AHEAD; i++) {
        outer[i] = 96 * TLSF_GRANULE;
    }
    outer[TLSF_LOOK_AHEAD + 1] = 65 * TLSF_GRANULE;
    heap_make_holes(&h, outer, COUNT_OF(outer), holes);
    assert_null(tlsf_malloc(h.t, inner_for(outer[0])));
    assert_int_equal(reason_of(h.t, 0, inner_for(outer[0])), TLSF_REASON_SEARCH);
    assert_int_equal(reason_of(h.t, 0, inner_for(outer[1])), TLSF_REASON_NONE);
    heap_end(&h);
}

/* Verifies T192, T200. */
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
    assert_int_equal(tlsf_explain(p.t, 0, SIZE_MAX, &e), TLSF_REASON_BROKEN);
    populated_restore(&p);
    faults_watch(p.t);
    p.t->request_max = SIZE_MAX;
    assert_int_equal(tlsf_explain(p.t, 0, 100, &e), TLSF_REASON_BROKEN);
    assert_int_equal(tlsf_explain(p.t, SIZE_MAX / 2 + 1, SIZE_MAX, &e), TLSF_REASON_BROKEN);
    assert_int_equal(faults_seen(), 0);
    populated_restore(&p);
    populated_end(&p);
}

/* ---- what the search for b would use, broken word by word ---- */

/* Nothing is left in the row of b's class, so the search goes on in this row. */
static void leave_row(control *t, const block *b, size_t row, uint32_t classes) {
    t->second_level[class_floor(b->header) / CLASSES_PER_ROW] = 0;
    t->second_level[row] = classes;
    t->first_level = UINT32_C(1) << row;
}

static void break_class_beyond_the_plan(control *t, block *b) {
    leave_row(t, b, t->class_end / CLASSES_PER_ROW, UINT32_C(1) << t->class_end % CLASSES_PER_ROW);
}

static void break_row_that_is_empty(control *t, block *b) { leave_row(t, b, ROW_COUNT - 1, 0); }

static void break_row_that_is_none(control *t, block *b) {
    leave_row(t, b, ROW_COUNT - 1, 0);
    t->first_level = UINT32_C(1) << 31;
}

static void break_list_that_is_empty(control *t, block *b) {
    list_slot(t, class_floor(b->header))->next = link_null(t);
}

/* The head leads so close to the end of all pools that links there lie outside. */
static void break_head_to_the_last_granule(control *t, block *b) {
    const block *last = (const block *)(t->span_end - GRANULE);
    list_slot(t, class_floor(b->header))->next = link_of(t, last);
}

static void break_head_outside_of_the_pools(control *t, block *b) {
    list_slot(t, class_floor(b->header))->next = link_of(t, (const block *)(t->span_end + GRANULE));
}

/* The head leads into a live block, to what looks like the begin of a free block of this size. */
static void break_head_to_size(control *t, block *b, outer_size n) {
    block *inside = block_at(block_next(b), BLOCK_MIN);
    inside->header = n | BLOCK_FREE;
    inside->previous = list_slot_link(t, class_floor(b->header));
    list_slot(t, class_floor(b->header))->next = link_of(t, inside);
}

static void break_head_to_a_size_below_a_block(control *t, block *b) {
    break_head_to_size(t, b, 0);
}

static void break_head_to_a_size_beyond_the_pools(control *t, block *b) {
    break_head_to_size(t, b, OUTER_SIZE_MAX);
}

static void break_link_back_to_the_head(control *t, block *b) {
    b->previous = list_slot_link(t, class_floor(b->header) + 1);
}

static void break_link_to_the_next(control *t, block *b) { b->next = link_of(t, b); }

static void break_footer(control *t, block *b) {
    (void)t;
    ((header_word *)(void *)block_next(b))[-1] ^= GRANULE_SIZE;
}

static void break_flag_of_the_next(control *t, block *b) {
    (void)t;
    block_next(b)->header &= ~(header_word)BLOCK_PREVIOUS_FREE;
}

static void break_flag_of_the_block(control *t, block *b) {
    (void)t;
    b->header |= BLOCK_PREVIOUS_FREE;
}

static void break_free_flag(control *t, block *b) {
    (void)t;
    b->header &= ~(header_word)BLOCK_FREE;
}

static void pending_forget(control *t) {
    t->pending = link_null(t);
    t->pending_header = 0;
}

static void break_victim_of_no_pending_block(control *t, block *b) {
    (void)b;
    pending_forget(t);
    t->pending_header = PENDING_VICTIM;
}

static void break_header_of_no_pending_block(control *t, block *b) {
    (void)b;
    pending_forget(t);
    t->pending_header = BLOCK_MIN | BLOCK_FREE;
}

static void break_pending_link(control *t, block *b) {
    (void)b;
    t->pending = link_of(t, (const block *)t->span_end);
}

/* The hook hears of nothing, and nothing is written. */
static void expect_explained(const heap *h, size_t bytes, tlsf_reason reason) {
    uint8_t *before = malloc(h->memory.bytes);
    tlsf_explanation_t e;
    assert_non_null(before);
    faults_watch(h->t);
    memcpy(before, h->memory.begin, h->memory.bytes);
    assert_int_equal(tlsf_explain(h->t, 0, bytes, &e), reason);
    assert_memory_equal(before, h->memory.begin, h->memory.bytes);
    assert_int_equal(faults_seen(), 0);
    free(before);
}

/* A heap in which the search for `bytes` finds *b, the only block of its list. The size has to be
 * the smallest of its class, and the class not its own. */
static heap heap_with_a_listed_block(size_t bytes, block **b) {
    enum { REGION_BYTES = 4000 + 900 * TLSF_GRANULE };
    heap h = {region_make(REGION_BYTES, 0), NULL};
    void *blocks[4];
    h.t = tlsf_create_sized(h.memory.begin, REGION_BYTES, 0);
    assert_non_null(h.t);
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = tlsf_malloc(h.t, i == 2 ? 2 * bytes : bytes);
        assert_non_null(blocks[i]);
    }
    tlsf_free(h.t, blocks[0]);
    tlsf_free(h.t, blocks[2]); /* takes the pending place */
    *b = block_of_payload(blocks[0]);
    assert_ptr_equal(free_blocks_choose(control_of(h.t), size_for_request(bytes)).found, *b);
    return h;
}

/* Verifies T192, T200. */
static void explain_each_broken_word_of_the_search_is_told(void **state) {
    (void)state;
    void (*const breaks[])(control *, block *) = {break_class_beyond_the_plan,
                                                  break_row_that_is_none,
                                                  break_row_that_is_empty,
                                                  break_list_that_is_empty,
                                                  break_head_to_the_last_granule,
                                                  break_head_outside_of_the_pools,
                                                  break_head_to_a_size_below_a_block,
                                                  break_head_to_a_size_beyond_the_pools,
                                                  break_link_back_to_the_head,
                                                  break_link_to_the_next,
                                                  break_footer,
                                                  break_flag_of_the_next,
                                                  break_flag_of_the_block,
                                                  break_free_flag,
                                                  break_victim_of_no_pending_block,
                                                  break_header_of_no_pending_block,
                                                  break_pending_link};
    block *b;
    const size_t bytes = inner_for((size_t)128 * TLSF_GRANULE);
    heap h = heap_with_a_listed_block(bytes, &b);
    uint8_t *sound = malloc(h.memory.bytes);
    assert_non_null(sound);
    memcpy(sound, h.memory.begin, h.memory.bytes);
    for (size_t i = 0; i < COUNT_OF(breaks); i++) {
        expect_explained(&h, bytes, TLSF_REASON_NONE);
        breaks[i](control_of(h.t), b);
        expect_explained(&h, bytes, TLSF_REASON_BROKEN);
        memcpy(h.memory.begin, sound, h.memory.bytes);
    }
    free(sound);
    heap_end(&h);
}

/* The list of the next class has a block that is too small for it. */
/* Verifies T192. */
static void explain_block_in_the_list_of_another_class_is_told(void **state) {
    (void)state;
    block *b;
    heap h = heap_with_a_listed_block(inner_for((size_t)128 * TLSF_GRANULE), &b);
    control *t = control_of(h.t);
    outer_size n = block_size(b);
    while (class_floor(n) == class_floor(b->header)) {
        n += GRANULE_SIZE;
    }
    const size_t other = class_floor(n);
    assert_true(list_is_empty(t, other));
    uint8_t *sound = malloc(h.memory.bytes);
    assert_non_null(sound);
    memcpy(sound, h.memory.begin, h.memory.bytes);
    expect_explained(&h, size_inner_bytes(n), TLSF_REASON_NONE);
    list_slot(t, other)->next = link_of(t, b);
    b->previous = list_slot_link(t, other);
    t->first_level |= UINT32_C(1) << other / CLASSES_PER_ROW;
    t->second_level[other / CLASSES_PER_ROW] |= UINT32_C(1) << other % CLASSES_PER_ROW;
    expect_explained(&h, size_inner_bytes(n), TLSF_REASON_BROKEN);
    memcpy(h.memory.begin, sound, h.memory.bytes);
    free(sound);
    heap_end(&h);
}

/* Without a pending block its header and class are 0, and the lists serve. */
/* Verifies T186, T195. */
static void explain_search_without_a_pending_block_is_sound(void **state) {
    (void)state;
    block *b;
    heap h = heap_with_a_listed_block(inner_for((size_t)128 * TLSF_GRANULE), &b);
    control *t = control_of(h.t);
    const control sound = *t;
    pending_forget(t);
    expect_explained(&h, 100, TLSF_REASON_NONE);
    *t = sound;
    heap_end(&h);
}

/* The one promise that programs rely on: NONE if and only if the request is served. */
/* Verifies T186, T195, T196, T198. */
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

/* Verifies T201, T202, F233. */
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

/* Verifies T165, T175. */
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
        cmocka_unit_test(survey_finds_the_smallest_and_the_largest_free_block),
        cmocka_unit_test(survey_full_heap_has_no_free_block),
        cmocka_unit_test(survey_heap_without_pools_is_zero),
        cmocka_unit_test(survey_broken_size_or_link_returns_0),
        cmocka_unit_test(explain_full_heap_has_no_memory),
        cmocka_unit_test(explain_holes_that_are_too_small_are_fragmentation),
        cmocka_unit_test(explain_request_that_can_never_be_served_names_the_argument),
        cmocka_unit_test(explain_block_that_the_search_does_not_meet_is_told_apart),
        cmocka_unit_test(explain_corrupted_heap_is_told_and_no_hook_is_called),
        cmocka_unit_test(explain_each_broken_word_of_the_search_is_told),
        cmocka_unit_test(explain_block_in_the_list_of_another_class_is_told),
        cmocka_unit_test(explain_search_without_a_pending_block_is_sound),
        cmocka_unit_test(explain_agrees_with_each_random_request),
        cmocka_unit_test(reason_names_are_distinct),
        cmocka_unit_test(reset_peak_makes_the_bytes_in_use_the_peak),
    };
    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
