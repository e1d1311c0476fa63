/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contract of tlsf_bounded.h.
 */
#include "support/guarded_heap.h"
#include "support/suite.h"
#include "tlsf_bounded.h"
#include <string.h>

enum { SMALLEST = 40, LARGEST = 5000, LIVE = 20000 };

typedef struct {
    region memory;
    tlsf_bounded_t t;
} bounded;

static bounded bounded_make_at(size_t bytes, size_t misalignment) {
    bounded b = {region_make(bytes, misalignment), NULL};
    b.t = tlsf_bounded_create(b.memory.begin, bytes, SMALLEST, LARGEST);
    assert_non_null(b.t);
    return b;
}

static bounded bounded_make(void) {
    return bounded_make_at(tlsf_bounded_size_for(LIVE, SMALLEST, LARGEST), 0);
}

static void expect_sound(tlsf_bounded_t t) {
    assert_string_equal(tlsf_bounded_invariant_name(tlsf_bounded_check(t)), "sound");
}

static void bounded_end(bounded *b) {
    expect_sound(b->t);
    assert_true(region_is_guarded(&b->memory));
    region_free(&b->memory);
}

static tlsf_bounded_stats_t bounded_stats(tlsf_bounded_t t) {
    tlsf_bounded_stats_t stats;
    tlsf_bounded_stats(t, &stats);
    return stats;
}

static bool has_content(const unsigned char *block, size_t bytes, unsigned char value) {
    for (size_t i = 0; i < bytes; i++) {
        if (block[i] != value) {
            return false;
        }
    }
    return true;
}

/* ---- create ------------------------------------------------------------------------- */

/* Verifies B15. */
static void create_bad_arguments_null(void **state) {
    (void)state;
    const size_t bytes = tlsf_bounded_size_for(LIVE, SMALLEST, LARGEST);
    region r = region_make(bytes, 0);
    assert_null(tlsf_bounded_create(NULL, bytes, SMALLEST, LARGEST));
    assert_null(tlsf_bounded_create(r.begin, bytes, LARGEST, SMALLEST));
    assert_null(tlsf_bounded_create(r.begin, SIZE_MAX, SMALLEST, LARGEST));
    assert_null(tlsf_bounded_create(r.begin, 0, SMALLEST, LARGEST));
    assert_null(tlsf_bounded_create(r.begin, bytes, SMALLEST, SIZE_MAX));
    assert_null(tlsf_bounded_create(r.begin, bytes, 1, (size_t)1 << 24)); /* too many lanes */
    const size_t to_the_end = SIZE_MAX - (uintptr_t)r.begin + 1;
    assert_null(tlsf_bounded_create(r.begin, to_the_end, SMALLEST, LARGEST));
    assert_true(region_is_guarded(&r));
    region_free(&r);
}

/* A limit of the core, not of the address space. */
/* Verifies B15, B17. */
static void plan_beyond_the_core_is_refused(void **state) {
    (void)state;
    const size_t most = tlsf_block_size_max();
    const size_t bytes = tlsf_bounded_size_for(LIVE, SMALLEST, LARGEST);
    if (most >= SIZE_MAX / 128) {
        SKIP_BECAUSE("blocks can be as large as the address space");
    }
    region r = region_make(bytes, 0);
    assert_null(tlsf_bounded_create(r.begin, bytes, most + 1, most + 1));
    assert_int_equal(tlsf_bounded_size_for(LIVE, most + 1, most + 1), 0);
    assert_int_equal(tlsf_bounded_size_for(most, SMALLEST, LARGEST), 0);
    assert_int_equal(tlsf_bounded_size_for(most, LARGEST, LARGEST), 0);
    if (TLSF_LAYOUT != TLSF_WIDE) {
        assert_null(tlsf_bounded_create(r.begin, 2 * most, SMALLEST, LARGEST));
    }
    assert_true(region_is_guarded(&r));
    region_free(&r);
}

/* Verifies B10, B11, B15. */
static void create_too_few_bytes_null_and_nothing_else_written(void **state) {
    (void)state;
    bool was_made = false;
    for (size_t bytes = 0; bytes < 40000; bytes += bytes < 600 ? 1 : 97) {
        region r = region_make(bytes, bytes % 16);
        tlsf_bounded_t t = tlsf_bounded_create(r.begin, bytes, SMALLEST, LARGEST);
        assert_true(t != NULL || !was_made); /* once enough, always enough */
        was_made = t != NULL;
        if (was_made) {
            expect_sound(t);
        }
        assert_true(region_is_guarded(&r));
        region_free(&r);
    }
    assert_true(was_made);
}

