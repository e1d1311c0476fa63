/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contract of tlsf_bounded.h.
 */
#include "support/bounded_internals.h"
#include "support/guarded_heap.h"
#include "support/suite.h"
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

/* All bytes of the block that serves the largest request. */
static size_t served_most(void) { return outer_needed(LARGEST) - tlsf_alloc_overhead(); }

/* ---- create ------------------------------------------------------------------------- */

/* Verifies B9, B46, B47, B48, B49, B51, B52. */
static void create_new_heap_is_empty(void **state) {
    (void)state;
    bounded b = bounded_make();
    const tlsf_bounded_stats_t s = bounded_stats(b.t);
    assert_int_equal(s.used_bytes + s.peak_bytes + s.taken_bytes, 0);
    assert_int_equal(s.live_blocks + s.failures, 0);
    assert_int_equal(s.lanes, 4);
    bounded_end(&b);
}

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
    assert_null(tlsf_bounded_malloc(b.t, served_most() + 1));
    assert_null(tlsf_bounded_malloc(b.t, SIZE_MAX));
    assert_null(tlsf_bounded_calloc(b.t, 2, served_most() / 2 + 1));
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
    assert_null(tlsf_bounded_calloc(b.t, 6, 100));
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

/* Each count, with the largest size that is served and one more. Verifies B24, B25, B13. */
static void calloc_every_count_is_served_up_to_largest(void **state) {
    (void)state;
    bounded b = bounded_make();
    size_t failures = 0;
    for (size_t count = 1; count <= served_most(); count += 1 + count / 9) {
        const size_t size = served_most() / count;
        void *block = tlsf_bounded_calloc(b.t, count, size);
        assert_non_null(block);
        assert_true(has_content(block, count * size, 0));
        memset(block, 0xFF, count * size);
        tlsf_bounded_free(b.t, block);
        assert_null(tlsf_bounded_calloc(b.t, count, size + 1));
        assert_int_equal(bounded_stats(b.t).failures, ++failures);
    }
    bounded_end(&b);
}

/* ---- how lanes grow ----------------------------------------------------------------- */

/* Lane g asks the heap of lane 0, which refuses memory that is larger than its chunks. */
static void expect_refused_in_lane(bounded *b, unsigned g) {
    bounded_heap *inside = bounded_of(b->t);
    const tlsf_t own = inside->lanes[g].heap;
    const tlsf_bounded_stats_t before = bounded_stats(b->t);
    inside->lanes[g].heap = inside->lanes[0].heap;
    assert_null(tlsf_bounded_malloc(b->t, inside->lanes[g].largest));
    inside->lanes[g].heap = own;
    assert_int_equal(bounded_stats(b->t).failures, before.failures + 1);
    assert_int_equal(bounded_stats(b->t).live_blocks, before.live_blocks);
    assert_int_equal(bounded_stats(b->t).used_bytes, before.used_bytes);
    expect_sound(b->t);
}

/* Then the chunk is a free place again, and serves other lanes. Verifies B22, B52. */
static void malloc_lane_whose_heap_takes_no_memory_null(void **state) {
    enum { LAST = 3 };
    (void)state;
    bounded b = bounded_make();
    for (unsigned g = 1; g <= LAST; g++) {
        expect_refused_in_lane(&b, g);
    }
    const size_t taken = bounded_stats(b.t).taken_bytes;
    assert_non_null(tlsf_bounded_malloc(b.t, LARGEST / 5));
    assert_int_equal(bounded_stats(b.t).taken_bytes, taken);
    bounded_end(&b);
}

/* The same of a last lane that has its pool. Verifies B22, B49, B52. */
static void malloc_last_lane_whose_pool_takes_no_memory_null(void **state) {
    enum { LAST = 3 };
    (void)state;
    bounded b = bounded_make();
    assert_non_null(tlsf_bounded_malloc(b.t, LARGEST));
    const size_t taken = bounded_stats(b.t).taken_bytes;
    expect_refused_in_lane(&b, LAST);
    assert_int_equal(bounded_stats(b.t).taken_bytes, taken);
    bounded_end(&b);
}

/* The last lane begins with a hole that is large enough, but smaller ones of its class lie before
 * it in their list. So it was refused. With a granule more it is met. Verifies B6, B49. */
