/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FMEMP_STATIC_INIT: an FMemp that the first call initialises, whatever call that is.
 */
#include "fmemp_support.h"

#define REGION_BYTES 9000

/* Every case gets `memp` with this content. */
static const FMemp first = FMEMP_STATIC_INIT(arena + 1, arena + REGION_BYTES);

static int static_setup(void **state) {
    (void)state;
    mock_reset();
    memset(arena, 0xA5, sizeof arena);
    memcpy(&memp, &first, sizeof memp);
    return 0;
}

/* ---- before main ------------------------------------------------------------------------ */

static u8 early_buffer[REGION_BYTES];
static FMemp early = FMEMP_STATIC_INIT(early_buffer, early_buffer + sizeof early_buffer);
static u8 *early_block;

/* What a C library does that allocates its buffers before main. */
__attribute__((constructor)) static void allocate_early(void) {
    early_block = FMempMalloc(&early, 100);
}

/* Verifies F4, F39, F41. */
static void static_init_serves_calls_before_main(void **state) {
    (void)state;
    assert_int_equal(early.is_ready, FT_COMPONENT_IS_READY);
    assert_true(early_block > early_buffer && early_block < early_buffer + sizeof early_buffer);
    assert_true(FMempMalloc(&early, 100) != early_block);
}

/* ---- the first call ---------------------------------------------------------------------- */

/* What a call finds on an FMemp that has not started is what it finds behind FMempInit, and it
 * has taken the lock. */
#define STARTS(call) \
    do { \
        (void)static_setup(state); \
        call; \
        assert_int_equal(memp.is_ready, FT_COMPONENT_IS_READY); \
        assert_true(mock_locks > 0); \
        assert_false(mock_lock_is_held); \
        assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND); \
    } while (0)

static void ignore_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
}

/* Verifies F4, F38, F39. */
static void static_init_any_request_starts(void **state) {
    STARTS(assert_non_null(FMempMalloc(&memp, 100)));
    STARTS(assert_true(is_filled(FMempCalloc(&memp, 10, 10), 0, 100)));
    STARTS(assert_true(is_aligned(FMempMallocAlign(&memp, 100, 256), 256)));
    STARTS(assert_non_null(FMempRealloc(&memp, NULL, 100)));
    STARTS(assert_true(is_aligned(FMempReallocAlign(&memp, NULL, 100, 256), 256)));
    STARTS(assert_non_null(FMEMP_MALLOC(&memp, 100)));
    STARTS(assert_non_null(FMEMP_CALLOC(&memp, 1, 100)));
    STARTS(assert_null(FMempMalloc(&memp, SIZE_MAX)));
    STARTS(assert_null(FMempMallocAlign(&memp, 100, 3)));
}

/* Verifies F39. */
static void static_init_any_report_starts(void **state) {
    u32 total = 0;
    FMempStats stats;

    STARTS(FMemProbe(&memp, &total, NULL, NULL));
    assert_true(total > 0);
    STARTS(assert_int_equal(FMempGetStats(&memp, &stats), FMEMP_SUCCESS));
    assert_int_equal(stats.total_bytes, total);
    STARTS(FMemListAll(&memp));
    assert_int_equal(printed_count("not ready"), 0);
    STARTS(assert_null(FMempSetFaultHook(&memp, ignore_fault)));
    assert_ptr_equal(FMempSetFaultHook(&memp, NULL), ignore_fault);
}

/* Verifies F39, F44. */
static void static_init_any_region_call_starts(void **state) {
    STARTS(assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + REGION_BYTES / 2),
                            FMEMP_SUCCESS));
    STARTS(assert_int_equal(FMempRemoveRegion(&memp, arena + 1), FMEMP_ERR_REGION_IN_USE));
    STARTS(FMempReset(&memp));
    STARTS(assert_int_equal(FMempInit(&memp, arena_middle, arena_middle + REGION_BYTES),
                            FMEMP_ERR_ALREADY_INIT));
}