/* Verifies B3, B8, B46. */
static void create_lanes_follow_from_the_plan(void **state) {
    (void)state;
    region r = region_make(4000000, 0);
    const size_t least = outer_for(SMALLEST);
    for (size_t lanes = 1, largest = 4 * least; lanes <= 6; lanes++, largest *= 4) {
        tlsf_bounded_t t =
            tlsf_bounded_create(r.begin, r.bytes, SMALLEST, largest - tlsf_alloc_overhead());
        assert_non_null(t);
        assert_int_equal(bounded_stats(t).lanes, lanes);
        t = tlsf_bounded_create(r.begin, r.bytes, SMALLEST, largest - tlsf_alloc_overhead() + 1);
        assert_int_equal(t == NULL ? lanes + 1 : bounded_stats(t).lanes, lanes + 1);
    }
    region_free(&r);
}

/* Verifies B10, B17, B19. */
static void size_for_region_of_it_can_be_made_anywhere(void **state) {
    (void)state;
    for (size_t live = 0; live < 100000; live += live / 2 + 97) {
        for (size_t largest = 1; largest < 50000; largest = largest * 5 + 3) {
            for (size_t smallest = 1; smallest <= largest; smallest *= 9) {
                const size_t bytes = tlsf_bounded_size_for(live, smallest, largest);
                if (bytes == 0) {
                    continue;
                }
                region r = region_make(bytes, live % 64);
                tlsf_bounded_t t = tlsf_bounded_create(r.begin, bytes, smallest, largest);
                assert_non_null(t);
                assert_true(region_is_guarded(&r));
                region_free(&r);
            }
        }
    }
}

/* Verifies B17, B19. */
static void size_for_impossible_plan_zero(void **state) {
    (void)state;
    assert_int_equal(tlsf_bounded_size_for(LIVE, 10, 9), 0);
    assert_int_equal(tlsf_bounded_size_for(LIVE, 1, SIZE_MAX), 0);
    assert_int_equal(tlsf_bounded_size_for(LIVE, 1, (size_t)1 << 24), 0);
    assert_int_equal(tlsf_bounded_size_for(SIZE_MAX, SMALLEST, LARGEST), 0);
    assert_int_equal(tlsf_bounded_size_for(SIZE_MAX / 3, SMALLEST, LARGEST), 0);
}

/* ---- malloc and free ---------------------------------------------------------------- */

/* Verifies B7, B21, B42. */
static void malloc_every_size_is_served_and_comes_back(void **state) {
    (void)state;
    bounded b = bounded_make_at(tlsf_bounded_size_for(LIVE, SMALLEST, LARGEST), 3);
    for (size_t bytes = 0; bytes <= LARGEST; bytes += bytes < 200 ? 1 : 61) {
        unsigned char *block = tlsf_bounded_malloc(b.t, bytes);
        assert_non_null(block);
        assert_true(is_aligned(block, tlsf_align_size()));
        assert_true(tlsf_block_size(block) >= bytes);
        memset(block, 0xA5, bytes);
        expect_sound(b.t);
        tlsf_bounded_free(b.t, block);
        expect_sound(b.t);
    }
    assert_int_equal(bounded_stats(b.t).used_bytes, 0);
    assert_int_equal(bounded_stats(b.t).live_blocks, 0);
    bounded_end(&b);
}

/* Verifies B13, B14, B22, B25, B52. */
static void malloc_more_than_largest_null_and_counted(void **state) {
    (void)state;
    bounded b = bounded_make();
    assert_non_null(tlsf_bounded_malloc(b.t, LARGEST));
    const size_t most = outer_for(LARGEST) - tlsf_alloc_overhead();
    assert_null(tlsf_bounded_malloc(b.t, most + 1));
    assert_null(tlsf_bounded_malloc(b.t, SIZE_MAX));
    assert_null(tlsf_bounded_calloc(b.t, 2, most / 2 + 1));
    assert_null(tlsf_bounded_calloc(b.t, SIZE_MAX / 2 + 2, 2));
    assert_null(tlsf_bounded_calloc(b.t, SIZE_MAX / 4, SIZE_MAX / 4));
    assert_int_equal(bounded_stats(b.t).failures, 5);
    assert_int_equal(bounded_stats(b.t).live_blocks, 1);
    bounded_end(&b);
}

