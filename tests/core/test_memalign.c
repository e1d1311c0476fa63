/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_memalign: every power of two up to 64 KiB, other alignments, gaps, limits.
 */
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <string.h>

enum { ALIGN_MAX = 65536 };

/* Verifies T4, T113, T115. */
static void memalign_every_power_of_two_gives_aligned_block(void **state) {
    heap h = heap_make(8 * ALIGN_MAX);
    (void)state;
    for (size_t align = 1; align <= ALIGN_MAX; align *= 2) {
        for (size_t bytes = 0; bytes < 200; bytes += 11) {
            void *shift = tlsf_malloc(h.t, bytes); /* another gap each time */
            void *p = tlsf_memalign(h.t, align, bytes);
            assert_non_null(p);
            assert_true(is_aligned(p, align));
            assert_true(is_aligned(p, tlsf_align_size()));
            assert_true(tlsf_block_size(p) >= bytes);
            assert_true(outer_of(p) < outer_for(bytes) + outer_min());
            memset(p, 0x3C, tlsf_block_size(p));
            assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
            tlsf_free(h.t, shift);
            tlsf_free(h.t, p);
        }
    }
    assert_int_equal(pool_blocks(tlsf_get_pool(h.t)), 1);
    heap_end(&h);
}

/* Verifies T115. */
static void memalign_zero_and_up_to_granule_mean_default(void **state) {
    heap h = heap_make(4096);
    (void)state;
    void *expected = tlsf_malloc(h.t, 40);
    tlsf_free(h.t, expected);
    for (size_t align = 0; align <= tlsf_align_size(); align = align == 0 ? 1 : 2 * align) {
        void *p = tlsf_memalign(h.t, align, 40);
        assert_ptr_equal(p, expected);
        assert_int_equal(outer_of(p), outer_for(40));
        tlsf_free(h.t, p);
    }
    heap_end(&h);
}

/* Verifies T11, T116, T171. */
static void memalign_no_power_of_two_gives_null(void **state) {
    heap h = heap_make(4 * ALIGN_MAX);
    snapshot before = snapshot_take(&h);
    size_t tried = 0;
    (void)state;
    for (size_t align = 3; align < 2000; align++) {
        if ((align & (align - 1)) != 0) {
            assert_null(tlsf_memalign(h.t, align, 10));
            tried++;
        }
    }
    const size_t large[] = {ALIGN_MAX - 1, ALIGN_MAX + 1, SIZE_MAX,
                            SIZE_MAX - 1,  SIZE_MAX / 2,  SIZE_MAX / 2 + 2};
    for (size_t i = 0; i < COUNT_OF(large); i++) {
        assert_null(tlsf_memalign(h.t, large[i], 10));
        assert_null(tlsf_memalign(h.t, large[i], 0));
        tried += 2;
    }
    snapshot_expect_unchanged(&h, &before, tried);
    heap_end(&h);
}

/* Verifies T11, T116. */
static void memalign_alignments_beyond_heap_give_null(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    size_t tried = 0;
    (void)state;
    for (size_t align = SIZE_MAX / 2 + 1; align > 4 * ALIGN_MAX; align /= 2) {
        const size_t sizes[] = {0, 1, 100, align, align - 1, SIZE_MAX - align, SIZE_MAX};
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            assert_null(tlsf_memalign(h.t, align, sizes[i]));
            tried++;
        }
    }
    snapshot_expect_unchanged(&h, &before, tried);
    heap_end(&h);
}

/* Verifies T11, T116. */
static void memalign_size_max_and_neighbours_give_null(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    size_t tried = 0;
    (void)state;
    for (size_t align = 1; align <= ALIGN_MAX; align *= 2) {
        for (size_t less = 0; less < 70; less++) {
            assert_null(tlsf_memalign(h.t, align, SIZE_MAX - less));
            assert_null(tlsf_memalign(h.t, align, SIZE_MAX - align - less));
            tried += 2;
        }
        assert_null(tlsf_memalign(h.t, align, tlsf_block_size_max()));
        assert_null(tlsf_memalign(h.t, align, tlsf_block_size_max() + 1));
        tried += 2;
    }
    snapshot_expect_unchanged(&h, &before, tried);
    heap_end(&h);
}

