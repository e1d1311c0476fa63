/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The time bounds of fmemory_pool.h: instructions are counted in heaps of two sizes. Those of
 * requests are also bounded by bench/static-bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmemory_pool.h"
#include "support/stepping.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { FEW = 10, FOUR_TIMES = 4, MANY = FOUR_TIMES * FEW, BLOCK = 40, STRIDE = 1024 };
enum { HEAP_BYTES = 16384 };

static _Alignas(64) u8 memory[HEAP_BYTES + MANY * STRIDE];
static FMemp memp;
static void *last;       /* a block that the calls below are about */
static fsize_t too_much; /* bytes that no free block has */
static tlsf_region_t regions[MANY];
static size_t region_count;

/* ---- heaps ------------------------------------------------------------------------------- */

static void blocks_make(size_t count) {
    void *before = NULL;

    memset(&memp, 0, sizeof memp);
    region_count = 0;
    assert_int_equal(FMempInit(&memp, memory, memory + HEAP_BYTES), FMEMP_SUCCESS);
    for (size_t i = 0; i < count; i++) {
        before = FMempMalloc(&memp, BLOCK);
        last = FMempMalloc(&memp, BLOCK);
        assert_non_null(last);
        FMempFree(&memp, before);
    }
    FMempStats stats;
    assert_int_equal(FMempGetStats(&memp, &stats), FMEMP_SUCCESS);
    too_much = (fsize_t)stats.largest + 100;
}

static void regions_make(size_t count) {
    memset(&memp, 0, sizeof memp);
    assert_int_equal(FMempInit(&memp, memory, memory + HEAP_BYTES), FMEMP_SUCCESS);
    last = FMempMalloc(&memp, BLOCK);
    for (size_t i = 0; i < count; i++) {
        u8 *begin = memory + HEAP_BYTES + i * STRIDE;
        regions[i] = (tlsf_region_t){begin, STRIDE - 64};
        assert_int_equal(FMempAddRegion(&memp, begin, begin + STRIDE - 64), FMEMP_SUCCESS);
    }
    region_count = count;
}

/* ---- the calls --------------------------------------------------------------------------- */

static int go_on(const FMempBlock *block, void *user) {
    (void)block;
    (void)user;
    return 1;
}

static void ignore(FMemp *of, const FMempFailure *failure) {
    (void)of;
    (void)failure;
}

static void call_nothing(void *unused) { (void)unused; }

static void call_malloc(void *unused) {
    (void)unused;
    (void)FMempMalloc(&memp, BLOCK);
}

static void call_failing(void *unused) {
    (void)unused;
    (void)FMempMalloc(&memp, too_much);
}

static void call_free(void *unused) {
    (void)unused;
    FMempFree(&memp, last);
}

static void call_init(void *unused) {
    (void)unused;
    (void)FMempInit(&memp, memory, memory + HEAP_BYTES);
}

static void call_init_sized(void *unused) {
    (void)unused;
    (void)FMempInitSized(&memp, memory, memory + HEAP_BYTES, SIZE_MAX);
}

static void call_remove(void *unused) {
    (void)unused;
    FMempRemove(&memp);
}

static void call_reset(void *unused) {
    (void)unused;
    FMempReset(&memp);
}

static void call_add_region(void *unused) {
    (void)unused;
    (void)FMempAddRegion(&memp, memory + HEAP_BYTES, memory + HEAP_BYTES + STRIDE);
}

static void call_remove_region(void *unused) {
    (void)unused;
    (void)FMempRemoveRegion(&memp, regions[0].begin);
}

static void call_block_size(void *unused) {
    (void)unused;
    (void)FMempBlockSize(&memp, last);
}

static void call_probe(void *unused) {
    u32 total, used, most;
    (void)unused;
    FMemProbe(&memp, &total, &used, &most);
}

static void call_stats(void *unused) {
    FMempStats stats;
    (void)unused;
    (void)FMempGetStats(&memp, &stats);
}

static void call_reset_peak(void *unused) {
    (void)unused;
    FMempResetPeak(&memp);
}

static void call_set_hooks(void *unused) {
    (void)unused;
    (void)FMempSetFailureHook(&memp, NULL);
    (void)FMempSetFaultHook(&memp, NULL);
}

static void call_set_call_site(void *unused) {
    (void)unused;
    (void)FMempSetCallSite(&memp, last, memory);
}

static void call_survey(void *unused) {
    FMempSurvey survey;
    (void)unused;
    (void)FMempGetSurvey(&memp, &survey);
}

static void call_walk(void *unused) {
    (void)unused;
    (void)FMempWalk(&memp, go_on, NULL);
}

static void call_check(void *unused) {
    FMempReport report;
    (void)unused;
    (void)FMempCheck(&memp, &report);
}

static void call_owns(void *unused) {
    (void)unused;
    (void)FMempOwns(&memp, last);
}

static void call_looks_live(void *unused) {
    (void)unused;
    (void)FMempLooksLive(&memp, last);
}

static void call_locate(void *unused) {
    FMempBlock block;
    (void)unused;
    (void)FMempLocate(&memp, last, &block);
}

/* As after a reset of the machine. */
static void call_attach(void *unused) {
    (void)unused;
    memset(&memp, 0, sizeof memp);
    (void)FMempAttachRegions(&memp, memory, memory + HEAP_BYTES, regions, region_count, NULL);
}

/* ---- comparisons ------------------------------------------------------------------------- */

typedef void (*call)(void *);

static size_t count_in(void (*make)(size_t), size_t count, call of) {
    make(count);
    return instructions_of(of, NULL);
}

