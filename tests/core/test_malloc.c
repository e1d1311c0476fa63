/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_malloc and tlsf_calloc: sizes, alignment, good fit, failures.
 */
#include "support/class_reference.h"
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <string.h>

/* ---- tlsf_malloc -------------------------------------------------------------------- */

/* Verifies T102. */
static void malloc_zero_gives_smallest_block(void **state) {
    heap h = heap_make(4096);
    (void)state;
    void *p = tlsf_malloc(h.t, 0);
    void *q = tlsf_malloc(h.t, 0);
    assert_non_null(p);
    assert_non_null(q);
    assert_ptr_not_equal(p, q);
    assert_int_equal(outer_of(p), outer_min());
    tlsf_free(h.t, p);
    tlsf_free(h.t, q);
    heap_end(&h);
}

/* Verifies T3, T4, T102, T103, C16, C26. */
static void malloc_every_size_gives_aligned_block_of_documented_size(void **state) {
    heap h = heap_make(65536);
    (void)state;
    for (size_t bytes = 0; bytes < 3000; bytes++) {
        void *p = tlsf_malloc(h.t, bytes);
        assert_non_null(p);
        assert_true(is_aligned(p, tlsf_align_size()));
        assert_int_equal(outer_of(p), outer_for(bytes));
        memset(p, 0xAA, tlsf_block_size(p));
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        tlsf_free(h.t, p);
    }
    assert_int_equal(pool_blocks(tlsf_get_pool(h.t)), 1);
    heap_end(&h);
}

/* Verifies T102. */
static void malloc_blocks_keep_their_content(void **state) {
    enum { COUNT = 100 };
    heap h = heap_make(65536);
    uint8_t *blocks[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = tlsf_malloc(h.t, i * 5);
        assert_non_null(blocks[i]);
        memset(blocks[i], (int)i, tlsf_block_size(blocks[i]));
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t byte = 0; byte < tlsf_block_size(blocks[i]); byte++) {
            assert_int_equal(blocks[i][byte], i);
        }
    }
    heap_end(&h);
}

/* Requests that are too large, and requests that wrap when a header or a granule is added. */
/* Verifies T11, T103, T171. */
static void malloc_size_max_and_neighbours_give_null(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    (void)state;
    for (size_t less = 0; less <= 200; less++) {
        assert_null(tlsf_malloc(h.t, SIZE_MAX - less));
        assert_null(tlsf_malloc(h.t, SIZE_MAX / 2 + 100 - less));
    }
    assert_null(tlsf_malloc(h.t, tlsf_block_size_max()));
    assert_null(tlsf_malloc(h.t, tlsf_block_size_max() + 1));
    snapshot_expect_unchanged(&h, &before, 2 * 201 + 2);
    heap_end(&h);
}

/* 2^32 granules and more must not lose their upper bits in a 32-bit header. */
/* Verifies T11, T103. */
static void malloc_sizes_beyond_header_give_null(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    size_t tried = 0;
    (void)state;
    for (size_t bytes = 8192; bytes < SIZE_MAX / 2; bytes *= 2) {
        for (size_t more = 0; more < 64; more += 7) {
            assert_null(tlsf_malloc(h.t, bytes + more));
            tried++;
        }
    }
    snapshot_expect_unchanged(&h, &before, tried);
    heap_end(&h);
}