/* The room that the contract promises is enough, in a pool of exactly that room, at every place of
 * the pool. */
/* Verifies T117. */
static void memalign_promised_room_suffices(void **state) {
    (void)state;
    for (size_t align = 2 * tlsf_align_size(); align <= 1024; align *= 2) {
        for (size_t bytes = tlsf_block_size_min(); bytes < 120; bytes += 9) {
            const size_t room = outer_for(bytes + align + outer_min());
            for (size_t place = 0; place < align; place += tlsf_align_size()) {
                heap h = heap_make_empty(4096 + align);
                assert_non_null(
                    tlsf_add_pool(h.t, heap_spare(&h) + place, tlsf_pool_overhead() + room));
                void *p = tlsf_memalign(h.t, align, bytes);
                assert_non_null(p);
                assert_true(is_aligned(p, align));
                heap_end(&h);
            }
        }
    }
}

/* The search asks for no more than the worst gap needs. A gap that is too small for a block grows
 * by the smallest multiple of the alignment that holds one. */
/* Verifies T117. */
static void memalign_worst_gap_suffices(void **state) {
    (void)state;
    for (size_t align = 2 * tlsf_align_size(); align <= 1024; align *= 2) {
        for (size_t bytes = tlsf_block_size_min(); bytes < 120; bytes += 9) {
            const size_t room = outer_for(bytes) + align + outer_min() - tlsf_align_size();
            for (size_t place = 0; place < align; place += tlsf_align_size()) {
                heap h = heap_make_empty(4096 + align);
                assert_non_null(
                    tlsf_add_pool(h.t, heap_spare(&h) + place, tlsf_pool_overhead() + room));
                assert_int_equal(tlsf_largest(h.t), room - tlsf_alloc_overhead());
                void *p = tlsf_memalign(h.t, align, bytes);
                assert_non_null(p);
                assert_true(is_aligned(p, align));
                heap_end(&h);
            }
        }
    }
}

/* All bytes in front of the aligned address and behind the block stay free. */
/* Verifies T114. */
static void memalign_gap_stays_free(void **state) {
    heap h = heap_make(32768);
    const size_t all = pool_outer(tlsf_get_pool(h.t));
    (void)state;
    for (size_t align = 2 * tlsf_align_size(); align <= 4096; align *= 2) {
        for (size_t bytes = 0; bytes < 300; bytes += 17) {
            void *p = tlsf_memalign(h.t, align, bytes);
            assert_non_null(p);
            assert_int_equal(outer_of(p), outer_for(bytes));
            assert_int_equal(pool_outer(tlsf_get_pool(h.t)), all);
            assert_int_equal(stats_of(h.t).free_bytes, counted(all - outer_of(p)));
            tlsf_free(h.t, p);
            assert_int_equal(tlsf_largest(h.t), all - tlsf_alloc_overhead());
        }
    }
    heap_end(&h);
}

/* While the aligned block is live, the gap can be allocated, to the last byte. */
/* Verifies T114. */
static void memalign_gap_can_be_allocated(void **state) {
    heap h = heap_make(16384);
    (void)state;
    uint8_t *p = tlsf_memalign(h.t, 4096, 64);
    assert_non_null(p);
    const uint8_t *first = (const uint8_t *)(void *)tlsf_get_pool(h.t) + tlsf_pool_overhead();
    const size_t gap = (size_t)(p - first);
    if (gap != 0) {
        assert_true(gap >= outer_min());
        assert_non_null(tlsf_malloc(h.t, gap - tlsf_alloc_overhead()));
    }
    while (tlsf_largest(h.t) != 0) {
        assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    }
    const tlsf_stats_t stats = stats_of(h.t);
    assert_int_equal(stats.used_bytes, counted(stats.pool_bytes));
    assert_int_equal(pool_free_blocks(tlsf_get_pool(h.t)), 0);
    heap_end(&h);
}

