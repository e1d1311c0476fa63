/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: malloc, calloc, aligned malloc, realloc and free.
 */
#include "fmemp_support.h"

#include <stdio.h>
#include <stdlib.h>

#define FULL_MAX 20000 /* more blocks than the arena holds */

static void *full[FULL_MAX];

/* Allocates blocks of `bytes` until the heap is full.
 * Returns  the number of blocks. */
static size_t heap_fill(size_t bytes) {
    for (size_t count = 0; count < FULL_MAX; count++) {
        full[count] = FMempMalloc(&memp, bytes);
        if (full[count] == NULL) {
            return count;
        }
    }
    fail_msg("the arena holds more blocks than the test expects");
    return 0;
}

/* ---- malloc ------------------------------------------------------------------------- */

/* Verifies F1, F66, F67. */
static void malloc_any_size_is_aligned_and_apart(void **state) {
    (void)state;
    u8 *blocks[64];

    for (size_t i = 0; i < 64; i++) {
        blocks[i] = FMempMalloc(&memp, i * 7);
        assert_non_null(blocks[i]);
        assert_true(is_aligned(blocks[i], TLSF_GRANULE));
        memset(blocks[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < 64; i++) {
        assert_true(is_filled(blocks[i], (u8)i, i * 7));
        assert_true(blocks[i] > arena_begin && blocks[i] + i * 7 <= arena_middle);
    }
}

/* Verifies F66. */
static void malloc_zero_gives_a_block_of_its_own(void **state) {
    (void)state;
    void *first = FMempMalloc(&memp, 0);
    void *second = FMempMalloc(&memp, 0);

    assert_non_null(first);
    assert_non_null(second);
    assert_ptr_not_equal(first, second);
}

/* Verifies F66. */
static void malloc_of_a_smallest_block_takes_no_more(void **state) {
    (void)state;
    void *block = FMempMalloc(&memp, tlsf_block_size_min());

    assert_non_null(block);
    if (FMEMP_TAGS + FMEMP_CALL_SITES == 0) {
        assert_int_equal(tlsf_block_size(block), tlsf_block_size_min());
    }
}

/* A tag, and what lies behind the block, would show a byte too many. */
/* Verifies F91. */
static void block_size_is_at_least_the_request_and_can_all_be_written(void **state) {
    (void)state;

    for (fsize_t nbytes = 0; nbytes < 130; nbytes++) {
        void *block = FMempMallocAlign(&memp, nbytes, (fsize_t)1 << nbytes % 8);
        const fsize_t size = FMempBlockSize(&memp, block);

        assert_in_range(size, nbytes, tlsf_block_size(block));
        if (TLSF_HARDENING >= 3 && !FMEMP_TAGS) {
            assert_int_equal(size, nbytes);
        }
        memset(block, 0xE1, size);
        block = FMempRealloc(&memp, block, nbytes + 40);
        assert_in_range(FMempBlockSize(&memp, block), nbytes + 40, tlsf_block_size(block));
        memset(block, 0xE1, FMempBlockSize(&memp, block));
    }
    FMemListAll(&memp);
    assert_int_equal(printed_count(" used "), 130);
    assert_int_equal(printed_count("overwritten"), 0);
}

/* Verifies F5, F91. */
static void block_size_of_null_or_not_ready_is_zero(void **state) {
    (void)state;
    void *block = FMempMalloc(&memp, 40);
    FMemp zeroed = {0};

    assert_int_equal(FMempBlockSize(&memp, NULL), 0);
    assert_int_equal(FMempBlockSize(&zeroed, block), 0);
    assert_int_equal(FMempBlockSize(NULL, block), 0);
}

/* Verifies F67, F133. */
static void malloc_largest_is_served_and_one_byte_more_is_not(void **state) {
    (void)state;
    const fsize_t largest = (fsize_t)stats_now().largest;

    assert_null(FMempMalloc(&memp, largest + 1));
    void *block = FMempMalloc(&memp, largest);
    assert_non_null(block);
    memset(block, 0x77, largest);
    assert_null(FMempMalloc(&memp, largest));
}

/* Verifies F14, F67, F70, F74, F81. */
static void request_near_size_max_fails_on_every_path(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 40);
    size_t requests = 0;

    memset(block, 0x5C, 40);
    for (fsize_t below = 0; below < 300; below++) {
        const fsize_t size = SIZE_MAX - below;
        assert_null(FMempMalloc(&memp, size));
        assert_null(FMempCalloc(&memp, 1, size));
        assert_null(FMempCalloc(&memp, size, 1));
        assert_null(FMempMallocAlign(&memp, size, 64));
        assert_null(FMempRealloc(&memp, block, size));
        assert_null(FMempRealloc(&memp, NULL, size));
        assert_null(FMempReallocAlign(&memp, block, size, 64));
        requests += 7;
    }
    assert_true(is_filled(block, 0x5C, 40));
    if (TLSF_STATISTICS) {
        assert_int_equal(stats_now().failures, requests);
        assert_int_equal(stats_now().live_blocks, 1);
    }
}

/* ---- calloc ------------------------------------------------------------------------- */

/* Verifies F69. */
static void calloc_dirty_memory_is_zeroed(void **state) {
    (void)state;
    const size_t count = heap_fill(200);

    for (size_t i = 0; i < count; i++) {
        memset(full[i], 0xFF, 200);
    }
    for (size_t i = 0; i < count; i++) {
        FMempFree(&memp, full[i]);
    }
    for (size_t elements = 1; elements < 300; elements += 13) {
        void *block = FMempCalloc(&memp, elements, 3);
        assert_non_null(block);
        assert_true(is_aligned(block, TLSF_GRANULE));
        assert_true(is_filled(block, 0, elements * 3));
    }
}

/* Verifies F70. */
static void calloc_takes_as_much_as_malloc(void **state) {
    (void)state;
    const u64 at_first = stats_now().largest;
    assert_non_null(FMempMalloc(&memp, 400));
    const u64 before = stats_now().largest;
    assert_non_null(FMempCalloc(&memp, 4, 100));
    assert_int_equal(before - stats_now().largest, at_first - before);
}

/* Verifies F70. */
static void calloc_nothing_gives_a_block(void **state) {
    (void)state;
    assert_non_null(FMempCalloc(&memp, 0, 8));
    assert_non_null(FMempCalloc(&memp, 8, 0));
    assert_non_null(FMempCalloc(&memp, SIZE_MAX, 0));
    assert_non_null(FMempCalloc(&memp, 0, SIZE_MAX));
}

/* Verifies F70. */
static void calloc_overflowing_product_fails(void **state) {
    (void)state;
    const size_t half = SIZE_MAX / 2 + 1;
    const size_t root = (size_t)1 << (sizeof(size_t) * 4);

    assert_null(FMempCalloc(&memp, half, 2)); /* the product wraps to 0 */
    assert_null(FMempCalloc(&memp, 2, half));
    assert_null(FMempCalloc(&memp, root, root));
    assert_null(FMempCalloc(&memp, root + 1, root));     /* wraps to `root` */
    assert_null(FMempCalloc(&memp, SIZE_MAX, SIZE_MAX)); /* wraps to 1 */
    assert_null(FMempCalloc(&memp, SIZE_MAX / 3 + 1, 3));
}

/* ---- alignment ---------------------------------------------------------------------- */

/* Verifies F1, F72, F73. */
static void malloc_align_powers_of_two_up_to_64_kib_are_kept(void **state) {
    (void)state;
    for (size_t align = 1; align <= 0x10000; align *= 2) {
        u8 *block = FMempMallocAlign(&memp, 100, align);
        assert_non_null(block);
        assert_true(is_aligned(block, align));
        assert_true(is_aligned(block, TLSF_GRANULE));
        memset(block, 0x31, 100);
        assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
        if (align > 0x2000) {
            FMempFree(&memp, block); /* the arena has no room for two of these */
        }
    }
}

/* Verifies F72. */
static void malloc_align_order_is_size_then_alignment(void **state) {
    (void)state;
    u8 *block = FMempMallocAlign(&memp, 2000, 16);
    u8 *next = FMempMallocAlign(&memp, 16, 2048);

    memset(block, 0x01, 2000);
    memset(next, 0x02, 16);
    assert_true(is_filled(block, 0x01, 2000));
    assert_true(is_aligned(next, 2048));
}

/* Verifies F73. */
static void malloc_align_0_and_1_mean_the_default(void **state) {
    (void)state;
    assert_true(is_aligned(FMempMallocAlign(&memp, 10, 0), TLSF_GRANULE));
    assert_true(is_aligned(FMempMallocAlign(&memp, 10, 1), TLSF_GRANULE));
    assert_non_null(FMempMallocAlign(&memp, 0, 0));
}

/* Verifies F74. */
static void malloc_align_not_a_power_of_two_fails(void **state) {
    (void)state;
    const size_t aligns[] = {3, 5, 6, 7, 9, 12, 24, 48, 96, 100, 1000, SIZE_MAX, SIZE_MAX - 1};
    const FMempStats before = stats_now();

    for (size_t i = 0; i < sizeof aligns / sizeof aligns[0]; i++) {
        assert_null(FMempMallocAlign(&memp, 10, aligns[i]));
    }
    assert_int_equal(stats_now().largest, before.largest);
}

/* Verifies F74. */
static void malloc_align_larger_than_the_heap_fails(void **state) {
    (void)state;
    for (size_t align = 0x40000; align != 0; align *= 2) {
        assert_null(FMempMallocAlign(&memp, 10, align));
    }
}

/* ---- realloc ------------------------------------------------------------------------ */

/* Verifies F79. */
static void realloc_null_allocates(void **state) {
    (void)state;
    u8 *block = FMempRealloc(&memp, NULL, 50);

    assert_non_null(block);
    memset(block, 1, 50);
    assert_non_null(FMempRealloc(&memp, NULL, 0));
    assert_non_null(FMempReallocAlign(&memp, NULL, 50, 64));
}

/* Verifies F80. */
static void realloc_to_0_frees_and_returns_null(void **state) {
    (void)state;
    const u64 largest = stats_now().largest;

    assert_null(FMempRealloc(&memp, FMempMalloc(&memp, 50), 0));
    assert_int_equal(stats_now().largest, largest);
    assert_null(FMempReallocAlign(&memp, FMempMalloc(&memp, 50), 0, 64));
    assert_int_equal(stats_now().largest, largest);
}

/* Verifies F77, F78. */
static void realloc_keeps_the_contents_in_place_and_moved(void **state) {
    (void)state;
    size_t bytes = 10;
    u8 *block = FMempMalloc(&memp, bytes);

    memset(block, 0x42, bytes);
    for (size_t i = 0; i < 24; i++) {
        const size_t wanted = i % 3 == 2 ? bytes / 2 : bytes * 2;
        if (i % 2 == 0) {
            assert_non_null(FMempMalloc(&memp, 1)); /* keeps the block from growing in place */
        }
        block = FMempRealloc(&memp, block, wanted);
        assert_non_null(block);
        assert_true(is_aligned(block, TLSF_GRANULE));
        assert_true(is_filled(block, 0x42, wanted < bytes ? wanted : bytes));
        memset(block, 0x42, wanted);
        bytes = wanted;
    }
}

/* Verifies F81. */
static void realloc_no_room_leaves_the_block(void **state) {
    (void)state;
    const u64 fresh = stats_now().largest;
    u8 *block = FMempMalloc(&memp, 64);

    memset(block, 0x6B, 64);
    const size_t count = heap_fill(500);
    const FMempStats before = stats_now();
    assert_null(FMempRealloc(&memp, block, 5000));
    assert_null(FMempReallocAlign(&memp, block, 5000, 256));
    assert_true(is_filled(block, 0x6B, 64));
    const FMempStats after = stats_now();
    assert_int_equal(after.largest, before.largest);
    assert_int_equal(after.used_bytes, before.used_bytes);
    assert_int_equal(after.live_blocks, before.live_blocks);
    FMempFree(&memp, block); /* still live */
    for (size_t i = 0; i < count; i++) {
        FMempFree(&memp, full[i]);
    }
    assert_int_equal(stats_now().largest, fresh);
}

/* Verifies F84, F85. */
static void realloc_align_keeps_alignment_and_contents(void **state) {
    (void)state;
    for (size_t align = 1; align <= 4096; align *= 2) {
        size_t bytes = 20;
        u8 *block = FMempMallocAlign(&memp, bytes, align);
        memset(block, 0x19, bytes);
        for (size_t i = 0; i < 12; i++) {
            const size_t wanted = i % 4 == 3 ? 24 : bytes + 150;
            void *obstacle = FMempMalloc(&memp, 1);
            block = FMempReallocAlign(&memp, block, wanted, align);
            assert_non_null(block);
            assert_true(is_aligned(block, align));
            assert_true(is_filled(block, 0x19, wanted < bytes ? wanted : bytes));
            memset(block, 0x19, wanted);
            bytes = wanted;
            FMempFree(&memp, obstacle);
        }
        FMempFree(&memp, block);
    }
}

/* Verifies F86. */
static void realloc_align_not_a_power_of_two_leaves_the_block(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 64);

    memset(block, 0x2D, 64);
    assert_null(FMempReallocAlign(&memp, block, 20, 3));
    assert_null(FMempReallocAlign(&memp, block, 200, 48));
    assert_null(FMempReallocAlign(&memp, block, 200, SIZE_MAX));
    assert_true(is_filled(block, 0x2D, 64));
    FMempFree(&memp, block);
    assert_int_equal(mock_stops, 0);
}

