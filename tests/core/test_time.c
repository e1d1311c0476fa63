/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The time bounds of tlsf.h that depend on something: instructions are counted in heaps of two
 * sizes. What is O(1) is bounded by bench/static-bound.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/stepping.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 10, FOUR_TIMES = 4, MANY = FOUR_TIMES * FEW, PAYLOAD = 40, POOL_BYTES = 1024 };

static heap h;           /* what the calls below use */
static void *last_block; /* a block of its last pool */
static tlsf_region_t regions[MANY];

/* ---- heaps ------------------------------------------------------------------------- */

/* One pool of `count` small live blocks and as many free ones. */
static void blocks_make(size_t count) {
    void *blocks[2 * MANY] = {NULL};
    h = heap_make(2 * count * outer_for(PAYLOAD) + outer_min());
    for (size_t i = 0; i < 2 * count; i++) {
        blocks[i] = tlsf_malloc(h.t, PAYLOAD);
        assert_non_null(blocks[i]);
    }
    for (size_t i = 0; i < 2 * count; i += 2) {
        tlsf_free(h.t, blocks[i]);
    }
    last_block = blocks[2 * count - 1];
}

/* `count` pools, each with one free block. */
static void pools_make(size_t count) {
    h = heap_make_empty(count * POOL_BYTES);
    for (size_t i = 0; i < count; i++) {
        regions[i] = (tlsf_region_t){heap_spare(&h) + i * POOL_BYTES, POOL_BYTES - 64};
        last_block = tlsf_add_pool(h.t, regions[i].begin, regions[i].bytes);
        assert_non_null(last_block);
    }
}

/* A heap without a pool at the begin of its memory, and how many classes it has. */
static size_t classes_made(void (*make)(void *), void *unused) {
    make(unused);
    const control *t = control_of(h.t);
    return t->class_end - CLASS_FIRST;
}

/* ---- the calls --------------------------------------------------------------------- */

static size_t in_regions; /* of the heap, when it is attached to */

static void walker(void *ptr, size_t size, int used, void *user) {
    (void)ptr, (void)size, (void)used, (void)user;
}

static void call_reset(void *unused) {
    (void)unused;
    tlsf_reset(h.t);
}

static void call_check(void *unused) {
    (void)unused;
    (void)tlsf_check(h.t);
}

static void call_check_report(void *unused) {
    tlsf_report_t report;
    (void)unused;
    (void)tlsf_check_report(h.t, &report);
}

static void call_survey(void *unused) {
    tlsf_survey_t survey;
    (void)unused;
    (void)tlsf_survey(h.t, &survey);
}

static void call_explain(void *unused) {
    tlsf_explanation_t explanation;
    (void)unused;
    (void)tlsf_explain(h.t, 0, 1, &explanation);
}

static void call_walk(void *unused) {
    (void)unused;
    tlsf_walk_blocks(tlsf_get_pool(h.t), walker, NULL);
}

static void call_locate(void *unused) {
    tlsf_block_t found;
    (void)unused;
    (void)tlsf_locate(h.t, last_block, &found);
}

static void call_owner(void *unused) {
    (void)unused;
    (void)tlsf_owner(h.t, last_block);
}

static void call_looks_live(void *unused) {
    (void)unused;
    (void)tlsf_looks_live(h.t, last_block);
}

static void call_diagnose(void *unused) {
    tlsf_diagnosis_t diagnosis;
    (void)unused;
    (void)tlsf_diagnose(h.t, NULL, &diagnosis);
}

static void call_attach(void *unused) {
    (void)unused;
    (void)tlsf_attach(h.memory.begin, h.memory.bytes, NULL);
}

static void call_attach_regions(void *unused) {
    (void)unused;
    (void)tlsf_attach_regions(h.memory.begin, tlsf_size(), regions, in_regions, NULL);
}

static void call_create(void *unused) {
    (void)unused;
    h.t = tlsf_create(h.memory.begin);
}

static void call_create_with_pool(void *unused) {
    (void)unused;
    h.t = tlsf_create_with_pool(h.memory.begin, h.memory.bytes);
}

static void call_create_sized(void *unused) {
    (void)unused;
    h.t = tlsf_create_sized(h.memory.begin, h.memory.bytes, 0);
}

static void call_malloc(void *bytes) { (void)tlsf_malloc(h.t, *(size_t *)bytes); }

static void call_add_pool(void *bytes) {
    (void)tlsf_add_pool(h.t, heap_spare(&h), *(size_t *)bytes);
}

/* ---- comparisons ------------------------------------------------------------------- */

#define SKIP_WHERE_NOTHING_COUNTS() \
    do { \
        if (instructions_of(walk_nothing, NULL) == 0) { \
            SKIP_BECAUSE("instructions are counted on x86-64 alone"); \
        } \
    } while (0)

static void walk_nothing(void *unused) { (void)unused; }

