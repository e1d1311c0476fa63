/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The alarm: when it calls the hook, and with what. A model follows the heap at each event, by a
 * walk, and says whether the hook must be called; the hook compares.
 *
 * Each case verifies C75, C84.
 */
#include "mock/alarm_model.h"
#include "support/guarded_heap.h"
#include "support/random.h"
#include "support/suite.h"
#include <fmemory_pool.h>
#include <string.h>
#include <trace_alarm.h>

enum { BYTES = 16384, SLOTS = 24 };

static const trace_alarm_values never = {0, 0, SIZE_MAX};
static uint64_t memory[BYTES / 8], other_memory[512];

/* What the hook got. */
static unsigned calls, passed_last;
static trace_alarm_values now_last;
static tlsf_t heap_last;

static void hook_notes(tlsf_t t, unsigned passed, const trace_alarm_values *now) {
    calls++;
    heap_last = t;
    passed_last = passed;
    now_last = *now;
}

/* ---- the model: off in the cases of one promise -------------------------------------------- */

static struct {
    tlsf_t heap;
    trace_alarm_values limits, now;
    unsigned raised, expected;
} model;

/* Whether the value calls: one that is past and not raised. A raised one is lowered when it is an
 * eighth of the threshold away. */
static unsigned model_value(unsigned bit, int is_past, int is_far) {
    if (is_past && !(model.raised & bit)) {
        model.raised |= bit;
        return bit;
    }
    if (is_far) {
        model.raised &= ~bit;
    }
    return 0;
}

static unsigned model_fall(unsigned bit, size_t value, size_t limit) {
    return model_value(bit, value < limit, value >= limit + limit / 8);
}

void model_follows(void *t) {
    tlsf_survey_t survey;
    if (model.heap == NULL || t != (void *)model.heap) {
        return;
    }
    assert_int_equal(model.expected, 0);
    assert_int_equal(tlsf_survey(model.heap, &survey), 1);
    const size_t blocks = model.limits.free_blocks;
    model.now =
        (trace_alarm_values){survey.free_bytes, tlsf_largest(model.heap), survey.free_blocks};
    model.expected =
        model_fall(TRACE_ALARM_FREE_BYTES, model.now.free_bytes, model.limits.free_bytes) |
        model_fall(TRACE_ALARM_LARGEST, model.now.largest, model.limits.largest) |
        model_value(TRACE_ALARM_FREE_BLOCKS, model.now.free_blocks > blocks,
                    model.now.free_blocks <= blocks - blocks / 8);
}

static void hook_compares(tlsf_t t, unsigned passed, const trace_alarm_values *now) {
    assert_ptr_equal(t, model.heap);
    assert_int_equal(passed, model.expected);
    assert_memory_equal(now, &model.now, sizeof *now);
    model.expected = 0;
    calls++;
}

/* ---- support ------------------------------------------------------------------------------- */

static void forget(void) {
    memset(&model, 0, sizeof model);
    assert_int_equal(tlsf_trace_alarm_set(NULL, &never, NULL), 0);
    calls = 0;
}

static tlsf_t heap_begin(void) {
    forget();
    tlsf_t t = tlsf_create_sized(memory, sizeof memory, 0);
    assert_non_null(t);
    return t;
}

static void watch(tlsf_t t, trace_alarm_values limits) {
    assert_int_equal(tlsf_trace_alarm_set(t, &limits, hook_notes), 1);
}

static size_t free_bytes(tlsf_t t) {
    tlsf_stats_t stats;
    assert_int_equal(tlsf_stats(t, &stats), 1);
    return stats.free_bytes;
}

static size_t free_blocks(tlsf_t t) {
    tlsf_survey_t survey;
    assert_int_equal(tlsf_survey(t, &survey), 1);
    return survey.free_blocks;
}

/* Leaves `count` free blocks between live ones; and one behind them. */
static void make_holes(tlsf_t t, size_t count, void **holes) {
    for (size_t i = 0; i < count; i++) {
        holes[i] = tlsf_malloc(t, 100);
        assert_non_null(tlsf_malloc(t, 8));
    }
    for (size_t i = 0; i < count; i++) {
        tlsf_free(t, holes[i]);
    }
    assert_int_equal(free_blocks(t), count + 1);
}

/* ---- thresholds ---------------------------------------------------------------------------- */

