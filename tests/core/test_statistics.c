/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_stats after each kind of call, with statistics and in a build without.
 */
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <string.h>

/* Verifies T173, C44, C46. */
static void stats_result_tells_whether_kept(void **state) {
    heap h = heap_make(4096);
    tlsf_stats_t stats;
    (void)state;
    memset(&stats, 0xFF, sizeof(stats));
    assert_int_equal(tlsf_stats(h.t, &stats), TLSF_STATISTICS ? 1 : 0);
    heap_end(&h);
}

/* Verifies T173, C46. */
static void stats_built_without_fill_only_pool_and_largest(void **state) {
    heap h = heap_make(4096);
    (void)state;
    if (TLSF_STATISTICS) {
        heap_end(&h);
        SKIP_BECAUSE("this build keeps statistics");
    }
    assert_non_null(tlsf_malloc(h.t, 100));
    assert_null(tlsf_malloc(h.t, SIZE_MAX));
    const tlsf_stats_t stats = stats_of(h.t);
    const tlsf_stats_t expected = {.pool_bytes = pool_outer(tlsf_get_pool(h.t)),
                                   .largest = tlsf_largest(h.t)};
    assert_memory_equal(&stats, &expected, sizeof(stats));
    heap_end(&h);
}

/* Verifies T163, T166, T167, T172. */
static void stats_fresh_heap_is_all_free(void **state) {
    heap h = heap_make(4096);
    (void)state;
    const tlsf_stats_t stats = stats_of(h.t);
    assert_int_equal(stats.pool_bytes, pool_outer(tlsf_get_pool(h.t)));
    assert_int_equal(stats.free_bytes, counted(stats.pool_bytes));
    assert_int_equal(stats.largest, stats.pool_bytes - tlsf_alloc_overhead());
    assert_int_equal(stats.used_bytes, 0);
    assert_int_equal(stats.peak_bytes, 0);
    assert_int_equal(stats.live_blocks, 0);
    assert_int_equal(stats.allocations, 0);
    assert_int_equal(stats.frees, 0);
    assert_int_equal(stats.failures, 0);
    heap_end(&h);
}

/* Verifies T164, T165, T166, T168, T169, C44. */
static void stats_used_is_sum_of_outer_sizes(void **state) {
    heap h = heap_make(65536);
    size_t used = 0;
    (void)state;
    for (size_t i = 0; i < 30; i++) {
        used += outer_of(tlsf_malloc(h.t, i * 13));
        used += outer_of(tlsf_calloc(h.t, i, 9));
        used += outer_of(tlsf_memalign(h.t, 64, i * 5));
        const tlsf_stats_t stats = stats_of(h.t);
        assert_int_equal(stats.used_bytes, counted(used));
        assert_int_equal(stats.peak_bytes, counted(used));
        assert_int_equal(stats.free_bytes, counted(stats.pool_bytes - used));
        assert_int_equal(stats.live_blocks, counted(3 * i + 3));
        assert_int_equal(stats.allocations, counted(3 * i + 3));
    }
    heap_end(&h);
}

/* Verifies T165, T168, T170. */
static void stats_peak_stays_after_free(void **state) {
    heap h = heap_make(65536);
    (void)state;
    void *p = tlsf_malloc(h.t, 1000);
    void *q = tlsf_malloc(h.t, 2000);
    const size_t peak = outer_of(p) + outer_of(q);
    tlsf_free(h.t, p);
    tlsf_free(h.t, q);
    assert_non_null(tlsf_malloc(h.t, 1500));
    const tlsf_stats_t stats = stats_of(h.t);
    assert_int_equal(stats.peak_bytes, counted(peak));
    assert_int_equal(stats.frees, counted(2));
    assert_int_equal(stats.live_blocks, counted(1));
    heap_end(&h);
}