/* Good fit: a block of exactly the size that is searched for serves the request. A larger one
 * stays whole. */
/* Verifies T116, T117. */
static void memalign_two_classes_fit_takes_lower(void **state) {
    const size_t align = 2 * tlsf_align_size();
    const size_t small = outer_for(tlsf_block_size_min()) + align + outer_min() - tlsf_align_size();
    const size_t orders[2][2] = {{small, 4 * small}, {4 * small, small}};
    (void)state;
    for (size_t order = 0; order < 2; order++) {
        heap h = heap_make(32768);
        void *holes[2];
        heap_make_holes(&h, orders[order], 2, holes);
        assert_non_null(tlsf_memalign(h.t, align, tlsf_block_size_min()));
        assert_int_equal(tlsf_largest(h.t), 4 * small - tlsf_alloc_overhead());
        heap_end(&h);
    }
}

/* An address that is aligned already needs no gap. */
/* Verifies T113. */
static void memalign_aligned_place_is_taken(void **state) {
    heap h = heap_make(16384);
    size_t taken = 0;
    (void)state;
    for (size_t i = 0; i < 64; i++) {
        void *place = tlsf_malloc(h.t, 40);
        tlsf_free(h.t, place);
        const size_t align = (size_t)((uintptr_t)place & (0 - (uintptr_t)place));
        if (align > tlsf_align_size() && align <= 1024) {
            assert_ptr_equal(tlsf_memalign(h.t, align, 40), place);
            taken++;
        }
        /* The next round gets another place. */
        assert_non_null(tlsf_malloc(h.t, tlsf_block_size_min() + i % 2 * tlsf_align_size()));
    }
    assert_true(taken > 0);
    heap_end(&h);
}

/* Verifies T11, T116. */
static void memalign_full_heap_gives_null_and_changes_nothing(void **state) {
    heap h = heap_make(4096);
    (void)state;
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    snapshot before = snapshot_take(&h);
    for (size_t align = 1; align <= ALIGN_MAX; align *= 2) {
        assert_null(tlsf_memalign(h.t, align, 0));
    }
    snapshot_expect_unchanged(&h, &before, 17);
    heap_end(&h);
}

/* Alignments about as large as everything that the heap was planned for. */
/* Verifies T113, T116. */
static void memalign_alignment_around_the_plan_is_served_or_refused(void **state) {
    (void)state;
    for (size_t bytes = 1024; bytes < 6000; bytes += tlsf_align_size()) {
        region r = region_make(bytes, 0);
        tlsf_t t = tlsf_create_sized(r.begin, bytes, 0);
        for (size_t align = 1; t != NULL && align <= 16384; align *= 2) {
            for (size_t request = 0; request <= 2 * outer_min(); request += outer_min()) {
                void *p = tlsf_memalign(t, align, request);
                assert_true(is_aligned(p, align));
                assert_int_equal(tlsf_check(t), TLSF_SOUND);
                assert_true(p == NULL || stats_of(t).live_blocks == counted(1));
                tlsf_free(t, p);
            }
        }
        region_free(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memalign_alignment_around_the_plan_is_served_or_refused),
        cmocka_unit_test(memalign_every_power_of_two_gives_aligned_block),
        cmocka_unit_test(memalign_zero_and_up_to_granule_mean_default),
        cmocka_unit_test(memalign_no_power_of_two_gives_null),
        cmocka_unit_test(memalign_alignments_beyond_heap_give_null),
        cmocka_unit_test(memalign_size_max_and_neighbours_give_null),
        cmocka_unit_test(memalign_promised_room_suffices),
        cmocka_unit_test(memalign_worst_gap_suffices),
        cmocka_unit_test(memalign_gap_stays_free),
        cmocka_unit_test(memalign_gap_can_be_allocated),
        cmocka_unit_test(memalign_two_classes_fit_takes_lower),
        cmocka_unit_test(memalign_aligned_place_is_taken),
        cmocka_unit_test(memalign_full_heap_gives_null_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