static void free_bytes_that_fall_below_call_once(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    trace_alarm_values limits = never;
    limits.free_bytes = free_bytes(t) - 2000;
    watch(t, limits);
    void *ptr = tlsf_malloc(t, 1000);
    assert_int_equal(calls, 0);
    assert_non_null(tlsf_malloc(t, 1000));
    assert_int_equal(calls, 1);
    assert_int_equal(passed_last, TRACE_ALARM_FREE_BYTES);
    assert_ptr_equal(heap_last, t);
    assert_int_equal(now_last.free_bytes, free_bytes(t));
    assert_int_equal(now_last.largest, tlsf_largest(t));
    assert_int_equal(now_last.free_blocks, free_blocks(t));
    assert_non_null(tlsf_malloc(t, 10));
    assert_non_null(tlsf_realloc(t, ptr, 900));
    assert_int_equal(calls, 1);
}

static void value_at_its_threshold_does_not_call(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_malloc(t, 100);
    const trace_alarm_values limits = {free_bytes(t), tlsf_largest(t), free_blocks(t)};
    tlsf_free(t, ptr);
    watch(t, limits);
    assert_ptr_equal(tlsf_malloc(t, 100), ptr);
    assert_int_equal(calls, 0);
    assert_non_null(tlsf_malloc(t, 1));
    assert_int_equal(calls, 1);
    assert_int_equal(passed_last, TRACE_ALARM_FREE_BYTES | TRACE_ALARM_LARGEST);
}

static void largest_that_falls_below_calls(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    trace_alarm_values limits = never;
    limits.largest = tlsf_largest(t) / 2;
    watch(t, limits);
    assert_non_null(tlsf_malloc(t, limits.largest - limits.largest / 4));
    assert_int_equal(calls, 0);
    assert_non_null(tlsf_malloc(t, limits.largest / 2));
    assert_int_equal(calls, 1);
    assert_int_equal(passed_last, TRACE_ALARM_LARGEST);
    assert_int_equal(now_last.largest, tlsf_largest(t));
}

static void free_blocks_that_rise_above_call(void **state) {
    (void)state;
    void *holes[5];
    tlsf_t t = heap_begin();
    trace_alarm_values limits = never;
    limits.free_blocks = 5;
    watch(t, limits);
    make_holes(t, 4, holes);
    assert_int_equal(calls, 0);
    void *ptr = tlsf_malloc(t, 1000);
    assert_non_null(tlsf_malloc(t, 1000));
    tlsf_free(t, ptr);
    assert_int_equal(free_blocks(t), 6);
    assert_int_equal(calls, 1);
    assert_int_equal(passed_last, TRACE_ALARM_FREE_BLOCKS);
    assert_int_equal(now_last.free_blocks, 6);
}

static void thresholds_of_never_do_not_call(void **state) {
    (void)state;
    void *holes[8];
    tlsf_t t = heap_begin();
    watch(t, never);
    make_holes(t, 8, holes);
    while (tlsf_malloc(t, 1) != NULL) {
    }
    assert_int_equal(free_bytes(t), 0);
    assert_int_equal(calls, 0);
}

/* ---- once ---------------------------------------------------------------------------------- */

static void value_that_wavers_calls_once(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    trace_alarm_values limits = never;
    limits.free_bytes = free_bytes(t) - 50;
    watch(t, limits);
    for (size_t i = 0; i < 5; i++) {
        tlsf_free(t, tlsf_malloc(t, 100));
    }
    assert_int_equal(calls, 1);
}

static void value_that_was_back_by_an_eighth_calls_again(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    trace_alarm_values limits = never;
    limits.free_bytes = free_bytes(t) / 9 * 8 - 8;
    watch(t, limits);
    for (unsigned i = 1; i <= 5; i++) {
        tlsf_free(t, tlsf_malloc(t, free_bytes(t) / 4));
        assert_int_equal(calls, i);
    }
}