/* ---- free --------------------------------------------------------------------------- */

/* Verifies F89. */
static void free_null_is_ignored(void **state) {
    (void)state;
    const FMempStats before = stats_now();

    FMempFree(&memp, NULL);
    const FMempStats after = stats_now();
    assert_memory_equal(&before, &after, sizeof after);
}

/* Verifies F88. */
static void free_everything_gives_one_block_again(void **state) {
    (void)state;
    const u64 fresh = stats_now().largest;
    const size_t count = heap_fill(24);

    assert_in_range(count, 100, FULL_MAX);
    for (size_t i = 0; i < count; i += 2) {
        FMempFree(&memp, full[i]);
    }
    for (size_t i = 1; i < count; i += 2) {
        FMempFree(&memp, full[i]);
    }
    assert_int_equal(stats_now().largest, fresh);
}

/* ---- all together ------------------------------------------------------------------- */

#define SLOTS 100

struct slot {
    u8 *block;
    size_t bytes;
    size_t align;
    u8 fill;
};

static u32 random_state;

static u32 random_below(u32 bound) {
    random_state = random_state * 1664525U + 1013904223U;
    return (random_state >> 8) % bound;
}

static void slot_step(struct slot *slot) {
    const size_t bytes = random_below(10) == 0 ? random_below(9000) : random_below(300);
    const size_t align = (size_t)1 << random_below(9);
    u8 *block;

    if (slot->block != NULL) {
        assert_true(is_filled(slot->block, slot->fill, slot->bytes));
        assert_true(is_aligned(slot->block, slot->align));
    }
    if (slot->block == NULL && random_below(2) == 0) {
        block = FMEMP_MALLOC_ALIGN(&memp, bytes, align);
        slot->align = align;
    } else if (slot->block == NULL) {
        block = FMEMP_CALLOC(&memp, bytes, 1);
        slot->align = TLSF_GRANULE;
        assert_true(block == NULL || is_filled(block, 0, bytes));
    } else if (random_below(2) == 0) {
        FMEMP_FREE(&memp, slot->block);
        slot->block = NULL;
        return;
    } else if (random_below(2) == 0) {
        block = FMEMP_REALLOC(&memp, slot->block, bytes + 1);
        slot->align = block == NULL ? slot->align : TLSF_GRANULE;
    } else {
        block = FMempReallocAlign(&memp, slot->block, bytes + 1, align);
        slot->align = block == NULL ? slot->align : align;
    }
    if (block != NULL) {
        slot->fill = (u8)random_below(256);
        slot->bytes = bytes;
        slot->block = block;
        memset(block, slot->fill, bytes);
    }
}