static void malloc_last_lane_hole_that_is_not_met_grows_by_a_granule(void **state) {
    enum { SMALLER = TLSF_LOOK_AHEAD };
    (void)state;
    if (TLSF_ROUND_TO_CLASS) {
        SKIP_BECAUSE("each block of a request's class is large enough");
    }
    bounded b = bounded_make_at(2 * tlsf_bounded_size_for(LIVE, SMALLEST, LARGEST), 0);
    const size_t granule = tlsf_align_size();
    void *pending = tlsf_bounded_malloc(b.t, LARGEST - 500); /* is freed last */
    void *smaller[SMALLER];
    for (size_t i = 0; i < SMALLER; i++) {
        assert_non_null(tlsf_bounded_malloc(b.t, LARGEST - 500)); /* between them */
        smaller[i] = tlsf_bounded_malloc(b.t, served_most() - granule);
    }
    assert_non_null(tlsf_bounded_malloc(b.t, LARGEST - 500));
    void *front = tlsf_bounded_malloc(b.t, LARGEST);
    tlsf_bounded_free(b.t, front);
    for (size_t i = 0; i < SMALLER; i++) {
        tlsf_bounded_free(b.t, smaller[i]);
    }
    tlsf_bounded_free(b.t, pending);
    const size_t taken = bounded_stats(b.t).taken_bytes;
    void *again = tlsf_bounded_malloc(b.t, LARGEST);
    assert_ptr_equal(again, (unsigned char *)front - granule);
    assert_int_equal(bounded_stats(b.t).taken_bytes, taken + granule);
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

/* The gap before an aligned address is part of what is searched for. Verifies B29, B52. */
static void memalign_largest_is_served_and_one_more_is_not(void **state) {
    (void)state;
    bounded b = bounded_make();
    const size_t least = tlsf_block_size_min();
    for (size_t align = 2 * tlsf_align_size(); align <= 2048; align *= 2) {
        const size_t most = served_most() - align - least - tlsf_alloc_overhead();
        void *block = tlsf_bounded_memalign(b.t, align, most);
        assert_non_null(block);
        assert_true(is_aligned(block, align));
        memset(block, 1, most);
        tlsf_bounded_free(b.t, block);
        const size_t failures = bounded_stats(b.t).failures;
        assert_null(tlsf_bounded_memalign(b.t, align, most + 1));
        assert_int_equal(bounded_stats(b.t).failures, failures + 1);
    }
    bounded_end(&b);
}

/* A small request counts as the smallest block here, too. Verifies B29. */
static void memalign_widest_alignment_is_served_and_a_granule_less_is_not(void **state) {
    (void)state;
    const size_t most = 4096 + 2 * tlsf_block_size_min() + tlsf_alloc_overhead();
    region r = region_make(200000, 0);
    for (size_t bytes = 0; bytes <= tlsf_block_size_min(); bytes++) {
        tlsf_bounded_t t = tlsf_bounded_create(r.begin, r.bytes, SMALLEST, most);
        assert_non_null(tlsf_bounded_memalign(t, 4096, bytes));
        t = tlsf_bounded_create(r.begin, r.bytes, SMALLEST, most - tlsf_align_size());
        assert_null(tlsf_bounded_memalign(t, 4096, bytes));
    }
    assert_true(region_is_guarded(&r));
    region_free(&r);
}

/* Up to the granule an alignment counts for nothing: the largest request is served.
 * Verifies B28, B29. */
static void memalign_default_alignments_are_malloc(void **state) {
    (void)state;
    bounded b = bounded_make();
    for (size_t align = 0; align <= tlsf_align_size(); align = align == 0 ? 1 : 2 * align) {
        void *block = tlsf_bounded_memalign(b.t, align, LARGEST);
        assert_non_null(block);
        assert_in_range(bounded_stats(b.t).used_bytes, outer_needed(LARGEST), outer_for(LARGEST));
        tlsf_bounded_free(b.t, block);
    }
    for (size_t align = 3; align < 2 * tlsf_align_size(); align++) {
        if ((align & (align - 1)) != 0) {
            assert_null(tlsf_bounded_memalign(b.t, align, 10));
        }
    }
    bounded_end(&b);
}

/* ---- realloc ------------------------------------------------------------------------ */

/* Verifies B13, B14, B36, B37. */
static void realloc_largest_is_served_and_one_more_is_not(void **state) {
    (void)state;
    bounded b = bounded_make();
    void *block = tlsf_bounded_malloc(b.t, 100);
    assert_null(tlsf_bounded_realloc(b.t, block, served_most() + 1));
    assert_null(tlsf_bounded_realloc(b.t, block, SIZE_MAX));
    assert_int_equal(bounded_stats(b.t).failures, 2);
    assert_int_equal(bounded_stats(b.t).used_bytes, outer_for(100));
    assert_non_null(tlsf_bounded_realloc(b.t, block, served_most()));
    assert_in_range(bounded_stats(b.t).used_bytes, outer_needed(LARGEST), outer_for(LARGEST));
    bounded_end(&b);
}

/* To grow beyond its lane, a block moves, and both places count. Verifies B41, B48. */
static void realloc_to_another_lane_peak_counts_both(void **state) {
    (void)state;
    bounded b = bounded_make();
    void *block = tlsf_bounded_malloc(b.t, 100);
    void *moved = tlsf_bounded_realloc(b.t, block, 1500);
    assert_true(moved != NULL && moved != block);
    assert_int_equal(bounded_stats(b.t).used_bytes, outer_for(1500));
    assert_int_equal(bounded_stats(b.t).peak_bytes, outer_for(100) + outer_for(1500));
    bounded_end(&b);
}

/* The same within a lane: a used block lies behind it. Verifies B32, B41, B48. */
static void realloc_move_within_a_lane_peak_counts_both(void **state) {
    (void)state;
    bounded b = bounded_make();
    unsigned char *block = tlsf_bounded_malloc(b.t, 300);
    assert_non_null(tlsf_bounded_malloc(b.t, 300));
    memset(block, 3, 300);
    unsigned char *moved = tlsf_bounded_realloc(b.t, block, 500);
    assert_true(moved != NULL && moved != block && has_content(moved, 300, 3));
    assert_int_equal(bounded_stats(b.t).used_bytes, outer_for(300) + outer_for(500));
    assert_int_equal(bounded_stats(b.t).peak_bytes, 2 * outer_for(300) + outer_for(500));
    bounded_end(&b);
}

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

/* The largest size of its lane, but no more. Verifies B32, B33. */
static void realloc_up_to_the_largest_of_its_lane_stays(void **state) {
    (void)state;
    bounded b = bounded_make();
    for (unsigned g = 0; g < 3; g++) {
        void *block = tlsf_bounded_malloc(b.t, bounded_of(b.t)->lanes[g].largest - 16);
        const size_t largest = bounded_of(b.t)->lanes[g].largest;
        assert_ptr_equal(tlsf_bounded_realloc(b.t, block, largest), block);
        assert_ptr_not_equal(tlsf_bounded_realloc(b.t, block, largest + 1), block);
    }
    bounded_end(&b);
}

/* The last block of a chunk, which cannot grow there, moves into the rest of another chunk of its
 * lane, which is smaller than all of the first. Verifies B42, B59. */
static void realloc_that_empties_a_chunk_gives_it_back(void **state) {
    enum { LANE = 2, CHUNK_HOLDS = 16 };
    (void)state;
    bounded b = bounded_make();
    const bounded_heap *inside = bounded_of(b.t);
    const size_t room = place_bytes(inside, LANE) - tlsf_pool_overhead();
    const size_t bytes = inner_for(round_down(room / CHUNK_HOLDS, tlsf_align_size()));
    void *blocks[CHUNK_HOLDS];
    size_t unit = 0;
    for (size_t i = 0; i < CHUNK_HOLDS; i++) {
        blocks[i] = tlsf_bounded_malloc(b.t, bytes);
    }
    for (size_t i = 0; i < CHUNK_HOLDS / 2; i++) {
        const void *other = tlsf_bounded_malloc(b.t, bytes);
        assert_int_equal(place_of(inside, other, &unit), LANE);
        assert_int_not_equal(unit, 0);
    }
    for (size_t i = 0; i + 1 < CHUNK_HOLDS; i++) {
        tlsf_bounded_free(b.t, blocks[i]);
    }
    void *moved = tlsf_bounded_realloc(b.t, blocks[CHUNK_HOLDS - 1], inside->lanes[LANE].largest);
    assert_non_null(moved);
    assert_int_equal(place_of(inside, moved, &unit), LANE);
    assert_int_not_equal(unit, 0);
    assert_true(place_is(inside, 0, PLACE_FREE, LANE));
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
        faults = 0;
        assert_null(tlsf_bounded_realloc(b.t, wrong[i], LARGEST));
        assert_int_not_equal(faults, 0);
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

/* ---- which heap reports ------------------------------------------------------------- */

static tlsf_t reporter;

static void fault_note(tlsf_t t, const tlsf_fault_t *fault) {
    (void)fault;
    reporter = t;
}

static void expect_reported_by(const bounded *b, unsigned lane, void *ptr) {
    reporter = NULL;
    tlsf_bounded_free(b->t, ptr);
    assert_ptr_equal(reporter, bounded_of(b->t)->lanes[lane].heap);
    reporter = NULL;
    assert_null(tlsf_bounded_realloc(b->t, ptr, 10));
    assert_ptr_equal(reporter, bounded_of(b->t)->lanes[lane].heap);
    reporter = NULL;
    assert_null(tlsf_bounded_realloc(b->t, ptr, LARGEST));
    assert_ptr_equal(reporter, bounded_of(b->t)->lanes[lane].heap);
    expect_sound(b->t);
}

/* A last lane without a pool has no block. Verifies B68, B69. */
static void wrong_pointer_of_a_new_heap_is_reported_by_the_last_lane(void **state) {
    (void)state;
    if (TLSF_HARDENING == 0 || TLSF_STATISTICS == 0) {
        SKIP_BECAUSE("without checks a wrong pointer is undefined; without counts it is trusted");
    }
    bounded b = bounded_make();
    tlsf_bounded_set_fault_hook(b.t, fault_note);
    memset(bounded_of(b.t)->left, 0, (size_t)(bounded_of(b.t)->end - bounded_of(b.t)->left));
    expect_reported_by(&b, 3, bounded_of(b.t)->left + 64);
    bounded_end(&b);
}

/* A pointer into a chunk is its lane's; every other is the last lane's. Verifies B67, B68, B69. */
static void wrong_pointer_is_reported_by_the_lane_of_its_place(void **state) {
    enum { LAST = 3 };
    (void)state;
    if (TLSF_HARDENING == 0 || TLSF_STATISTICS == 0) {
        SKIP_BECAUSE("without checks a wrong pointer is undefined; without counts it is trusted");
    }
    bounded b = bounded_make();
    const bounded_heap *inside = bounded_of(b.t);
    unsigned char *block[LAST + 1];
    for (unsigned g = 0; g <= LAST; g++) {
        block[g] = tlsf_bounded_malloc(b.t, inside->lanes[g].largest);
        memset(block[g], 0, tlsf_block_size(block[g]));
    }
    tlsf_bounded_set_fault_hook(b.t, fault_note);
    for (unsigned g = 0; g <= LAST; g++) {
        expect_reported_by(&b, g, block[g] + 2 * tlsf_align_size());
        expect_reported_by(&b, g, block[g] + 1);
    }
    expect_reported_by(&b, 0, inside->left);                /* where the chunk of lane 0 begins */
    expect_reported_by(&b, LAST, place_address(inside, 1)); /* a free place */
    expect_reported_by(&b, LAST, place_address(inside, inside->taken));
    expect_reported_by(&b, LAST, place_address(inside, inside->taken) + 2 * tlsf_align_size());
    expect_reported_by(&b, LAST, inside->left - tlsf_align_size());
    expect_reported_by(&b, LAST, inside->end);
    expect_reported_by(&b, LAST, inside->end + 64);
    expect_reported_by(&b, LAST, b.memory.begin);
    bounded_end(&b);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_new_heap_is_empty),
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
        cmocka_unit_test(calloc_every_count_is_served_up_to_largest),
        cmocka_unit_test(malloc_lane_whose_heap_takes_no_memory_null),
        cmocka_unit_test(malloc_last_lane_whose_pool_takes_no_memory_null),
        cmocka_unit_test(malloc_last_lane_hole_that_is_not_met_grows_by_a_granule),
        cmocka_unit_test(memalign_every_alignment_is_aligned),
        cmocka_unit_test(memalign_bad_alignment_or_too_much_null),
        cmocka_unit_test(memalign_largest_is_served_and_one_more_is_not),
        cmocka_unit_test(memalign_widest_alignment_is_served_and_a_granule_less_is_not),
        cmocka_unit_test(memalign_default_alignments_are_malloc),
        cmocka_unit_test(realloc_largest_is_served_and_one_more_is_not),
        cmocka_unit_test(realloc_to_another_lane_peak_counts_both),
        cmocka_unit_test(realloc_move_within_a_lane_peak_counts_both),
        cmocka_unit_test(realloc_grows_over_all_lanes_and_keeps_content),
        cmocka_unit_test(realloc_shrinks_in_place_and_counts_smallest_of_its_lane),
        cmocka_unit_test(realloc_in_place_peak_counts_one_place),
        cmocka_unit_test(realloc_up_to_the_largest_of_its_lane_stays),
        cmocka_unit_test(realloc_that_empties_a_chunk_gives_it_back),
        cmocka_unit_test(realloc_without_room_null_and_block_stays),
        cmocka_unit_test(wrong_pointers_reach_the_hook_and_change_nothing),
        cmocka_unit_test(wrong_pointer_of_a_new_heap_is_reported_by_the_last_lane),
        cmocka_unit_test(wrong_pointer_is_reported_by_the_lane_of_its_place),
        cmocka_unit_test(free_twice_after_the_chunk_is_given_back_reaches_the_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