/* The plan bounds requests, not only pools. */
/* Verifies T35, T103. */
static void malloc_larger_than_planned_gives_null(void **state) {
    region r = region_make(9000, 0);
    (void)state;
    tlsf_t t = tlsf_create_sized(r.begin, r.bytes, 0);
    assert_non_null(t);
    for (size_t bytes = 8900; bytes < 20000; bytes += 3) {
        assert_null(tlsf_malloc(t, bytes));
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    region_free(&r);
}

/* Verifies T11, T103, T152. */
static void malloc_full_heap_gives_null_and_changes_nothing(void **state) {
    heap h = heap_make(4096);
    (void)state;
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    assert_int_equal(tlsf_largest(h.t), 0);
    snapshot before = snapshot_take(&h);
    assert_null(tlsf_malloc(h.t, 0));
    assert_null(tlsf_malloc(h.t, 1));
    assert_null(tlsf_malloc(h.t, 4096));
    snapshot_expect_unchanged(&h, &before, 3);
    heap_end(&h);
}

/* Verifies T103, T106. */
static void malloc_one_more_than_only_free_block_gives_null(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    (void)state;
    assert_null(tlsf_malloc(h.t, tlsf_largest(h.t) + 1));
    snapshot_expect_unchanged(&h, &before, 1);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    heap_end(&h);
}

/* Good fit: if blocks of two classes hold the request, the lower class serves it, whichever block
 * was freed last. */
/* Verifies T104. */
static void malloc_two_classes_fit_takes_lower(void **state) {
    const size_t small = outer_min() + 8 * tlsf_align_size();
    const size_t large = 8 * small;
    const size_t orders[2][2] = {{small, large}, {large, small}};
    (void)state;
    for (size_t order = 0; order < 2; order++) {
        heap h = heap_make(65536);
        void *holes[2];
        heap_make_holes(&h, orders[order], 2, holes);
        void *p = tlsf_malloc(h.t, small - tlsf_alloc_overhead() - tlsf_align_size());
        assert_ptr_equal(p, holes[order == 0 ? 0 : 1]);
        heap_end(&h);
    }
}

/* The search looks at the first TLSF_LOOK_AHEAD blocks of the class below. */
/* Verifies T105, C22. */
static void malloc_class_below_is_looked_at(void **state) {
    /* Sizes of one class: from 8 * S granules on, each class has 8 sizes. */
    const size_t smaller = ((size_t)8 << TLSF_SL_BITS) * tlsf_align_size();
    const size_t larger = smaller + 2 * tlsf_align_size();
    (void)state;
    for (size_t ahead = 0; ahead < 6; ahead++) {
        heap h = heap_make(32 * larger);
        size_t outer[7];
        void *holes[7];
        /* The list is last in, first out. So the search meets `ahead` others before the block that
         * fits. */
        for (size_t i = 0; i < 7; i++) {
            outer[i] = i == 6 - ahead ? larger : smaller;
        }
        heap_make_holes(&h, outer, 7, holes);
        const size_t largest = tlsf_largest(h.t) + tlsf_alloc_overhead();
        void *p = tlsf_malloc(h.t, larger - tlsf_alloc_overhead());
        /* The search looks at the pending block too, which is outside its list. */
        if (ahead < TLSF_LOOK_AHEAD + TLSF_PENDING) {
            assert_int_equal(largest, larger);
            assert_ptr_equal(p, holes[6 - ahead]);
        } else {
            assert_int_equal(largest, smaller);
            assert_null(p);
            assert_int_equal(stats_of(h.t).failures, counted(1));
        }
        heap_end(&h);
    }
}

/* Of two blocks that fit equally well, the one that was freed last is used first. */
/* Verifies T104. */
static void malloc_equal_blocks_fit_takes_last_freed(void **state) {
    const size_t outer[] = {10 * tlsf_align_size(), 10 * tlsf_align_size()};
    (void)state;
    heap h = heap_make(8192);
    void *holes[2];
    heap_make_holes(&h, outer, 2, holes);
    assert_ptr_equal(tlsf_malloc(h.t, outer[0] - tlsf_alloc_overhead()), holes[1]);
    assert_ptr_equal(tlsf_malloc(h.t, outer[0] - tlsf_alloc_overhead()), holes[0]);
    heap_end(&h);
}

/* The block that fits is the last of its list. The others stay in the list. */
/* Verifies T105. */
static void malloc_last_of_list_leaves_the_others(void **state) {
    const size_t smaller = ((size_t)8 << TLSF_SL_BITS) * tlsf_align_size();
    const size_t larger = smaller + 2 * tlsf_align_size();
    (void)state;
    for (size_t count = 1; count <= 6; count++) {
        heap h = heap_make(32 * larger);
        size_t outer[6] = {larger, smaller, smaller, smaller, smaller, smaller};
        void *holes[6];
        heap_make_holes(&h, outer, count, holes);
        void *p = tlsf_malloc(h.t, larger - tlsf_alloc_overhead());
        assert_true(p == holes[0] || count > TLSF_LOOK_AHEAD);
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        for (size_t i = p == NULL ? 0 : 1; i < count; i++) {
            assert_non_null(tlsf_malloc(h.t, smaller - tlsf_alloc_overhead()));
        }
        heap_end(&h);
    }
}

/* Sizes in granules. Each size below 16 has a class of its own, in every shape. */
static void *malloc_granules(const heap *h, size_t granules) {
    void *p = tlsf_malloc(h->t, inner_for(granules * TLSF_GRANULE));
    assert_non_null(p);
    return p;
}

static void *behind(void *p) { return (uint8_t *)p + outer_of(p); }

/* The rest of an earlier request would do as well. */
/* Verifies T107. */
static void malloc_small_request_takes_block_of_its_size_first(void **state) {
    (void)state;
    heap h = heap_make((size_t)1000 * TLSF_GRANULE);
    void *p = malloc_granules(&h, 12);
    (void)malloc_granules(&h, 10);
    tlsf_free(h.t, p);
    assert_ptr_equal(malloc_granules(&h, 12), p);
    heap_end(&h);
}

/* Blocks that are allocated one after the other lie side by side, though a hole would hold them. */
/* Verifies T107, C24. */
static void malloc_small_request_is_cut_from_what_the_last_left(void **state) {
    (void)state;
    if (!TLSF_PENDING) {
        SKIP_BECAUSE("without the pending block nothing is left over");
    }
    heap h = heap_make((size_t)1000 * TLSF_GRANULE);
    void *hole = malloc_granules(&h, 14);
    void *p = malloc_granules(&h, 10);
    tlsf_free(h.t, hole);
    void *q = malloc_granules(&h, 12);
    assert_ptr_equal(q, behind(p));
    assert_ptr_equal(malloc_granules(&h, 13), behind(q));
    assert_ptr_equal(malloc_granules(&h, 14), hole);
    heap_end(&h);
}

/* What merges with the rest of a small request serves the next one. */
/* Verifies T107, C24. */
static void malloc_small_request_is_cut_from_what_merged_with_the_rest(void **state) {
    (void)state;
    if (!TLSF_PENDING) {
        SKIP_BECAUSE("without the pending block nothing is left over");
    }
    heap h = heap_make((size_t)1000 * TLSF_GRANULE);
    void *hole = malloc_granules(&h, 14);
    (void)malloc_granules(&h, 10);
    void *p = malloc_granules(&h, 12);
    tlsf_free(h.t, hole);
    tlsf_free(h.t, p);
    assert_ptr_equal(malloc_granules(&h, 13), p);
    heap_end(&h);
}

/* Another free or split takes the rest's place, so the best fit serves: not what was freed last. */
/* Verifies T104, T107, C24. */
static void malloc_small_request_after_another_free_takes_best_fit(void **state) {
    (void)state;
    heap h = heap_make((size_t)1000 * TLSF_GRANULE);
    void *hole = malloc_granules(&h, 14);
    (void)malloc_granules(&h, 10);
    void *large = malloc_granules(&h, 100);
    (void)malloc_granules(&h, 10);
    tlsf_free(h.t, hole);
    tlsf_free(h.t, large);
    assert_ptr_equal(malloc_granules(&h, 13), hole);
    heap_end(&h);
}

/* A large one takes the best fit, and not the rest of a small request. */
/* Verifies T107, C24. */
static void malloc_large_request_is_not_cut_from_what_a_small_one_left(void **state) {
    (void)state;
    heap h = heap_make((size_t)1000 * TLSF_GRANULE);
    void *hole = malloc_granules(&h, 128);
    void *small = malloc_granules(&h, 10);
    (void)malloc_granules(&h, 9);
    tlsf_free(h.t, hole);
    (void)malloc_granules(&h, 200); /* lists the hole */
    void *end = malloc_granules(&h, 120);
    assert_ptr_equal(end, hole);
    tlsf_free(h.t, end);
    tlsf_free(h.t, small); /* merges with the hole */
    assert_ptr_equal(malloc_granules(&h, 96), hole);
    heap_end(&h);
}

/* Verifies C24. */
static void malloc_just_freed_block_is_had_again(void **state) {
    (void)state;
    if (!TLSF_PENDING) {
        SKIP_BECAUSE("without the pending block the search can miss a hole of exactly this size");
    }
    heap h = heap_make(65536);
    for (size_t bytes = 0; bytes < 2000; bytes += 13) {
        void *before = tlsf_malloc(h.t, 100);
        void *p = tlsf_malloc(h.t, bytes);
        void *after = tlsf_malloc(h.t, 100);
        assert_non_null(after);
        tlsf_free(h.t, p);
        assert_ptr_equal(tlsf_malloc(h.t, bytes), p);
        tlsf_free(h.t, p);
        tlsf_free(h.t, before);
        tlsf_free(h.t, after);
    }
    heap_end(&h);
}

/* ---- tlsf_calloc -------------------------------------------------------------------- */

/* Verifies T110. */
static void calloc_dirty_memory_gives_zeros(void **state) {
    heap h = heap_make(8192);
    (void)state;
    uint8_t *dirty = tlsf_malloc(h.t, tlsf_largest(h.t));
    memset(dirty, 0xFF, tlsf_block_size(dirty));
    tlsf_free(h.t, dirty);
    for (size_t count = 0; count < 40; count++) {
        uint8_t *p = tlsf_calloc(h.t, count, 7);
        assert_non_null(p);
        assert_true(tlsf_block_size(p) >= count * 7);
        for (size_t i = 0; i < count * 7; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xFF, tlsf_block_size(p));
        tlsf_free(h.t, p);
    }
    heap_end(&h);
}

/* Factors of every size. No product overflows. */
/* Verifies T110, T111. */
static void calloc_large_factors_give_their_product(void **state) {
    heap h = heap_make(300000);
    (void)state;
    for (size_t count = 1; count <= 65536; count *= 2) {
        for (size_t size = 1; size <= 65536 / count; size *= 2) {
            void *p = tlsf_calloc(h.t, count + count / 2, size + size / 2);
            assert_non_null(p);
            assert_true(tlsf_block_size(p) >= (count + count / 2) * (size + size / 2));
            tlsf_free(h.t, p);
        }
    }
    heap_end(&h);
}

/* Verifies T111. */
static void calloc_zero_count_or_size_gives_smallest_block(void **state) {
    heap h = heap_make(4096);
    (void)state;
    const size_t pairs[][2] = {{0, 0}, {0, 1}, {1, 0}, {0, SIZE_MAX}, {SIZE_MAX, 0}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        void *p = tlsf_calloc(h.t, pairs[i][0], pairs[i][1]);
        assert_non_null(p);
        assert_int_equal(outer_of(p), outer_min());
    }
    assert_int_equal(stats_of(h.t).failures, 0);
    heap_end(&h);
}

/* Verifies T111. */
static void calloc_overflowing_product_gives_null(void **state) {
    const size_t half = (size_t)1 << sizeof(size_t) * 4; /* half * half = SIZE_MAX + 1 */
    const size_t pairs[][2] = {
        {SIZE_MAX, 2},         {2, SIZE_MAX},         {SIZE_MAX, SIZE_MAX},
        {half, half},          {half + 1, half},      {half, half + 1},
        {half * 2, half},      {half - 1, half + 2},  {half + 2, half - 1},
        {SIZE_MAX / 2 + 1, 2}, {2, SIZE_MAX / 2 + 1}, {SIZE_MAX / 3 + 1, 3},
        {3, SIZE_MAX / 3 + 1}, {SIZE_MAX / 8 + 2, 8}, {16, SIZE_MAX / 16 + 2},
        {SIZE_MAX / 5 + 1, 5}, {7, SIZE_MAX / 7 + 1}, {half / 2 + 1, 2 * half - 1},
    };
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        assert_true(pairs[i][0] > SIZE_MAX / pairs[i][1]);
        assert_null(tlsf_calloc(h.t, pairs[i][0], pairs[i][1]));
    }
    snapshot_expect_unchanged(&h, &before, COUNT_OF(pairs));
    heap_end(&h);
}

