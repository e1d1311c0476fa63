/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: a call that finds no room changes no byte of the regions, except the count of
 * failures.
 */
#include "fmemp_support.h"

#include "support/internals.h"

#define BLOCKS_MAX 200
#define ALIGN_MAX 65536

static u8 image[ARENA_BYTES];
static void *blocks[BLOCKS_MAX];
static size_t block_count;

/* ---- an FMemp without room ----------------------------------------------------------- */

static void take_block(fsize_t nbytes) {
    assert_in_range(block_count, 0, BLOCKS_MAX - 1);
    blocks[block_count] = FMempMalloc(&memp, nbytes);
    assert_non_null(blocks[block_count]);
    memset(blocks[block_count], (int)(block_count % 250) + 1, nbytes);
    block_count++;
}

/* Adds a second region, and allocates blocks of 3000 bytes until both are full. */
static void fill_two_regions(void) {
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 30000), FMEMP_SUCCESS);
    block_count = 0;
    while (stats_now().largest >= 3000) {
        take_block(3000);
    }
    while (stats_now().largest != 0) {
        take_block((fsize_t)stats_now().largest);
    }
}

static void free_every_second_block(void) {
    size_t kept = 0;

    for (size_t i = 0; i < block_count; i++) {
        if (i % 2 == 0) {
            blocks[kept++] = blocks[i];
        } else {
            FMempFree(&memp, blocks[i]);
        }
    }
    block_count = kept;
}

static void free_all(void) {
    while (block_count > 0) {
        FMempFree(&memp, blocks[--block_count]);
    }
    assert_int_equal(FMempRemoveRegion(&memp, arena_middle), FMEMP_SUCCESS);
    assert_non_null(FMempMalloc(&memp, (fsize_t)stats_now().largest));
    assert_int_equal(stats_now().largest, 0);
}

/* ---- calls that fail ----------------------------------------------------------------- */

static void before_call(void) { memcpy(image, arena, sizeof image); }

static void expect_unchanged(size_t failures) {
    const size_t counted = TLSF_STATISTICS ? failures : 0;

    assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
    control_of(memp.tlsf_ptr)->failures -= counted;
    assert_memory_equal(arena, image, sizeof arena);
    control_of(memp.tlsf_ptr)->failures += counted;
    assert_false(mock_lock_is_held);
}

#define EXPECT_FAILS(call) \
    do { \
        before_call(); \
        assert_null(call); \
        expect_unchanged(1); \
    } while (0)

static void expect_no_room_for(fsize_t nbytes) {
    EXPECT_FAILS(FMempMalloc(&memp, nbytes));
    EXPECT_FAILS(FMempCalloc(&memp, 1, nbytes));
    EXPECT_FAILS(FMempCalloc(&memp, nbytes, 1));
    EXPECT_FAILS(FMempRealloc(&memp, NULL, nbytes));
    EXPECT_FAILS(FMEMP_MALLOC(&memp, nbytes));
    EXPECT_FAILS(FMEMP_CALLOC(&memp, 1, nbytes));
    EXPECT_FAILS(FMEMP_REALLOC(&memp, NULL, nbytes));
    for (fsize_t align = 1; align <= ALIGN_MAX; align *= 2) {
        EXPECT_FAILS(FMempMallocAlign(&memp, nbytes, align));
        EXPECT_FAILS(FMempReallocAlign(&memp, NULL, nbytes, align));
        EXPECT_FAILS(FMEMP_MALLOC_ALIGN(&memp, nbytes, align));
    }
}

static void expect_never_served(void) {
    EXPECT_FAILS(FMempCalloc(&memp, SIZE_MAX, SIZE_MAX));
    EXPECT_FAILS(FMempCalloc(&memp, SIZE_MAX / 2 + 1, 2));
    EXPECT_FAILS(FMempMallocAlign(&memp, 1, 3));
    EXPECT_FAILS(FMempMallocAlign(&memp, 1, SIZE_MAX / 2 + 1));
    for (fsize_t less = 0; less < 40; less++) {
        EXPECT_FAILS(FMempMalloc(&memp, SIZE_MAX - less));
    }
    expect_no_room_for(SIZE_MAX);
}