/* Verifies T164, T165, T169. */
static void stats_peak_counts_growth_in_place(void **state) {
    heap h = heap_make(65536);
    (void)state;
    void *p = tlsf_malloc(h.t, 100);
    assert_ptr_equal(tlsf_realloc(h.t, p, 5000), p);
    const size_t peak = outer_of(p);
    assert_ptr_equal(tlsf_realloc(h.t, p, 50), p);
    const tlsf_stats_t stats = stats_of(h.t);
    assert_int_equal(stats.used_bytes, counted(outer_of(p)));
    assert_int_equal(stats.peak_bytes, counted(peak));
    assert_int_equal(stats.allocations, counted(1));
    heap_end(&h);
}

/* Verifies T11, T171. */
static void stats_count_every_failure(void **state) {
    heap h = heap_make(4096);
    size_t failures = 0;
    (void)state;
    void *p = tlsf_malloc(h.t, 10);
    assert_null(tlsf_malloc(h.t, 100000));
    assert_int_equal(stats_of(h.t).failures, counted(++failures));
    assert_null(tlsf_calloc(h.t, 1000, 1000));
    assert_int_equal(stats_of(h.t).failures, counted(++failures));
    assert_null(tlsf_calloc(h.t, SIZE_MAX, 2));
    assert_int_equal(stats_of(h.t).failures, counted(++failures));
    assert_null(tlsf_memalign(h.t, 64, 100000));
    assert_int_equal(stats_of(h.t).failures, counted(++failures));
    assert_null(tlsf_memalign(h.t, 65, 1));
    assert_int_equal(stats_of(h.t).failures, counted(++failures));
    assert_null(tlsf_realloc(h.t, p, 100000));
    assert_int_equal(stats_of(h.t).failures, counted(++failures));
    assert_null(tlsf_realloc_aligned(h.t, p, 64, 100000));
    assert_int_equal(stats_of(h.t).failures, counted(++failures));
    assert_null(tlsf_realloc_aligned(h.t, p, 65, 1));
    assert_int_equal(stats_of(h.t).failures, counted(++failures));
    heap_end(&h);
}

/* A call that did its work, and returns NULL as documented, counts no failure. */
/* Verifies T171. */
static void stats_success_with_null_is_no_failure(void **state) {
    heap h = heap_make(4096);
    (void)state;
    assert_null(tlsf_realloc(h.t, tlsf_malloc(h.t, 10), 0));
    assert_null(tlsf_realloc_aligned(h.t, tlsf_malloc(h.t, 10), 64, 0));
    tlsf_free(h.t, NULL);
    assert_null(tlsf_add_pool(h.t, NULL, 0));
    assert_int_equal(stats_of(h.t).failures, 0);
    heap_end(&h);
}

/* Verifies T163, T164, T172. */
static void stats_cover_all_pools_together(void **state) {
    heap h = heap_make_empty(3 * 4096);
    size_t bytes = 0;
    size_t used = 0;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        pool_t pool = tlsf_add_pool(h.t, heap_spare(&h) + i * 4096, 4096);
        assert_non_null(pool);
        bytes += pool_outer(pool);
        void *p = tlsf_malloc(h.t, 3000);
        assert_non_null(p);
        used += outer_of(p);
    }
    const tlsf_stats_t stats = stats_of(h.t);
    assert_int_equal(stats.pool_bytes, bytes);
    assert_int_equal(stats.used_bytes, counted(used));
    assert_int_equal(stats.live_blocks, counted(3));
    heap_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stats_result_tells_whether_kept),
        cmocka_unit_test(stats_built_without_fill_only_pool_and_largest),
        cmocka_unit_test(stats_fresh_heap_is_all_free),
        cmocka_unit_test(stats_used_is_sum_of_outer_sizes),
        cmocka_unit_test(stats_peak_stays_after_free),
        cmocka_unit_test(stats_peak_counts_growth_in_place),
        cmocka_unit_test(stats_count_every_failure),
        cmocka_unit_test(stats_success_with_null_is_no_failure),
        cmocka_unit_test(stats_cover_all_pools_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
