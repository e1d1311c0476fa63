/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Regions at the ends of a link's reach and just outside, and blocks larger than 4 GiB. They lie in
 * address space that is mapped without memory behind it.
 */
#include "support/guarded_heap.h"
#include "support/space.h"
#include "support/suite.h"
#include <string.h>

static const bool is_64_bit = sizeof(void *) == 8;

/* The reach of a link in the compact layout. */
#define REACH ((size_t)((uint64_t)(TLSF_GRANULE == 4 ? 4 : 8) << 30))

#define SKIP_WHERE_EVERYTHING_IS_NEAR() \
    do { \
        if (!is_64_bit) { \
            SKIP_BECAUSE("a 32-bit address space is within every link's reach"); \
        } \
    } while (0)

#define SKIP_WHERE_POOLS_ARE_FILLED() \
    do { \
        if (TLSF_HARDENING >= 3) { \
            SKIP_BECAUSE("hardening 3 fills every pool, and there is not enough memory"); \
        } \
    } while (0)

/* ---- without mapping: a refused region is not touched ------------------------------- */

/* Verifies T76, T77, C12. */
static void add_pool_out_of_reach_is_refused_and_untouched(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    if (TLSF_LAYOUT != TLSF_COMPACT) {
        SKIP_BECAUSE("links of the wide layout reach every address");
    }
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    const uintptr_t t = (uintptr_t)h.t;
    const uintptr_t places[] = {t + REACH,
                                t + REACH + 64,
                                t + REACH + GIB,
                                t + 2 * REACH, /* where 32 bits of a link would be 0 again */
                                t + 2 * REACH + 65536,
                                t - REACH - 65536,
                                t - 2 * REACH,
                                t + 4 * REACH,
                                65536};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        assert_null(tlsf_add_pool(h.t, (void *)places[i], 4096));
        assert_null(tlsf_add_pool(h.t, (void *)(places[i] + 3), 65536));
    }
    snapshot_expect_unchanged(&h, &before, 0);
    heap_end(&h);
}

/* Verifies T76, T77. */
static void add_pool_larger_than_layout_is_refused_and_untouched(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    uint8_t *inside = h.memory.begin;
    (void)state;
    const size_t limit = tlsf_block_size_max();
    for (size_t bytes = limit; bytes < SIZE_MAX / 2; bytes *= 2) {
        assert_null(tlsf_add_pool(h.t, inside, bytes + 4096));
    }
    snapshot_expect_unchanged(&h, &before, 0);
    heap_end(&h);
}

/* ---- with mapping ------------------------------------------------------------------- */