/* In four times as many the call takes at most `factor` times as long, but for a little. */
static void expect_grows_at_most(void (*make)(size_t), call of, size_t factor) {
    const size_t few = count_in(make, FEW, of), many = count_in(make, MANY, of);
    assert_true(few != 0 && many <= factor * few + few / 8);
}

static void skip_where_nothing_counts(void) {
    if (instructions_of(call_nothing, NULL) == 0) {
        print_message("instructions are counted on x86-64 alone\n");
        skip();
    }
}

/* ---- the cases --------------------------------------------------------------------------- */

/* Verifies F6, F50, F59, F68, F90, F92, F120, F127, F141, F143, F240, F250. */
static void time_of_short_calls_does_not_depend_on_blocks_and_regions(void **state) {
    const call calls[] = {call_malloc,    call_free,         call_remove, call_add_region,
                          call_probe,     call_block_size,   call_stats,  call_reset_peak,
                          call_set_hooks, call_set_call_site};
    (void)state;
    skip_where_nothing_counts();
    if (TLSF_HARDENING >= 3) {
        skip(); /* there calls are linear in bytes and in pools */
    }
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        expect_grows_at_most(blocks_make, calls[i], 1);
        if (calls[i] != call_add_region) { /* its place is taken there */
            expect_grows_at_most(regions_make, calls[i], 1);
        }
    }
}

/* The lists of free blocks are emptied, so regions alone count. Verifies F54. */
static void time_of_reset_does_not_depend_on_blocks(void **state) {
    (void)state;
    skip_where_nothing_counts();
    if (TLSF_HARDENING >= 3) {
        skip(); /* a reset fills memory */
    }
    expect_grows_at_most(blocks_make, call_reset, 1);
    expect_grows_at_most(regions_make, call_reset, FOUR_TIMES);
}

/* Verifies F151, F175, F189, F197, F214. */
static void time_of_walks_is_linear_in_blocks(void **state) {
    const call calls[] = {call_survey, call_walk, call_check, call_locate, call_attach};
    (void)state;
    skip_where_nothing_counts();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        expect_grows_at_most(blocks_make, calls[i], FOUR_TIMES);
    }
}

/* Verifies F65, F206, F208. */
static void time_of_what_looks_for_a_region_is_linear_in_regions(void **state) {
    const call calls[] = {call_remove_region, call_owns, call_looks_live};
    (void)state;
    skip_where_nothing_counts();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        expect_grows_at_most(regions_make, calls[i], FOUR_TIMES);
    }
}

/* Verifies F202. */
static void time_of_attach_is_at_most_regions_times_regions(void **state) {
    (void)state;
    skip_where_nothing_counts();
    expect_grows_at_most(regions_make, call_attach, FOUR_TIMES * FOUR_TIMES);
}

/* Some hundreds of size classes. Verifies F32, F37. */
static void time_of_init_is_linear_in_size_classes(void **state) {
    const call calls[] = {call_init, call_init_sized};
    (void)state;
    skip_where_nothing_counts();
    if (TLSF_HARDENING >= 3) {
        skip(); /* an init fills memory */
    }
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        memset(&memp, 0, sizeof memp);
        assert_in_range(instructions_of(calls[i], NULL), 100, 40000);
    }
}

/* The first call also initialises. The others are those of an FMemp after FMempInit.
 * Verifies F46, F47. */
static void time_of_a_static_memp_is_that_of_another_after_the_first_call(void **state) {
    const FMemp fresh = FMEMP_STATIC_INIT(memory, memory + HEAP_BYTES);
    (void)state;
    skip_where_nothing_counts();
    memset(&memp, 0, sizeof memp);
    const size_t init = instructions_of(call_init, NULL);
    const size_t first = instructions_of(call_malloc, NULL);
    const size_t second = instructions_of(call_malloc, NULL);
    memp = fresh;
    assert_true(instructions_of(call_malloc, NULL) < init + first + 400);
    assert_int_equal(instructions_of(call_malloc, NULL), second);
}

/* Verifies F241, F242. */
static void time_of_a_failing_request_depends_on_blocks_with_a_hook_alone(void **state) {
    (void)state;
    size_t few, many;
    skip_where_nothing_counts();
    expect_grows_at_most(blocks_make, call_failing, 1);
    const size_t served = count_in(blocks_make, FEW, call_malloc);
    blocks_make(FEW);
    (void)FMempSetFailureHook(&memp, ignore);
    const size_t with_hook = instructions_of(call_malloc, NULL);
    assert_true(with_hook < served + 200);
    few = instructions_of(call_failing, NULL);
    blocks_make(MANY);
    (void)FMempSetFailureHook(&memp, ignore);
    many = instructions_of(call_failing, NULL);
    assert_true(many > few && many <= FOUR_TIMES * few);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_of_short_calls_does_not_depend_on_blocks_and_regions),
        cmocka_unit_test(time_of_reset_does_not_depend_on_blocks),
        cmocka_unit_test(time_of_walks_is_linear_in_blocks),
        cmocka_unit_test(time_of_what_looks_for_a_region_is_linear_in_regions),
        cmocka_unit_test(time_of_attach_is_at_most_regions_times_regions),
        cmocka_unit_test(time_of_init_is_linear_in_size_classes),
        cmocka_unit_test(time_of_a_static_memp_is_that_of_another_after_the_first_call),
        cmocka_unit_test(time_of_a_failing_request_depends_on_blocks_with_a_hook_alone),
    };
    return cmocka_run_group_tests_name("fmemp_time", tests, NULL, NULL);
}