static void free_blocks_that_were_back_by_an_eighth_call_again(void **state) {
    (void)state;
    void *holes[10];
    tlsf_t t = heap_begin();
    make_holes(t, 9, holes);
    trace_alarm_values limits = never;
    limits.free_blocks = 8;
    watch(t, limits);
    assert_non_null(tlsf_malloc(t, 2000));
    assert_int_equal(calls, 1);
    void *first = tlsf_malloc(t, 100);
    void *second = tlsf_malloc(t, 100);
    assert_int_equal(free_blocks(t), 8);
    tlsf_free(t, second);
    assert_int_equal(calls, 1);
    second = tlsf_malloc(t, 100);
    void *third = tlsf_malloc(t, 100);
    assert_int_equal(free_blocks(t), 7);
    tlsf_free(t, first);
    tlsf_free(t, second);
    assert_int_equal(calls, 2);
    tlsf_free(t, third);
    assert_int_equal(calls, 2);
}

static void value_that_is_past_already_calls_at_the_next_change(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    trace_alarm_values limits = never;
    limits.free_bytes = free_bytes(t) + 1;
    watch(t, limits);
    assert_int_equal(calls, 0);
    assert_non_null(tlsf_malloc(t, 1));
    assert_int_equal(calls, 1);
    watch(t, limits);
    assert_non_null(tlsf_malloc(t, 1));
    assert_int_equal(calls, 2);
}

/* ---- what is watched ----------------------------------------------------------------------- */

static void other_heap_does_not_call(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    watch(t, (trace_alarm_values){SIZE_MAX, SIZE_MAX, 0});
    tlsf_t other = tlsf_create_sized(other_memory, sizeof other_memory, 0);
    tlsf_free(other, tlsf_malloc(other, 10));
    tlsf_reset(other);
    assert_int_equal(calls, 0);
    assert_int_equal(tlsf_trace_alarm.free_blocks, free_blocks(t));
    assert_non_null(tlsf_malloc(t, 1));
    assert_int_equal(calls, 1);
}

static void set_without_hook_ends_the_watch(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    const trace_alarm_values always = {SIZE_MAX, SIZE_MAX, 0};
    watch(t, always);
    assert_int_equal(tlsf_trace_alarm_set(t, &always, NULL), 0);
    assert_non_null(tlsf_malloc(t, 1));
    assert_int_equal(calls, 0);
}

static void set_of_a_broken_heap_watches_nothing(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    unsigned char *ptr = tlsf_malloc(t, 100);
    memset(ptr - header_bytes(), 0, header_bytes());
    const trace_alarm_values always = {SIZE_MAX, SIZE_MAX, 0};
    assert_int_equal(tlsf_trace_alarm_set(t, &always, hook_notes), 0);
    assert_null(tlsf_trace_alarm.heap);
}

static void reset_is_a_change(void **state) {
    (void)state;
    void *holes[4];
    tlsf_t t = heap_begin();
    make_holes(t, 4, holes);
    watch(t, (trace_alarm_values){SIZE_MAX, 0, SIZE_MAX});
    tlsf_reset(t);
    assert_int_equal(calls, 1);
    assert_int_equal(now_last.free_blocks, 1);
    assert_int_equal(now_last.free_bytes, free_bytes(t));
}

static void pools_are_changes(void **state) {
    (void)state;
    enum { QUARTER = BYTES / 4 };
    unsigned char *begin = (unsigned char *)memory;
    forget();
    tlsf_t t = tlsf_create_sized(memory, QUARTER, BYTES);
    assert_non_null(t);
    trace_alarm_values limits = {SIZE_MAX, 0, SIZE_MAX};
    watch(t, limits);
    pool_t pool = tlsf_add_pool(t, begin + 2 * QUARTER, QUARTER);
    assert_non_null(pool);
    assert_int_equal(calls, 1);
    assert_int_equal(now_last.free_blocks, 2);
    assert_int_equal(now_last.free_bytes, free_bytes(t));
    watch(t, limits);
    assert_non_null(tlsf_add_to_pool(t, pool, begin + 3 * QUARTER, QUARTER));
    assert_int_equal(calls, 2);
    assert_int_equal(now_last.free_blocks, 2);
    assert_int_equal(now_last.free_bytes, free_bytes(t));
    watch(t, limits);
    assert_int_equal(tlsf_remove_pool(t, pool), 0);
    assert_int_equal(calls, 3);
    assert_int_equal(now_last.free_blocks, 1);
    assert_int_equal(now_last.free_bytes, free_bytes(t));
}

