/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: adding and removing regions, and statistics over all of them.
 */
#include "fmemp_support.h"

#define REGION_BYTES 9000

static u8 *region_begin(size_t index) {
    return arena_middle + 3 + index * (REGION_BYTES + 1); /* no region is aligned */
}

static void region_add(size_t index) {
    assert_int_equal(FMempAddRegion(&memp, region_begin(index), region_begin(index) + REGION_BYTES),
                     FMEMP_SUCCESS);
}

/* ---- add ---------------------------------------------------------------------------- */

/* Verifies F55, F129. */
static void add_region_serves_requests_and_counts(void **state) {
    (void)state;
    const FMempStats before = stats_now();
    void *block = FMempMalloc(&memp, (fsize_t)before.largest);

    assert_null(FMempMalloc(&memp, 8000));
    region_add(0);
    u8 *added = FMempMalloc(&memp, 8000);
    assert_non_null(added);
    assert_true(added > region_begin(0) && added + 8000 <= region_begin(1));
    memset(added, 1, 8000);
    assert_in_range(stats_now().total_bytes - before.total_bytes, 8000, REGION_BYTES);
    FMempFree(&memp, block);
    FMempFree(&memp, added);
    assert_int_equal(FSListLen(&memp.pools_list->list), 1);
}

/* Verifies F18, F57, F58. */
static void add_region_invalid_arguments_are_refused(void **state) {
    (void)state;
    u8 *const end = arena + ARENA_BYTES;

    assert_int_equal(FMempAddRegion(&memp, NULL, end), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempAddRegion(&memp, arena_middle, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempAddRegion(&memp, end, end), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempAddRegion(&memp, end, arena_middle), FMEMP_ERR_INVALID_BUF);
}

/* Verifies F56, F57. */
static void add_region_every_small_and_unaligned_size_stays_inside(void **state) {
    (void)state;
    for (size_t misalignment = 0; misalignment < 16; misalignment++) {
        bool fits = false;
        for (size_t size = 1; size < 400; size++) {
            u8 *const begin = arena_middle + 100 + misalignment;
            const u64 total = stats_now().total_bytes;
            memset(arena_middle, 0xA5, 1000);
            const FError result = FMempAddRegion(&memp, begin, begin + size);
            fits = fits || result == FMEMP_SUCCESS;
            assert_int_equal(result, fits ? FMEMP_SUCCESS : FMEMP_ERR_INIT_TLFS);
            assert_true(is_filled(arena_middle, 0xA5, 100 + misalignment));
            assert_true(is_filled(begin + size, 0xA5, 400));
            if (result != FMEMP_SUCCESS) {
                assert_true(is_filled(begin, 0xA5, size));
                assert_int_equal(stats_now().total_bytes, total);
            } else {
                assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
                assert_int_equal(FMempRemoveRegion(&memp, begin), FMEMP_SUCCESS);
            }
        }
        assert_true(fits);
    }
}

/* ---- remove ------------------------------------------------------------------------- */

/* Verifies F60, F61, F62. */
static void remove_region_without_live_blocks_gives_it_back(void **state) {
    (void)state;
    const FMempStats before = stats_now();

    for (size_t i = 0; i < 5; i++) {
        region_add(i);
    }
    const size_t order[] = {2, 4, 0, 3, 1};
    for (size_t i = 0; i < 5; i++) {
        u8 *const begin = region_begin(order[i]);
        assert_int_equal(FMempRemoveRegion(&memp, begin), FMEMP_SUCCESS);
        assert_int_equal(FMempRemoveRegion(&memp, begin), FMEMP_ERR_INVALID_BUF);
        memset(begin, 0xEE, REGION_BYTES);
        assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
        assert_int_equal(FSListLen(&memp.pools_list->list), 4 - i);
    }
    assert_int_equal(stats_now().total_bytes, before.total_bytes);
    assert_int_equal(stats_now().largest, before.largest);
}

/* Verifies F22, F63, F64. */
static void remove_region_with_live_block_is_refused(void **state) {
    (void)state;
    void *filler = FMempMalloc(&memp, (fsize_t)stats_now().largest);

    region_add(0);
    void *block = FMempMalloc(&memp, 10);
    const FMempStats before = stats_now();
    assert_int_equal(FMempRemoveRegion(&memp, region_begin(0)), FMEMP_ERR_REGION_IN_USE);
    const FMempStats after = stats_now();
    assert_memory_equal(&before, &after, sizeof after);
    assert_int_equal(mock_stops, 0);
    FMempFree(&memp, block);
    assert_int_equal(FMempRemoveRegion(&memp, region_begin(0)), FMEMP_SUCCESS);
    FMempFree(&memp, filler);
}

/* Verifies F22, F63. */
static void remove_region_of_the_init_is_refused(void **state) {
    (void)state;
    assert_int_equal(FMempRemoveRegion(&memp, arena_begin), FMEMP_ERR_REGION_IN_USE);
    assert_non_null(FMempMalloc(&memp, 100));
}

/* Verifies F18, F62, F63. */
static void remove_region_that_is_none_is_refused(void **state) {
    (void)state;
    region_add(0);
    assert_int_equal(FMempRemoveRegion(&memp, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempRemoveRegion(&memp, region_begin(0) + 64), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempRemoveRegion(&memp, arena_middle - 64), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempRemoveRegion(&memp, (void *)UINTPTR_MAX), FMEMP_ERR_INVALID_BUF);
}

/* Verifies F55, F60. */
static void region_added_and_removed_ten_thousand_times_leaves_nothing(void **state) {
    (void)state;
    const FMempStats before = stats_now();

    for (size_t i = 0; i < 10000; i++) {
        region_add(i % 3);
        assert_int_equal(FMempRemoveRegion(&memp, region_begin(i % 3)), FMEMP_SUCCESS);
    }
    const FMempStats after = stats_now();
    assert_memory_equal(&before, &after, sizeof after);
}

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(add_region_serves_requests_and_counts),
        WITH_HEAP(add_region_invalid_arguments_are_refused),
        WITH_HEAP(add_region_every_small_and_unaligned_size_stays_inside),
        WITH_HEAP(remove_region_without_live_blocks_gives_it_back),
        WITH_HEAP(remove_region_with_live_block_is_refused),
        WITH_HEAP(remove_region_of_the_init_is_refused),
        WITH_HEAP(remove_region_that_is_none_is_refused),
        WITH_HEAP(region_added_and_removed_ten_thousand_times_leaves_nothing),
    };

    return cmocka_run_group_tests_name("fmemp_regions", tests, NULL, NULL);
}