/* The product fits into a size_t but is larger than any block. */
/* Verifies T11, T111. */
static void calloc_largest_products_give_null(void **state) {
    const size_t half = (size_t)1 << sizeof(size_t) * 4;
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    (void)state;
    assert_null(tlsf_calloc(h.t, SIZE_MAX, 1));
    assert_null(tlsf_calloc(h.t, 1, SIZE_MAX));
    assert_null(tlsf_calloc(h.t, SIZE_MAX / 3, 3));
    assert_null(tlsf_calloc(h.t, half - 1, half + 1));
    assert_null(tlsf_calloc(h.t, half - 1, half - 1));
    snapshot_expect_unchanged(&h, &before, 5);
    heap_end(&h);
}

/* Verifies T11, T111. */
static void calloc_failing_request_changes_nothing(void **state) {
    heap h = heap_make(4096);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, 100);
    memset(p, 0x77, tlsf_block_size(p));
    snapshot before = snapshot_take(&h);
    assert_null(tlsf_calloc(h.t, 1000, 1000));
    assert_null(tlsf_calloc(h.t, 1, tlsf_largest(h.t) + 1));
    snapshot_expect_unchanged(&h, &before, 2);
    heap_end(&h);
}

/* Without TLSF_ROUND_TO_CLASS no block is longer than its request needs.
 * Verifies C26, C27, C29, C30, T108. */