static void expect_block_cannot_grow(void *live, fsize_t nbytes) {
    EXPECT_FAILS(FMempRealloc(&memp, live, nbytes));
    EXPECT_FAILS(FMempRealloc(&memp, live, SIZE_MAX));
    EXPECT_FAILS(FMEMP_REALLOC(&memp, live, nbytes));
    for (fsize_t align = 1; align <= ALIGN_MAX; align *= 2) {
        EXPECT_FAILS(FMempReallocAlign(&memp, live, nbytes, align));
    }
    EXPECT_FAILS(FMempReallocAlign(&memp, live, 1, 3));
}

static void expect_regions_stay(void) {
    u8 *const begin = arena_middle + 40000;
    const size_t too_few = sizeof(FMempPoolList) + tlsf_pool_overhead() + 1;

    before_call();
    assert_int_equal(FMempRemoveRegion(&memp, arena_middle), FMEMP_ERR_REGION_IN_USE);
    assert_int_equal(FMempRemoveRegion(&memp, arena_begin), FMEMP_ERR_REGION_IN_USE);
    assert_int_equal(FMempAddRegion(&memp, begin, begin + too_few), FMEMP_ERR_INIT_TLFS);
    assert_int_equal(FMempInit(&memp, arena_begin, arena_middle), FMEMP_ERR_ALREADY_INIT);
    expect_unchanged(0);
}

/* ---- the cases ----------------------------------------------------------------------- */

/* Verifies F14, F58, F67, F70, F74, F81. */
static void full_regions_every_request_fails_and_changes_nothing(void **state) {
    (void)state;
    fill_two_regions();
    expect_no_room_for(0);
    expect_no_room_for(1);
    expect_no_room_for(3000);
    expect_never_served();
    expect_regions_stay();
    for (size_t i = 0; i < block_count; i += 5) {
        expect_block_cannot_grow(blocks[i], 3200);
    }
    free_all();
}

/* Verifies F14, F67, F81. */
static void fragmented_regions_what_no_hole_holds_fails_and_changes_nothing(void **state) {
    (void)state;
    fill_two_regions();
    free_every_second_block();
    expect_no_room_for(7000);
    expect_never_served();
    expect_regions_stay();
    for (size_t i = 0; i < block_count; i += 3) {
        expect_block_cannot_grow(blocks[i], 10000);
    }
    free_all();
}

/* A region that holds one smallest block, beside its list node and the pool's own bytes. */
/* Verifies F57, F66. */
static void smallest_region_serves_one_block_and_no_more(void **state) {
    (void)state;
    u8 *const begin = arena_middle + 40000;
    size_t bytes = 0;

    fill_two_regions();
    while (FMempAddRegion(&memp, begin, begin + bytes) != FMEMP_SUCCESS) {
        bytes++;
        assert_in_range(bytes, 1, 1000);
    }
    const fsize_t largest = (fsize_t)stats_now().largest;
    if (largest != 0) { /* the smallest block may have no room for a tag */
        void *live = FMempMalloc(&memp, largest);
        assert_non_null(live);
        expect_block_cannot_grow(live, largest + TLSF_GRANULE);
        expect_no_room_for(0);
        FMempFree(&memp, live);
    }
    assert_int_equal(FMempRemoveRegion(&memp, begin), FMEMP_SUCCESS);
    expect_no_room_for(0);
    free_all();
}

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(full_regions_every_request_fails_and_changes_nothing),
        WITH_HEAP(fragmented_regions_what_no_hole_holds_fails_and_changes_nothing),
        WITH_HEAP(smallest_region_serves_one_block_and_no_more),
    };

    return cmocka_run_group_tests_name("fmemp_out_of_memory", tests, NULL, NULL);
}
