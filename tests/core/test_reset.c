/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_reset: everything is free again, in every pool; plan, peak and counts stay.
 */
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <string.h>

/* Verifies T47. */
static void reset_fresh_heap_changes_nothing(void **state) {
    heap h = heap_make(4096);
    const size_t largest = tlsf_largest(h.t);
    (void)state;
    tlsf_reset(h.t);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    assert_int_equal(tlsf_largest(h.t), largest);
    assert_int_equal(stats_of(h.t).frees, 0);
    heap_end(&h);
}

/* Verifies T47. */
static void reset_heap_without_pool_stays_empty(void **state) {
    heap h = heap_make_empty(0);
    (void)state;
    tlsf_reset(h.t);
    assert_int_equal(tlsf_largest(h.t), 0);
    assert_null(tlsf_malloc(h.t, 0));
    heap_end(&h);
}

/* Verifies T47. */
static void reset_fragmented_heap_is_one_free_block(void **state) {
    heap h = heap_make(16384);
    const size_t largest = tlsf_largest(h.t);
    void *blocks[50];
    (void)state;
    for (size_t i = 0; i < 50; i++) {
        blocks[i] = tlsf_malloc(h.t, i * 5);
        memset(blocks[i], 0xFF, tlsf_block_size(blocks[i]));
    }
    for (size_t i = 0; i < 50; i += 2) {
        tlsf_free(h.t, blocks[i]);
    }
    tlsf_reset(h.t);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    assert_int_equal(pool_blocks(tlsf_get_pool(h.t)), 1);
    assert_int_equal(tlsf_largest(h.t), largest);
    assert_non_null(tlsf_malloc(h.t, largest));
    heap_end(&h);
}

/* Verifies T48. */
static void reset_counts_live_blocks_as_freed(void **state) {
    heap h = heap_make(16384);
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        assert_non_null(tlsf_malloc(h.t, 100));
    }
    tlsf_free(h.t, tlsf_malloc(h.t, 500));
    assert_null(tlsf_malloc(h.t, SIZE_MAX));
    const tlsf_stats_t before = stats_of(h.t);
    tlsf_reset(h.t);
    const tlsf_stats_t after = stats_of(h.t);
    assert_int_equal(after.used_bytes, 0);
    assert_int_equal(after.live_blocks, 0);
    assert_int_equal(after.peak_bytes, before.peak_bytes);
    assert_int_equal(after.allocations, counted(11));
    assert_int_equal(after.frees, counted(11));
    assert_int_equal(after.failures, counted(1));
    assert_int_equal(after.pool_bytes, before.pool_bytes);
    heap_end(&h);
}

/* Verifies T47, T48. */
static void reset_several_pools_frees_each(void **state) {
    enum { POOLS = 5, POOL_BYTES = 2048 };
    heap h = heap_make_empty(POOLS * POOL_BYTES);
    pool_t pools[POOLS];
    (void)state;
    for (size_t i = 0; i < POOLS; i++) {
        pools[i] = tlsf_add_pool(h.t, heap_spare(&h) + i * POOL_BYTES, POOL_BYTES);
        assert_non_null(pools[i]);
    }
    for (size_t round = 0; round < 3; round++) {
        while (tlsf_malloc(h.t, 100 + round * 50) != NULL) {
        }
        tlsf_reset(h.t);
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        for (size_t i = 0; i < POOLS; i++) {
            assert_int_equal(pool_blocks(pools[i]), 1);
            assert_int_equal(pool_free_blocks(pools[i]), 1);
        }
    }
    assert_ptr_equal(tlsf_get_pool(h.t), pools[0]);
    for (size_t i = 0; i < POOLS; i++) {
        assert_int_equal(tlsf_remove_pool(h.t, pools[i]), 0);
    }
    heap_end(&h);
}

/* After a reset, a pool of the planned size can still be added. A larger one still cannot. */
/* Verifies T48. */
static void reset_keeps_plan(void **state) {
    region r = region_make(80000, 0);
    (void)state;
    tlsf_t t = tlsf_create_sized(r.begin, 8192, 20000);
    tlsf_reset(t);
    assert_null(tlsf_add_pool(t, r.begin + 16384, 60000));
    assert_non_null(tlsf_add_pool(t, r.begin + 16384, 20000));
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    region_free(&r);
}

/* Verifies T48. */
static void reset_keeps_fault_hook(void **state) {
    heap h = heap_make(4096);
    (void)state;
    faults_watch(h.t);
    const tlsf_fault_hook hook = tlsf_set_fault_hook(h.t, NULL);
    tlsf_set_fault_hook(h.t, hook);
    tlsf_reset(h.t);
    assert_true(tlsf_set_fault_hook(h.t, NULL) == hook);
    heap_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_fresh_heap_changes_nothing),
        cmocka_unit_test(reset_heap_without_pool_stays_empty),
        cmocka_unit_test(reset_fragmented_heap_is_one_free_block),
        cmocka_unit_test(reset_counts_live_blocks_as_freed),
        cmocka_unit_test(reset_several_pools_frees_each),
        cmocka_unit_test(reset_keeps_plan),
        cmocka_unit_test(reset_keeps_fault_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