static void malloc_rounded_block_is_less_than_a_class_longer(void **state) {
    heap h = heap_make(1 << 18);
    (void)state;
    for (size_t bytes = 0; bytes < 100000; bytes += bytes < 3000 ? 1 : 97) {
        void *p = tlsf_malloc(h.t, bytes);
        assert_non_null(p);
        const size_t more = outer_of(p) - outer_needed(bytes);
        assert_true(more == 0 ||
                    (TLSF_ROUND_TO_CLASS && more << TLSF_SL_BITS < outer_needed(bytes) &&
                     outer_needed(bytes) / TLSF_GRANULE > (2u << TLSF_SL_BITS) - 1));
        tlsf_free(h.t, p);
    }
    heap_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malloc_zero_gives_smallest_block),
        cmocka_unit_test(malloc_every_size_gives_aligned_block_of_documented_size),
        cmocka_unit_test(malloc_blocks_keep_their_content),
        cmocka_unit_test(malloc_size_max_and_neighbours_give_null),
        cmocka_unit_test(malloc_sizes_beyond_header_give_null),
        cmocka_unit_test(malloc_larger_than_planned_gives_null),
        cmocka_unit_test(malloc_full_heap_gives_null_and_changes_nothing),
        cmocka_unit_test(malloc_one_more_than_only_free_block_gives_null),
        cmocka_unit_test(malloc_two_classes_fit_takes_lower),
        cmocka_unit_test(malloc_class_below_is_looked_at),
        cmocka_unit_test(malloc_equal_blocks_fit_takes_last_freed),
        cmocka_unit_test(malloc_last_of_list_leaves_the_others),
        cmocka_unit_test(malloc_small_request_takes_block_of_its_size_first),
        cmocka_unit_test(malloc_small_request_is_cut_from_what_the_last_left),
        cmocka_unit_test(malloc_small_request_is_cut_from_what_merged_with_the_rest),
        cmocka_unit_test(malloc_small_request_after_another_free_takes_best_fit),
        cmocka_unit_test(malloc_large_request_is_not_cut_from_what_a_small_one_left),
        cmocka_unit_test(malloc_just_freed_block_is_had_again),
        cmocka_unit_test(calloc_dirty_memory_gives_zeros),
        cmocka_unit_test(calloc_large_factors_give_their_product),
        cmocka_unit_test(calloc_zero_count_or_size_gives_smallest_block),
        cmocka_unit_test(calloc_overflowing_product_gives_null),
        cmocka_unit_test(calloc_largest_products_give_null),
        cmocka_unit_test(calloc_failing_request_changes_nothing),
        cmocka_unit_test(malloc_rounded_block_is_less_than_a_class_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