/* There is nothing to free yet. */
/* Verifies F39. */
static void static_init_free_before_any_other_call_does_nothing(void **state) {
    (void)state;
    FMempFree(&memp, NULL);
    assert_non_null(FMempMalloc(&memp, 100));
}

/* Verifies F38. */
static void static_init_equals_init(void **state) {
    (void)state;
    FMemp other = {0};
    u64 largest;

    assert_non_null(FMempMalloc(&memp, 100));
    largest = stats_now().largest;
    FMempRemove(&memp);
    assert_int_equal(FMempInit(&other, arena + 1, arena + REGION_BYTES), FMEMP_SUCCESS);
    assert_non_null(FMempMalloc(&other, 100));
    memp = other;
    assert_int_equal(stats_now().largest, largest);
}

/* ---- its end, and failure ---------------------------------------------------------------- */

/* Verifies F45, F49. */
static void static_init_removed_reads_as_zeros_but_for_its_region(void **state) {
    (void)state;
    assert_non_null(FMempMalloc(&memp, 100));
    FMempRemove(&memp);
    assert_int_equal(memp.is_ready, 0);
    assert_null(FMempMalloc(&memp, 100));
    assert_int_equal(FMempInit(&memp, arena + 1, arena + REGION_BYTES), FMEMP_SUCCESS);
}

/* Verifies F42, F43. */
static void static_init_that_fails_says_so_once(void **state) {
    (void)state;
    const FMemp too_small = FMEMP_STATIC_INIT(arena, arena + 20);

    memp = too_small;
    assert_null(FMempMalloc(&memp, 1));
    assert_false(mock_lock_is_held);
    assert_int_equal(printed_count("static init"), 1);
    assert_int_equal(printed_count(pointer_text(arena + 20)), 1);
    assert_null(FMempMalloc(&memp, 1));
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 5000), FMEMP_ERR_NOT_READY);
    assert_int_equal(printed_count("static init"), 1);
    assert_int_equal(mock_stops, 0);
    assert_int_equal(FMempInit(&memp, arena, arena + REGION_BYTES), FMEMP_SUCCESS);
    assert_non_null(FMempMalloc(&memp, 1));
}

/* Verifies F5. */
static void static_init_zeroed_memp_stays_silent_and_not_ready(void **state) {
    (void)state;
    memset(&memp, 0, sizeof memp);
    assert_null(FMempMalloc(&memp, 1));
    assert_int_equal(memp.is_ready, 0);
    assert_int_equal(strlen(mock_printed), 0);
}

/* Older sources set is_ready alone. */
/* Verifies F5. */
static void static_init_memp_with_a_wild_content_does_not_start(void **state) {
    (void)state;
    memset(&memp, 0xA5, sizeof memp);
    memp.is_ready = 0;
    memp.begin = arena;
    memp.end = arena + REGION_BYTES;
    assert_null(FMempMalloc(&memp, 1));
    assert_int_equal(memp.is_ready, 0);
    assert_int_equal(FMempInit(&memp, arena, arena + REGION_BYTES), FMEMP_SUCCESS);
    assert_non_null(FMempMalloc(&memp, 1));
}

#define WITH_MEMP(test) cmocka_unit_test_setup_teardown(test, static_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_MEMP(static_init_serves_calls_before_main),
        WITH_MEMP(static_init_any_request_starts),
        WITH_MEMP(static_init_any_report_starts),
        WITH_MEMP(static_init_any_region_call_starts),
        WITH_MEMP(static_init_free_before_any_other_call_does_nothing),
        WITH_MEMP(static_init_equals_init),
        WITH_MEMP(static_init_removed_reads_as_zeros_but_for_its_region),
        WITH_MEMP(static_init_that_fails_says_so_once),
        WITH_MEMP(static_init_zeroed_memp_stays_silent_and_not_ready),
        WITH_MEMP(static_init_memp_with_a_wild_content_does_not_start),
    };

    return cmocka_run_group_tests_name("fmemp_static", tests, NULL, NULL);
}