/* Verifies B12, B18, B47, B48. */
static void malloc_small_request_counts_as_smallest(void **state) {
    (void)state;
    bounded b = bounded_make();
    void *block = tlsf_bounded_malloc(b.t, 0);
    assert_non_null(block);
    assert_int_equal(bounded_stats(b.t).used_bytes, outer_for(SMALLEST));
    tlsf_bounded_free(b.t, block);
    assert_int_equal(bounded_stats(b.t).used_bytes, 0);
    assert_int_equal(bounded_stats(b.t).peak_bytes, outer_for(SMALLEST));
    bounded_end(&b);
}

/* The sizes are those of classes, which nothing rounds. */
/* Verifies B22, B49, B50. */
static void malloc_full_region_null_and_serves_again_after_free(void **state) {
    (void)state;
    static void *blocks[20000];
    const size_t sizes[] = {SMALLEST, inner_for(512), inner_for(4096)};
    bounded b = bounded_make();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        size_t count = 0;
        while ((blocks[count] = tlsf_bounded_malloc(b.t, sizes[i])) != NULL) {
            count++;
        }
        assert_true(count > 0 && count < COUNT_OF(blocks));
        const size_t full = count;
        expect_sound(b.t);
        while (count > 0) {
            tlsf_bounded_free(b.t, blocks[--count]);
        }
        expect_sound(b.t);
        for (size_t j = 0; j < full; j++) {
            blocks[j] = tlsf_bounded_malloc(b.t, sizes[i]);
            assert_non_null(blocks[j]);
        }
        assert_null(tlsf_bounded_malloc(b.t, sizes[i]));
        while (count < full) {
            tlsf_bounded_free(b.t, blocks[count++]);
        }
        region_free(&b.memory);
        b = bounded_make();
    }
    bounded_end(&b);
}

/* Verifies B5, B6, B42. */
static void free_of_a_lane_serves_another_lane(void **state) {
    (void)state;
    static void *blocks[20000];
    bounded b = bounded_make();
    size_t count = 0;
    while ((blocks[count] = tlsf_bounded_malloc(b.t, SMALLEST)) != NULL) {
        count++;
    }
    assert_null(tlsf_bounded_malloc(b.t, 600));
    while (count > 0) {
        tlsf_bounded_free(b.t, blocks[--count]);
    }
    assert_non_null(tlsf_bounded_malloc(b.t, 600));
    bounded_end(&b);
}

/* Verifies B43. */
static void free_null_nothing(void **state) {
    (void)state;
    bounded b = bounded_make();
    tlsf_bounded_free(b.t, NULL);
    assert_int_equal(bounded_stats(b.t).live_blocks, 0);
    bounded_end(&b);
}

/* Verifies B24, B25. */
static void calloc_is_zero(void **state) {
    (void)state;
    bounded b = bounded_make();
    unsigned char *block = tlsf_bounded_malloc(b.t, 600);
    memset(block, 0xFF, 600);
    tlsf_bounded_free(b.t, block);
    block = tlsf_bounded_calloc(b.t, 60, 10);
    assert_non_null(block);
    assert_true(has_content(block, 600, 0));
    assert_non_null(tlsf_bounded_calloc(b.t, 0, 10));
    assert_non_null(tlsf_bounded_calloc(b.t, 7, 0));
    assert_non_null(tlsf_bounded_calloc(b.t, SIZE_MAX, 0));
    bounded_end(&b);
}

/* ---- memalign ----------------------------------------------------------------------- */

/* Verifies B27, B28, B29. */
static void memalign_every_alignment_is_aligned(void **state) {
    (void)state;
    bounded b = bounded_make();
    for (size_t align = 1; align <= LARGEST / 2; align *= 2) {
        for (size_t bytes = 0; bytes < 1500; bytes += 37) {
            void *block = tlsf_bounded_memalign(b.t, align, bytes);
            assert_non_null(block);
            assert_true(is_aligned(block, align));
            memset(block, 1, bytes);
            expect_sound(b.t);
            tlsf_bounded_free(b.t, block);
        }
    }
    assert_int_equal(bounded_stats(b.t).used_bytes, 0);
    bounded_end(&b);
}