static void fmemp_heap_is_watched(void **state) {
    (void)state;
    static FMemp memp;
    forget();
    memset(&memp, 0, sizeof memp);
    assert_int_equal(FMempInit(&memp, memory, memory + COUNT_OF(memory)), FMEMP_SUCCESS);
    trace_alarm_values limits = never;
    limits.free_bytes = 1000;
    watch(memp.tlsf_ptr, limits);
    while (FMempMalloc(&memp, 500) != NULL) {
    }
    assert_int_equal(calls, 1);
    assert_int_equal(tlsf_trace_alarm_set(memp.tlsf_ptr, &limits, NULL), 0);
    FMempRemove(&memp);
}

/* ---- any calls ----------------------------------------------------------------------------- */

/* Watches with thresholds near what the heap has, most of the time. */
static void random_watch(tlsf_t t, random_source *source) {
    const size_t bytes = free_bytes(t), largest = tlsf_largest(t);
    model.limits =
        (trace_alarm_values){random_below(source, bytes + 500), random_below(source, largest + 500),
                             random_below(source, 2 * free_blocks(t) + 2)};
    model.heap = t;
    model.raised = 0;
    assert_int_equal(tlsf_trace_alarm_set(t, &model.limits, hook_compares), 1);
}

static void *random_realloc_in_halves(tlsf_t t, void *ptr, size_t bytes) {
    tlsf_move_t move;
    void *moved = tlsf_realloc_begin(t, ptr, 0, bytes, &move);
    if (ptr != NULL && moved != NULL && moved != ptr) {
        memmove(move.to, move.from, move.bytes);
        moved = tlsf_realloc_end(t, &move);
    }
    return moved == NULL ? ptr : moved;
}

static void random_step(tlsf_t t, random_source *source, void **slot) {
    const size_t bytes = random_below(source, random_below(source, 4) == 0 ? 3000 : 100);
    void *ptr;
    switch (random_below(source, 6)) {
    case 0:
    case 1:
        tlsf_free(t, *slot);
        *slot = NULL;
        break;
    case 2:
        ptr = tlsf_realloc(t, *slot, bytes + 1);
        *slot = ptr == NULL ? *slot : ptr;
        break;
    case 3:
        *slot = random_realloc_in_halves(t, *slot, bytes + 1);
        break;
    default:
        if (*slot == NULL) {
            *slot = tlsf_memalign(t, (size_t)1 << random_below(source, 9), bytes);
        }
    }
}

static void random_calls_call_the_hook_when_the_model_says(void **state) {
    (void)state;
    random_source source = random_from(random_seed("alarm", 1));
    void *slots[SLOTS] = {NULL};
    tlsf_t t = heap_begin();
    const size_t most = random_steps(5000);
    for (size_t steps = most; steps > 0; steps--) {
        if (model.heap == NULL || random_below(&source, 100) == 0) {
            random_watch(t, &source);
        }
        if (random_below(&source, 300) == 0) {
            tlsf_reset(t);
            memset(slots, 0, sizeof slots);
        }
        random_step(t, &source, &slots[random_below(&source, SLOTS)]);
        assert_int_equal(model.expected, 0);
        assert_int_equal(tlsf_trace_alarm.free_blocks, free_blocks(t));
    }
    assert_true(calls * 500 > most);
    assert_int_equal(tlsf_trace_alarm_set(t, &never, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_bytes_that_fall_below_call_once),
        cmocka_unit_test(value_at_its_threshold_does_not_call),
        cmocka_unit_test(largest_that_falls_below_calls),
        cmocka_unit_test(free_blocks_that_rise_above_call),
        cmocka_unit_test(thresholds_of_never_do_not_call),
        cmocka_unit_test(value_that_wavers_calls_once),
        cmocka_unit_test(value_that_was_back_by_an_eighth_calls_again),
        cmocka_unit_test(free_blocks_that_were_back_by_an_eighth_call_again),
        cmocka_unit_test(value_that_is_past_already_calls_at_the_next_change),
        cmocka_unit_test(other_heap_does_not_call),
        cmocka_unit_test(set_without_hook_ends_the_watch),
        cmocka_unit_test(set_of_a_broken_heap_watches_nothing),
        cmocka_unit_test(reset_is_a_change),
        cmocka_unit_test(pools_are_changes),
        cmocka_unit_test(fmemp_heap_is_watched),
        cmocka_unit_test(random_calls_call_the_hook_when_the_model_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