/* The instructions of a call in a heap of `count` blocks or pools. */
static size_t count_in(void (*make)(size_t), size_t count, void (*call)(void *)) {
    make(count);
    in_regions = count;
    const size_t instructions = instructions_of(call, NULL);
    region_free(&h.memory);
    return instructions;
}

/* In four times as many the call takes at most `factor` times as long, but for a little. */
static void expect_grows_at_most(void (*make)(size_t), void (*call)(void *), size_t factor) {
    const size_t few = count_in(make, FEW, call), many = count_in(make, MANY, call);
    assert_true(few != 0 && many <= factor * few + few / 8);
}

/* ---- the cases --------------------------------------------------------------------- */

/* Verifies T49. */
static void time_of_reset_does_not_depend_on_blocks(void **state) {
    (void)state;
    SKIP_WHERE_NOTHING_COUNTS();
    if (TLSF_HARDENING >= 3) {
        SKIP_BECAUSE("at hardening 3 a reset fills memory");
    }
    expect_grows_at_most(blocks_make, call_reset, 1);
    expect_grows_at_most(pools_make, call_reset, FOUR_TIMES);
}

/* Verifies T184, T199, T207, T244, T253, T269, T331. */
static void time_of_walks_is_linear_in_blocks(void **state) {
    void (*const calls[])(void *) = {call_check, call_check_report, call_survey,  call_explain,
                                     call_walk,  call_locate,       call_diagnose};
    (void)state;
    SKIP_WHERE_NOTHING_COUNTS();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        expect_grows_at_most(blocks_make, calls[i], FOUR_TIMES);
    }
}

/* Verifies T245. */
static void time_of_check_is_at_most_free_blocks_times_pools(void **state) {
    (void)state;
    SKIP_WHERE_NOTHING_COUNTS();
    expect_grows_at_most(pools_make, call_check, FOUR_TIMES * FOUR_TIMES);
}

/* Verifies T261, T264, T269. */
static void time_of_questions_about_an_address_is_linear_in_pools(void **state) {
    void (*const calls[])(void *) = {call_owner, call_looks_live, call_locate};
    (void)state;
    SKIP_WHERE_NOTHING_COUNTS();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        expect_grows_at_most(pools_make, calls[i], FOUR_TIMES);
        if (calls[i] != call_locate) {
            expect_grows_at_most(blocks_make, calls[i], 1);
        }
    }
}

/* Verifies T56, T67. */
static void time_of_attach_is_that_of_check_and_of_pools_times_regions(void **state) {
    (void)state;
    SKIP_WHERE_NOTHING_COUNTS();
    expect_grows_at_most(blocks_make, call_attach, FOUR_TIMES);
    expect_grows_at_most(pools_make, call_attach_regions, FOUR_TIMES * FOUR_TIMES);
}

/* A class costs a few instructions. The plan for all that the layout holds has most classes.
 * Verifies T28, T34, T40. */
static void time_of_create_is_linear_in_size_classes(void **state) {
    void (*const calls[])(void *) = {call_create, call_create_with_pool, call_create_sized};
    enum { PER_CLASS = 40, MORE = 4000 };
    (void)state;
    SKIP_WHERE_NOTHING_COUNTS();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        for (size_t bytes = 16384; bytes <= 262144; bytes *= 16) {
            h.memory = region_make(bytes, 0);
            const size_t classes = classes_made(calls[i], NULL);
            const size_t filling = TLSF_HARDENING >= 3 ? bytes * 8 : 0;
            assert_true(instructions_of(calls[i], NULL) < classes * PER_CLASS + MORE + filling);
            region_free(&h.memory);
        }
    }
}

/* Only level 3 fills: there four times the bytes are four times the time; else they change nothing.
 * Verifies T6, C43. */
static void time_of_malloc_and_add_pool_depends_on_bytes_at_hardening_3_alone(void **state) {
    void (*const calls[])(void *) = {call_malloc, call_add_pool};
    (void)state;
    SKIP_WHERE_NOTHING_COUNTS();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        size_t instructions[2], bytes = 4000;
        for (size_t k = 0; k < 2; k++, bytes *= FOUR_TIMES) {
            h = calls[i] == call_malloc ? heap_make(32768) : heap_make_empty(32768);
            instructions[k] = instructions_of(calls[i], &bytes);
            region_free(&h.memory);
        }
        assert_true(instructions[1] < FOUR_TIMES * instructions[0] + instructions[0] / 8);
        assert_true(TLSF_HARDENING >= 3 || instructions[1] < instructions[0] + 60);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_of_reset_does_not_depend_on_blocks),
        cmocka_unit_test(time_of_walks_is_linear_in_blocks),
        cmocka_unit_test(time_of_check_is_at_most_free_blocks_times_pools),
        cmocka_unit_test(time_of_questions_about_an_address_is_linear_in_pools),
        cmocka_unit_test(time_of_attach_is_that_of_check_and_of_pools_times_regions),
        cmocka_unit_test(time_of_create_is_linear_in_size_classes),
        cmocka_unit_test(time_of_malloc_and_add_pool_depends_on_bytes_at_hardening_3_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