/* Verifies B29. */
static void memalign_bad_alignment_or_too_much_null(void **state) {
    (void)state;
    bounded b = bounded_make();
    assert_null(tlsf_bounded_memalign(b.t, 3, 10));
    assert_null(tlsf_bounded_memalign(b.t, 4097, 10));
    assert_null(tlsf_bounded_memalign(b.t, SIZE_MAX / 2 + 1, 10));
    assert_null(tlsf_bounded_memalign(b.t, 4096, LARGEST));
    assert_null(tlsf_bounded_memalign(b.t, 256, SIZE_MAX));
    assert_int_equal(bounded_stats(b.t).failures, 5);
    assert_non_null(tlsf_bounded_memalign(b.t, 0, 10));
    bounded_end(&b);
}

/* ---- realloc ------------------------------------------------------------------------ */

/* Verifies B31, B33, B34, B35, B36. */
static void realloc_grows_over_all_lanes_and_keeps_content(void **state) {
    (void)state;
    bounded b = bounded_make();
    unsigned char *block = tlsf_bounded_realloc(b.t, NULL, 10);
    assert_non_null(block);
    memset(block, 7, 10);
    for (size_t bytes = 20, old = 10; bytes <= LARGEST; old = bytes, bytes += bytes / 3) {
        block = tlsf_bounded_realloc(b.t, block, bytes);
        assert_non_null(block);
        assert_true(has_content(block, old, 7));
        memset(block, 7, bytes);
        assert_int_equal(bounded_stats(b.t).live_blocks, 1);
        expect_sound(b.t);
    }
    assert_null(tlsf_bounded_realloc(b.t, block, 0));
    assert_int_equal(bounded_stats(b.t).live_blocks, 0);
    assert_int_equal(bounded_stats(b.t).used_bytes, 0);
    bounded_end(&b);
}

/* A block of the smallest size of its lane counts as that, however small it becomes. */
/* Verifies B32, B33, B39, B40. */
static void realloc_shrinks_in_place_and_counts_smallest_of_its_lane(void **state) {
    (void)state;
    const size_t smallest_of_lane = 16 * outer_for(SMALLEST) + tlsf_align_size();
    for (size_t more = 0; more <= 30; more += 15) {
        bounded b = bounded_make();
        const size_t outer = smallest_of_lane + more * outer_for(SMALLEST);
        void *block = tlsf_bounded_malloc(b.t, inner_for(outer));
        assert_int_equal(bounded_stats(b.t).used_bytes, outer_for(inner_for(outer)));
        void *neighbour = tlsf_bounded_malloc(b.t, 2000);
        assert_ptr_equal(tlsf_bounded_realloc(b.t, block, 1), block);
        expect_sound(b.t);
        tlsf_bounded_free(b.t, neighbour);
        assert_int_equal(bounded_stats(b.t).used_bytes, smallest_of_lane);
        bounded_end(&b);
    }
}

/* Verifies B32, B41, B48. */
static void realloc_in_place_peak_counts_one_place(void **state) {
    (void)state;
    bounded b = bounded_make();
    void *block = tlsf_bounded_malloc(b.t, 1500);
    assert_ptr_equal(tlsf_bounded_realloc(b.t, block, 1600), block);
    assert_int_equal(bounded_stats(b.t).peak_bytes, bounded_stats(b.t).used_bytes);
    bounded_end(&b);
}

/* Verifies B36, B37. */
static void realloc_without_room_null_and_block_stays(void **state) {
    (void)state;
    bounded b = bounded_make();
    unsigned char *block = tlsf_bounded_malloc(b.t, 100);
    memset(block, 9, 100);
    while (tlsf_bounded_malloc(b.t, 1000) != NULL) {
    }
    const tlsf_bounded_stats_t before = bounded_stats(b.t);
    assert_null(tlsf_bounded_realloc(b.t, block, 1000));
    assert_null(tlsf_bounded_realloc(b.t, block, LARGEST * 2));
    assert_true(has_content(block, 100, 9));
    assert_int_equal(bounded_stats(b.t).used_bytes, before.used_bytes);
    assert_int_equal(bounded_stats(b.t).failures, before.failures + 2);
    bounded_end(&b);
}

/* ---- faults ------------------------------------------------------------------------- */

static size_t faults;

static void fault_count(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    faults++;
}

