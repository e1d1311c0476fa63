/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_free: coalescing with each combination of neighbours, and NULL.
 */
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <string.h>

/* Verifies T148. */
static void free_null_is_ignored(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    (void)state;
    tlsf_free(h.t, NULL);
    snapshot_expect_unchanged(&h, &before, 0);
    heap_end(&h);
}

/* Makes three blocks and uses the rest. Bits 0 and 1 of `free_first` choose which of the outer two
 * are free when the middle one is freed. */
static void expect_coalesced(unsigned free_first) {
    heap h = heap_make(8192);
    uint8_t *low = tlsf_malloc(h.t, 100);
    uint8_t *middle = tlsf_malloc(h.t, 60);
    uint8_t *high = tlsf_malloc(h.t, 140);
    void *rest = tlsf_malloc(h.t, tlsf_largest(h.t));
    const size_t outer[3] = {outer_of(low), outer_of(middle), outer_of(high)};
    size_t expected = outer[1];
    assert_non_null(rest);
    if (free_first & 1u) {
        tlsf_free(h.t, low);
        expected += outer[0];
    }
    if (free_first & 2u) {
        tlsf_free(h.t, high);
        expected += outer[2];
    }
    tlsf_free(h.t, middle);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    assert_int_equal(pool_free_blocks(tlsf_get_pool(h.t)), 1);
    assert_int_equal(pool_largest_free(tlsf_get_pool(h.t)) + tlsf_alloc_overhead(), expected);
    assert_int_equal(tlsf_largest(h.t) + tlsf_alloc_overhead(), expected);
    void *again = tlsf_malloc(h.t, expected - tlsf_alloc_overhead());
    assert_ptr_equal(again, free_first & 1u ? low : middle);
    heap_end(&h);
}

/* Verifies T147. */
static void free_neighbours_used_stays_alone(void **state) {
    (void)state;
    expect_coalesced(0);
}

/* Verifies T147. */
static void free_previous_free_coalesces(void **state) {
    (void)state;
    expect_coalesced(1);
}

/* Verifies T147. */
static void free_next_free_coalesces(void **state) {
    (void)state;
    expect_coalesced(2);
}

/* Verifies T147, D9. */
static void free_both_free_coalesces_to_one(void **state) {
    (void)state;
    expect_coalesced(3);
}

/* Verifies T147. */
static void free_last_block_of_pool_leaves_end_alone(void **state) {
    heap h = heap_make(4096);
    (void)state;
    void *first = tlsf_malloc(h.t, 100);
    void *last = tlsf_malloc(h.t, tlsf_largest(h.t));
    tlsf_free(h.t, last);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    tlsf_free(h.t, first);
    assert_int_equal(pool_blocks(tlsf_get_pool(h.t)), 1);
    heap_end(&h);
}

/* Neighbours keep their content, to the last usable byte. */
/* Verifies T147. */
static void free_does_not_touch_neighbours(void **state) {
    heap h = heap_make(8192);
    (void)state;
    for (size_t bytes = 0; bytes < 200; bytes += 3) {
        uint8_t *low = tlsf_malloc(h.t, bytes);
        uint8_t *middle = tlsf_malloc(h.t, 77);
        uint8_t *high = tlsf_malloc(h.t, bytes);
        const size_t usable = tlsf_block_size(low);
        memset(low, 0x11, usable);
        memset(high, 0x22, usable);
        tlsf_free(h.t, middle);
        for (size_t i = 0; i < usable; i++) {
            assert_int_equal(low[i], 0x11);
            assert_int_equal(high[i], 0x22);
        }
        assert_int_equal(tlsf_block_size(low), usable);
        tlsf_free(h.t, low);
        tlsf_free(h.t, high);
    }
    heap_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_null_is_ignored),
        cmocka_unit_test(free_neighbours_used_stays_alone),
        cmocka_unit_test(free_previous_free_coalesces),
        cmocka_unit_test(free_next_free_coalesces),
        cmocka_unit_test(free_both_free_coalesces_to_one),
        cmocka_unit_test(free_last_block_of_pool_leaves_end_alone),
        cmocka_unit_test(free_does_not_touch_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