/* Verifies F66, F69, F72, F77, F84, F88. */
static void random_calls_keep_contents_alignment_and_invariants(void **state) {
    (void)state;
    static struct slot slots[SLOTS];
    const char *seed = getenv("TLSF_TEST_SEED");
    const u64 fresh = stats_now().largest;

    random_state = seed == NULL ? 20240607U : (u32)strtoul(seed, NULL, 0);
    printf("# TLSF_TEST_SEED=%lu\n", (unsigned long)random_state);
    for (int i = 0; i < 20000; i++) {
        slot_step(&slots[random_below(SLOTS)]);
        if (i % 16 == 0) {
            assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
        }
    }
    for (int i = 0; i < SLOTS; i++) {
        FMempFree(&memp, slots[i].block);
        slots[i].block = NULL;
    }
    assert_int_equal(stats_now().largest, fresh);
    assert_int_equal(mock_stops, 0);
}

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(malloc_any_size_is_aligned_and_apart),
        WITH_HEAP(malloc_zero_gives_a_block_of_its_own),
        WITH_HEAP(malloc_of_a_smallest_block_takes_no_more),
        WITH_HEAP(block_size_is_at_least_the_request_and_can_all_be_written),
        WITH_HEAP(block_size_of_null_or_not_ready_is_zero),
        WITH_HEAP(malloc_largest_is_served_and_one_byte_more_is_not),
        WITH_HEAP(request_near_size_max_fails_on_every_path),
        WITH_HEAP(calloc_dirty_memory_is_zeroed),
        WITH_HEAP(calloc_takes_as_much_as_malloc),
        WITH_HEAP(calloc_nothing_gives_a_block),
        WITH_HEAP(calloc_overflowing_product_fails),
        WITH_HEAP(malloc_align_powers_of_two_up_to_64_kib_are_kept),
        WITH_HEAP(malloc_align_order_is_size_then_alignment),
        WITH_HEAP(malloc_align_0_and_1_mean_the_default),
        WITH_HEAP(malloc_align_not_a_power_of_two_fails),
        WITH_HEAP(malloc_align_larger_than_the_heap_fails),
        WITH_HEAP(realloc_null_allocates),
        WITH_HEAP(realloc_to_0_frees_and_returns_null),
        WITH_HEAP(realloc_keeps_the_contents_in_place_and_moved),
        WITH_HEAP(realloc_no_room_leaves_the_block),
        WITH_HEAP(realloc_align_keeps_alignment_and_contents),
        WITH_HEAP(realloc_align_not_a_power_of_two_leaves_the_block),
        WITH_HEAP(free_null_is_ignored),
        WITH_HEAP(free_everything_gives_one_block_again),
        WITH_HEAP(random_calls_keep_contents_alignment_and_invariants),
    };

    return cmocka_run_group_tests_name("fmemp_blocks", tests, NULL, NULL);
}