/* Each byte of the blocks is `fill`: where wrong pointers lead, all words look alike. */
static void wrong_pointers_reach_the_hook(unsigned char fill) {
    bounded b = bounded_make();
    unsigned char *block = tlsf_bounded_malloc(b.t, 100);
    unsigned char *other = tlsf_bounded_malloc(b.t, 100);
    unsigned char *large = tlsf_bounded_malloc(b.t, LARGEST);
    memset(block, fill, 100);
    memset(large, fill, LARGEST);
    tlsf_bounded_free(b.t, other);
    const tlsf_bounded_stats_t before = bounded_stats(b.t);
    void *wrong[] = {block + 1, block + 2 * tlsf_align_size(), other, &b,
                     large + 8 * tlsf_align_size()};
    tlsf_bounded_set_fault_hook(b.t, fault_count);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        faults = 0;
        tlsf_bounded_free(b.t, wrong[i]);
        assert_int_equal(faults, 1);
        assert_null(tlsf_bounded_realloc(b.t, wrong[i], 50));
        assert_true(faults >= 2);
        expect_sound(b.t);
        assert_int_equal(bounded_stats(b.t).used_bytes, before.used_bytes);
        assert_int_equal(bounded_stats(b.t).live_blocks, before.live_blocks);
    }
    bounded_end(&b);
}

/* Verifies B7, B67, B68, B69. */
static void wrong_pointers_reach_the_hook_and_change_nothing(void **state) {
    (void)state;
    if (TLSF_HARDENING == 0 || TLSF_STATISTICS == 0) {
        SKIP_BECAUSE("without checks a wrong pointer is undefined; without counts it is trusted");
    }
    wrong_pointers_reach_the_hook(0);
    wrong_pointers_reach_the_hook(0x74); /* as a size: far outside the region */
    wrong_pointers_reach_the_hook(0xFF);
}

/* Verifies B67, B69. */
static void free_twice_after_the_chunk_is_given_back_reaches_the_hook(void **state) {
    (void)state;
    if (TLSF_HARDENING == 0 || TLSF_STATISTICS == 0) {
        SKIP_BECAUSE("without checks a wrong pointer is undefined; without counts it is trusted");
    }
    bounded b = bounded_make();
    void *block = tlsf_bounded_malloc(b.t, 100);
    tlsf_bounded_free(b.t, block);
    tlsf_bounded_set_fault_hook(b.t, fault_count);
    faults = 0;
    tlsf_bounded_free(b.t, block);
    assert_int_equal(faults, 1);
    bounded_end(&b);
}

/* Verifies B65, B66. */
static void invariant_name_every_number_has_one(void **state) {
    (void)state;
    assert_string_equal(tlsf_bounded_invariant_name(TLSF_BOUNDED_SOUND), "sound");
    assert_string_equal(tlsf_bounded_invariant_name(TLSF_BOUNDED_BROKEN_LIVE), "live");
    assert_string_equal(tlsf_bounded_invariant_name(TLSF_BOUNDED_BROKEN_LIVE + 1), "unknown");
    assert_string_equal(tlsf_bounded_invariant_name(-1), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_bad_arguments_null),
        cmocka_unit_test(plan_beyond_the_core_is_refused),
        cmocka_unit_test(create_too_few_bytes_null_and_nothing_else_written),
        cmocka_unit_test(create_lanes_follow_from_the_plan),
        cmocka_unit_test(size_for_region_of_it_can_be_made_anywhere),
        cmocka_unit_test(size_for_impossible_plan_zero),
        cmocka_unit_test(malloc_every_size_is_served_and_comes_back),
        cmocka_unit_test(malloc_more_than_largest_null_and_counted),
        cmocka_unit_test(malloc_small_request_counts_as_smallest),
        cmocka_unit_test(malloc_full_region_null_and_serves_again_after_free),
        cmocka_unit_test(free_of_a_lane_serves_another_lane),
        cmocka_unit_test(free_null_nothing),
        cmocka_unit_test(calloc_is_zero),
        cmocka_unit_test(memalign_every_alignment_is_aligned),
        cmocka_unit_test(memalign_bad_alignment_or_too_much_null),
        cmocka_unit_test(realloc_grows_over_all_lanes_and_keeps_content),
        cmocka_unit_test(realloc_shrinks_in_place_and_counts_smallest_of_its_lane),
        cmocka_unit_test(realloc_in_place_peak_counts_one_place),
        cmocka_unit_test(realloc_without_room_null_and_block_stays),
        cmocka_unit_test(wrong_pointers_reach_the_hook_and_change_nothing),
        cmocka_unit_test(free_twice_after_the_chunk_is_given_back_reaches_the_hook),
        cmocka_unit_test(invariant_name_every_number_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