static void expect_pool_works(tlsf_t t, pool_t pool, const uint8_t *begin, size_t bytes) {
    uint8_t *blocks[8];
    assert_non_null(pool);
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = tlsf_malloc(t, 200 + i);
        assert_non_null(blocks[i]);
        assert_true(blocks[i] >= begin && blocks[i] + 200 + i <= begin + bytes);
        memset(blocks[i], (int)i, 200 + i);
    }
    for (size_t i = 0; i < COUNT_OF(blocks); i += 2) {
        tlsf_free(t, blocks[i]);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    for (size_t i = 1; i < COUNT_OF(blocks); i += 2) {
        tlsf_free(t, blocks[i]);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    assert_int_equal(pool_blocks(pool), 1);
    assert_int_equal(tlsf_remove_pool(t, pool), 0);
}

/* One pool ends at the end of the upward reach. Another begins at the end of the downward reach. */
/* Verifies T76, C12. */
static void add_pool_at_both_ends_of_reach_works(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    const size_t bytes = 2 * REACH + GIB;
    uint8_t *space = space_map(bytes);
    if (space == NULL) {
        SKIP_BECAUSE("this machine does not map 17 GiB of address space");
    }
    const size_t page = 65536;
    uint8_t *middle = space + REACH + page;
    tlsf_t t = tlsf_create(middle);
    assert_non_null(t);
    uint8_t *const up = (uint8_t *)t + REACH - page;
    uint8_t *const down = (uint8_t *)t - REACH;
    expect_pool_works(t, tlsf_add_pool(t, up, page), up, page);
    expect_pool_works(t, tlsf_add_pool(t, down, page), down, page);
    if (TLSF_LAYOUT == TLSF_COMPACT) {
        assert_null(tlsf_add_pool(t, up, page + 64));
        assert_null(tlsf_add_pool(t, down - 64, page));
    } else {
        expect_pool_works(t, tlsf_add_pool(t, up, page + 64), up, page + 64);
        expect_pool_works(t, tlsf_add_pool(t, down - 64, page), down - 64, page);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    space_unmap(space, bytes);
}

/* Verifies T102, T160, C13. */
static void malloc_larger_than_4_gib_works(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    SKIP_WHERE_POOLS_ARE_FILLED();
    const size_t bytes = 7 * GIB;
    if (bytes > tlsf_block_size_max()) {
        SKIP_BECAUSE("with this granule a header counts at most 4 GiB");
    }
    uint8_t *space = space_map(bytes);
    if (space == NULL) {
        SKIP_BECAUSE("this machine does not map 7 GiB of address space");
    }
    tlsf_t t = tlsf_create_with_pool(space, bytes);
    assert_non_null(t);
    assert_true(tlsf_largest(t) > bytes - 65536);
    uint8_t *p = tlsf_malloc(t, 5 * GIB + 3);
    assert_non_null(p);
    assert_true(tlsf_block_size(p) >= 5 * GIB + 3);
    p[0] = 1;
    p[5 * GIB + 2] = 2;
    assert_int_equal(stats_of(t).used_bytes, counted(outer_for(5 * GIB + 3)));
    assert_null(tlsf_malloc(t, 2 * GIB));
    uint8_t *q = tlsf_memalign(t, GIB, 1000);
    assert_non_null(q);
    assert_true(is_aligned(q, GIB));
    assert_ptr_equal(tlsf_realloc(t, p, GIB), p);
    assert_int_equal(p[0], 1);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    tlsf_free(t, p);
    tlsf_free(t, q);
    assert_int_equal(pool_blocks(tlsf_get_pool(t)), 1);
    p = tlsf_malloc(t, tlsf_largest(t));
    assert_non_null(p);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    space_unmap(space, bytes);
}

/* ---- the ends of large regions ------------------------------------------------------- */

/* Allocates one block at the low end of a fresh heap, which leaves `left` bytes. Returns the
 * block. */
static uint8_t *fill_but(tlsf_t t, size_t left) {
    uint8_t *filler = tlsf_malloc(t, tlsf_largest(t) - left);
    assert_non_null(filler);
    return filler;
}

/* Works at the far end of a heap whose lower part is one block. Within `left` bytes below `end` it
 * makes blocks, aligns and grows them, frees them into lists and takes them out again. */
static void expect_far_end_works(tlsf_t t, const uint8_t *end, size_t left) {
    uint8_t *blocks[16];
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = i % 3 == 0 ? tlsf_memalign(t, 1024, 500) : tlsf_malloc(t, 300 + 100 * i);
        assert_non_null(blocks[i]);
        assert_true(blocks[i] > end - left - 65536 && blocks[i] < end);
        memset(blocks[i], (int)i + 1, 300);
    }
    for (size_t i = 0; i < COUNT_OF(blocks); i += 2) {
        tlsf_free(t, blocks[i]);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    for (size_t i = 1; i < COUNT_OF(blocks); i += 2) {
        blocks[i] = tlsf_realloc(t, blocks[i], 2500);
        assert_non_null(blocks[i]);
        assert_int_equal(blocks[i][299], i + 1);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    for (size_t i = 1; i < COUNT_OF(blocks); i += 2) {
        tlsf_free(t, blocks[i]);
    }
}

/* A region of `bytes` bytes serves blocks at both of its ends, and one block that fills it. */
static void expect_region_works(uint8_t *space, size_t bytes) {
    const size_t left = 200000;
    tlsf_t t = tlsf_create_with_pool(space, bytes);
    assert_non_null(t);
    uint8_t *filler = fill_but(t, left);
    assert_true(filler < space + 65536);
    filler[0] = 0x11;
    filler[tlsf_block_size(filler) - 1] = 0x22;
    expect_far_end_works(t, space + bytes, left);
    assert_int_equal(filler[0], 0x11);
    assert_int_equal(filler[tlsf_block_size(filler) - 1], 0x22);
    assert_true(stats_of(t).used_bytes == counted(outer_of(filler)));
    tlsf_free(t, filler);
    assert_int_equal(pool_blocks(tlsf_get_pool(t)), 1);
    uint8_t *whole = tlsf_malloc(t, tlsf_largest(t));
    assert_non_null(whole);
    assert_true(tlsf_block_size(whole) > bytes - 65536);
    whole[tlsf_block_size(whole) - 1] = 0x33;
    assert_int_equal(tlsf_largest(t), 0);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
}

/* Regions around the smallest size that has more than 32 bits, larger ones, and the largest that
 * links reach. With wide links, one that is larger still. */
/* Verifies T102, C12, C13. */
static void malloc_at_far_ends_of_large_regions_works(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    SKIP_WHERE_POOLS_ARE_FILLED();
    if (TLSF_ROUND_TO_CLASS) {
        SKIP_BECAUSE("rounding to a class gives the first block the whole region");
    }
    const size_t most = TLSF_LAYOUT == TLSF_COMPACT ? REACH : 12 * GIB;
    const size_t sizes[] = {4 * GIB - 65536, 4 * GIB, 4 * GIB + 65536, 6 * GIB + 3, 8 * GIB, most};
    uint8_t *space = space_map(most);
    if (space == NULL) {
        SKIP_BECAUSE("this machine does not map 12 GiB of address space");
    }
    size_t served = 0;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        if (sizes[i] <= most) {
            expect_region_works(space, sizes[i]);
            served++;
        }
    }
    assert_true(served >= 3);
    space_unmap(space, most);
}

/* ---- granule by granule over the ends of the reach ----------------------------------- */

/* Regions that end higher and higher are served while they end at most REACH above the heap.
 * Regions that begin lower and lower are served while they begin at most REACH below it. */
/* Verifies T76, C12. */
static void add_pool_over_ends_of_reach_is_refused_from_there_on(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    if (TLSF_LAYOUT != TLSF_COMPACT) {
        SKIP_BECAUSE("links of the wide layout reach every address");
    }
    const size_t bytes = 2 * REACH + GIB, length = 4096;
    uint8_t *space = space_map(bytes);
    if (space == NULL) {
        SKIP_BECAUSE("this machine does not map 17 GiB of address space");
    }
    tlsf_t t = tlsf_create(space + REACH + 65536);
    assert_non_null(t);
    uint8_t *const top = (uint8_t *)t + REACH, *const bottom = (uint8_t *)t - REACH;
    const size_t granule = tlsf_align_size();
    for (size_t step = 0; step < 40; step++) {
        uint8_t *const end = top + (step - 20) * granule;
        pool_t pool = tlsf_add_pool(t, end - length, length);
        assert_true((pool != NULL) == (end <= top));
        assert_true(pool == NULL || tlsf_remove_pool(t, pool) == 0);
        uint8_t *const begin = bottom + (20 - step) * granule;
        pool = tlsf_add_pool(t, begin, length);
        assert_true((pool != NULL) == (begin >= bottom));
        assert_true(pool == NULL || tlsf_remove_pool(t, pool) == 0);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    space_unmap(space, bytes);
}

/* ---- one heap over all of its reach --------------------------------------------------- */

enum { FAR_POOLS = 3, FAR_BLOCKS = 40, FAR_POOL_BYTES = 16384 };

typedef struct {
    uint8_t *space;
    tlsf_t t;
    uint8_t *blocks[FAR_POOLS * FAR_BLOCKS];
    size_t count, of_a_pool;
} far_heap;

/* Adds pools at both ends of the reach and next to the heap, and fills them with blocks of one
 * size. */
static void far_heap_fill(far_heap *h) {
    uint8_t *const places[FAR_POOLS] = {(uint8_t *)h->t - REACH, (uint8_t *)h->t + 65536,
                                        (uint8_t *)h->t + REACH - FAR_POOL_BYTES};
    for (size_t i = 0; i < FAR_POOLS; i++) {
        assert_non_null(tlsf_add_pool(h->t, places[i], FAR_POOL_BYTES));
    }
    while (h->count < COUNT_OF(h->blocks) &&
           (h->blocks[h->count] = tlsf_malloc(h->t, 450)) != NULL) {
        memset(h->blocks[h->count], (int)h->count, 450);
        h->count++;
    }
    h->of_a_pool = h->count / FAR_POOLS;
    assert_true(h->of_a_pool > 10 && h->count < COUNT_OF(h->blocks));
}

/* The number of the i-th block to free: takes the pools in turn, and every second block of each. */
static size_t far_heap_in_turn(const far_heap *h, size_t i) {
    return i % FAR_POOLS * h->of_a_pool + i / FAR_POOLS * 2;
}

/* The free blocks of one class in all pools are in one list. Its links go from end to end. */
/* Verifies T72, C12. */
static void pools_at_both_ends_and_near_are_one_heap(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    const size_t bytes = 2 * REACH + GIB;
    static far_heap h;
    h.space = space_map(bytes);
    if (h.space == NULL) {
        SKIP_BECAUSE("this machine does not map 17 GiB of address space");
    }
    h.t = tlsf_create(h.space + REACH + 65536);
    assert_non_null(h.t);
    far_heap_fill(&h);
    const size_t holes = h.of_a_pool / 2 * FAR_POOLS;
    for (size_t i = 0; i < holes; i++) {
        tlsf_free(h.t, h.blocks[far_heap_in_turn(&h, i)]);
    }
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    for (size_t i = 0; i < holes; i++) {
        uint8_t *again = tlsf_malloc(h.t, 450);
        assert_non_null(again);
        h.blocks[far_heap_in_turn(&h, i)] = again;
        memset(again, (int)far_heap_in_turn(&h, i), 450);
    }
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    for (size_t i = 0; i < h.count; i++) {
        assert_int_equal(h.blocks[i][449], i);
        tlsf_free(h.t, h.blocks[i]);
    }
    for (size_t i = 0; i < FAR_POOLS; i++) {
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        assert_int_equal(tlsf_remove_pool(h.t, tlsf_get_pool(h.t)), 0);
    }
    assert_int_equal(stats_of(h.t).pool_bytes, 0);
    space_unmap(h.space, bytes);
}

/* Verifies T32, T39, C12, C13. */
static void create_with_pool_larger_than_reach_gives_null(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    if (TLSF_LAYOUT != TLSF_COMPACT) {
        SKIP_WHERE_POOLS_ARE_FILLED();
    }
    const size_t bytes = REACH + GIB;
    uint8_t *space = space_map(bytes);
    if (space == NULL) {
        SKIP_BECAUSE("this machine does not map 9 GiB of address space");
    }
    tlsf_t t = tlsf_create_with_pool(space, bytes);
    if (TLSF_LAYOUT == TLSF_COMPACT) {
        assert_null(t);
        assert_null(tlsf_create_sized(space, bytes, 0));
    } else {
        assert_non_null(t);
        assert_non_null(tlsf_malloc(t, tlsf_largest(t)));
        assert_int_equal(tlsf_check(t), TLSF_SOUND);
    }
    space_unmap(space, bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_pool_out_of_reach_is_refused_and_untouched),
        cmocka_unit_test(add_pool_larger_than_layout_is_refused_and_untouched),
        cmocka_unit_test(add_pool_at_both_ends_of_reach_works),
        cmocka_unit_test(malloc_larger_than_4_gib_works),
        cmocka_unit_test(create_with_pool_larger_than_reach_gives_null),
        cmocka_unit_test(malloc_at_far_ends_of_large_regions_works),
        cmocka_unit_test(add_pool_over_ends_of_reach_is_refused_from_there_on),
        cmocka_unit_test(pools_at_both_ends_and_near_are_one_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
