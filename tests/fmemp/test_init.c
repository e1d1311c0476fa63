/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: the types and values of the header, init, remove, reset, and calls on an FMemp
 * that is not ready.
 */
#include "fmemp_support.h"

#define MISALIGNMENTS (TLSF_GRANULE > 16 ? TLSF_GRANULE : 16)
#define SIZES 2001
#define GUARD 64

static const FMemp zeros;

static bool memp_is_zero(const FMemp *checked) {
    return checked->pools_list == NULL && checked->tlsf_ptr == NULL && checked->is_ready == 0;
}

/* ---- types and values --------------------------------------------------------------- */

/* Verifies F25, P2. */
static void values_of_the_document_are_exact(void **state) {
    (void)state;
    assert_int_equal(FMEMP_SUCCESS, 0);
    assert_int_equal(FMEMP_ERR_INVALID_BUF, 0x0010000);
    assert_int_equal(FMEMP_ERR_INIT_TLFS, 0x0010001);
    assert_int_equal(FMEMP_ERR_BAD_MALLOC, 0x0010002);
    assert_int_equal(FMEMP_ERR_ALREADY_INIT, 0x0010003);
    assert_int_equal(FMEMP_ERR_NOT_READY, 0x0010004);
    assert_int_equal(FMEMP_ERR_REGION_IN_USE, 0x0010005);
    assert_int_equal(FT_COMPONENT_IS_READY, 0x11111111);
    assert_int_equal(sizeof(FError), 4);
    assert_int_equal(sizeof(fsize_t), sizeof(size_t));
}

/* Verifies F17, P24. */
static void header_included_alone_brings_in_core_stdio_and_list(void **state) {
    (void)state;
    FSListNode list;
    tlsf_t heap = NULL;
    pool_t pool = NULL;
    int (*print)(const char *, ...) = printf;

    FSListInit(&list);
    assert_int_equal(FSListLen(&list), 0);
    assert_null(heap);
    assert_null(pool);
    assert_true(print == printf);
}

/* ---- init --------------------------------------------------------------------------- */

/* Verifies F2, F3, F24, F25, F26. */
static void init_valid_region_makes_ready(void **state) {
    (void)state;
    FMemp fresh = {0};

    assert_int_equal(FMempInit(&fresh, arena_begin, arena_middle), FMEMP_SUCCESS);
    assert_int_equal(fresh.is_ready, FT_COMPONENT_IS_READY);
    assert_ptr_equal(fresh.pools_list->pool_addr, tlsf_get_pool(fresh.tlsf_ptr));
    assert_true(FSListIsEmpty(&fresh.pools_list->list));
    assert_true((u8 *)fresh.pools_list >= arena_begin);
    assert_true(is_aligned(fresh.pools_list, _Alignof(FMempPoolList)));
    assert_int_equal(tlsf_check(fresh.tlsf_ptr), TLSF_SOUND);
}

/* The most classes that a heap of this many granules can need. */
static size_t classes_max(size_t granules) {
    size_t rows = 1;

    for (; granules >> TLSF_SL_BITS != 0; granules >>= 1) {
        rows++;
    }
    return rows << TLSF_SL_BITS;
}

/* Verifies F27. */
static void init_9000_bytes_spends_under_1_kib(void **state) {
    (void)state;
    FMemp fresh = {0};
    const size_t link = TLSF_LAYOUT == TLSF_WIDE ? sizeof(void *) : 4;

    assert_int_equal(FMempInit(&fresh, arena_begin, arena_begin + 9000), FMEMP_SUCCESS);
    const size_t spent = (size_t)((u8 *)fresh.pools_list->pool_addr - arena_begin);
    if (TLSF_LAYOUT == TLSF_COMPACT && TLSF_SL_BITS <= 4 && TLSF_GRANULE >= 8) {
        assert_in_range(spent, 1, 1023);
    }
    assert_in_range(spent, 1, classes_max(9000 / TLSF_GRANULE) * link + 512 + 2 * TLSF_GRANULE);
}

/* Verifies F20, F30. */
static void init_ready_memp_changes_nothing(void **state) {
    (void)state;
    static u8 before[ARENA_BYTES];
    const FMemp memp_before = memp;

    memcpy(before, arena, sizeof arena);
    assert_int_equal(FMempInit(&memp, arena_middle, arena + ARENA_BYTES), FMEMP_ERR_ALREADY_INIT);
    assert_int_equal(FMempInit(&memp, NULL, NULL), FMEMP_ERR_ALREADY_INIT);
    assert_int_equal(FMempInitSized(&memp, arena_middle, arena + ARENA_BYTES, 0),
                     FMEMP_ERR_ALREADY_INIT);
    assert_ptr_equal(memp.pools_list, memp_before.pools_list);
    assert_ptr_equal(memp.tlsf_ptr, memp_before.tlsf_ptr);
    assert_int_equal(memp.is_ready, memp_before.is_ready);
    assert_memory_equal(before, arena, sizeof arena);
}

/* Verifies F18, F30, F31. */
static void init_null_or_empty_region_is_an_invalid_buffer(void **state) {
    (void)state;
    FMemp fresh = {0};
    u8 *const end = arena + ARENA_BYTES;

    assert_int_equal(FMempInit(NULL, arena_middle, end), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempInit(&fresh, NULL, end), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempInit(&fresh, arena_middle, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempInit(&fresh, end, end), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempInit(&fresh, end, arena_middle), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempInitSized(&fresh, NULL, end, 1), FMEMP_ERR_INVALID_BUF);
    assert_true(memp_is_zero(&fresh));
}

/* Verifies F19, F30, F31. */
static void init_region_out_of_reach_is_refused(void **state) {
    (void)state;
    FMemp fresh = {0};

    if (TLSF_LAYOUT == TLSF_WIDE || sizeof(void *) == 4) {
        skip(); /* every region that has an address is within reach */
    }
    assert_int_equal(FMempInit(&fresh, arena_middle, (void *)(UINTPTR_MAX / 2)),
                     FMEMP_ERR_INIT_TLFS);
    assert_true(memp_is_zero(&fresh));
}

/* Calls FMempInit on `size` bytes that begin `misalignment` bytes behind an aligned address. Checks
 * that the bytes around them stay unchanged, and that the heap works if there is one. */
static FError init_between_guards(size_t misalignment, size_t size) {
    static _Alignas(64) u8 buffer[GUARD + MISALIGNMENTS + SIZES + GUARD];
    FMemp fresh = zeros;
    u8 *const begin = buffer + GUARD + misalignment;

    memset(buffer, 0xC3, sizeof buffer);
    const FError result = FMempInit(&fresh, begin, begin + size);
    if (result == FMEMP_SUCCESS) {
        FMempStats stats;
        assert_int_equal(FMempGetStats(&fresh, &stats), FMEMP_SUCCESS);
        void *block = FMempMalloc(&fresh, (fsize_t)stats.largest);
        if (block != NULL) {
            memset(block, 0x11, (size_t)stats.largest);
        } else {
            assert_int_equal(stats.largest, 0); /* the pool has no room for a tag */
        }
        assert_int_equal(tlsf_check(fresh.tlsf_ptr), TLSF_SOUND);
    } else {
        assert_true(memp_is_zero(&fresh));
    }
    assert_true(is_filled(buffer, 0xC3, GUARD + misalignment));
    assert_true(is_filled(begin + size, 0xC3, sizeof buffer - GUARD - misalignment - size));
    return result;
}

/* Verifies F19, F29, F30. */
static void init_every_small_and_unaligned_region_never_crashes(void **state) {
    (void)state;
    for (size_t misalignment = 0; misalignment < MISALIGNMENTS; misalignment++) {
        size_t least = SIZES; /* the smallest size that fits */
        assert_int_equal(init_between_guards(misalignment, 0), FMEMP_ERR_INVALID_BUF);
        for (size_t size = 1; size < SIZES; size++) {
            const FError result = init_between_guards(misalignment, size);
            if (result == FMEMP_SUCCESS) {
                least = size < least ? size : least;
            } else {
                /* One more byte can add a class; then the pool begins a granule later. */
                assert_int_equal(result, FMEMP_ERR_INIT_TLFS);
                assert_in_range(size, 1, least + 2 * TLSF_GRANULE);
            }
        }
        assert_in_range(least, sizeof(FMempPoolList), SIZES - 1);
    }
}

/* ---- init for later regions --------------------------------------------------------- */

/* Verifies F28. */
static void init_plans_for_its_own_region_only(void **state) {
    (void)state;
    FMemp fresh = {0};
    u8 *const small_end = arena_begin + 9000;

    assert_int_equal(FMempInit(&fresh, arena_begin, small_end), FMEMP_SUCCESS);
    assert_int_equal(FMempAddRegion(&fresh, arena_middle, arena_middle + 9000), FMEMP_SUCCESS);
    assert_int_equal(FMempAddRegion(&fresh, arena_middle + 9000, arena_middle + 40000),
                     FMEMP_ERR_INIT_TLFS);
}

/* Verifies F34, F57, F37. */
static void init_sized_takes_regions_up_to_the_plan(void **state) {
    (void)state;
    FMemp fresh = {0};

    assert_int_equal(FMempInitSized(&fresh, arena_begin, arena_begin + 9000, 31000), FMEMP_SUCCESS);
    assert_int_equal(FMempAddRegion(&fresh, arena_middle, arena_middle + 31000), FMEMP_SUCCESS);
    assert_int_equal(FMempAddRegion(&fresh, arena_middle + 31000, arena_middle + 95000),
                     FMEMP_ERR_INIT_TLFS);
    assert_non_null(FMempMalloc(&fresh, 30000));
}

/* Verifies F35. */
static void init_sized_below_the_first_region_means_its_size(void **state) {
    (void)state;
    FMemp fresh = {0};

    assert_int_equal(FMempInit(&fresh, arena_begin, arena_begin + 9000), FMEMP_SUCCESS);
    const pool_t pool = fresh.pools_list->pool_addr;
    FMempRemove(&fresh);
    assert_int_equal(FMempInitSized(&fresh, arena_begin, arena_begin + 9000, 100), FMEMP_SUCCESS);
    assert_ptr_equal(fresh.pools_list->pool_addr, pool);
}

/* Verifies F36. */
static void init_sized_size_max_means_all_that_the_layout_holds(void **state) {
    (void)state;
    FMemp fresh = {0};

    assert_int_equal(FMempInitSized(&fresh, arena_begin, arena_begin + 30000, SIZE_MAX),
                     FMEMP_SUCCESS);
    assert_int_equal(FMempAddRegion(&fresh, arena_begin + 30000, arena + ARENA_BYTES),
                     FMEMP_SUCCESS);
}

/* ---- remove and reset --------------------------------------------------------------- */

static void remove_with_live_blocks_gives_all_back(void (*remove)(FMemp *)) {
    assert_non_null(FMempMalloc(&memp, 100));
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 5000), FMEMP_SUCCESS);
    remove(&memp);
    assert_true(memp_is_zero(&memp));
    memset(arena, 0xEE, sizeof arena);
    remove(&memp);
    assert_true(is_filled(arena, 0xEE, sizeof arena));
    assert_int_equal(FMempInit(&memp, arena_begin, arena_middle), FMEMP_SUCCESS);
    assert_non_null(FMempMalloc(&memp, 100));
}

/* Verifies F2, F48, F49. */
static void remove_with_live_blocks_reads_zero_and_can_init_again(void **state) {
    (void)state;
    remove_with_live_blocks_gives_all_back(FMempRemove);
}

/* Verifies F51. */
static void deinit_with_live_blocks_reads_zero_and_can_init_again(void **state) {
    (void)state;
    remove_with_live_blocks_gives_all_back(FMempDeinit);
}

static void ignore_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
}

/* Verifies F52, F53. */
static void reset_live_blocks_in_all_regions_frees_them(void **state) {
    (void)state;
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 50000), FMEMP_SUCCESS);
    const FMempStats fresh = stats_now();
    (void)FMempSetFaultHook(&memp, ignore_fault);
    for (int i = 0; i < 100; i++) {
        assert_non_null(FMempMalloc(&memp, 1000));
    }
    const FMempStats full = stats_now();
    FMempReset(&memp);
    const FMempStats now = stats_now();
    assert_int_equal(now.total_bytes, fresh.total_bytes);
    assert_int_equal(now.largest, fresh.largest);
    if (TLSF_STATISTICS) {
        assert_int_equal(now.used_bytes, 0);
        assert_int_equal(now.live_blocks, 0);
        assert_int_equal(now.allocations, 100);
        assert_int_equal(now.frees, 100);
    }
    assert_int_equal(now.max_used_bytes, full.max_used_bytes);
    assert_ptr_equal(FMempSetFaultHook(&memp, NULL), ignore_fault);
    assert_non_null(FMempMalloc(&memp, (fsize_t)now.largest));
}

/* ---- not ready ---------------------------------------------------------------------- */

static void every_call_is_safe_on(FMemp *not_ready) {
    u8 block[16] = {1, 2, 3};
    u32 total = 1;
    u32 used = 2;
    u32 max_used = 3;
    FMempStats stats = {.largest = 1};
    const FMempStats no_stats = {0};

    assert_null(FMempMalloc(not_ready, 8));
    assert_null(FMempMalloc(not_ready, 0));
    assert_null(FMempCalloc(not_ready, 2, 8));
    assert_null(FMempMallocAlign(not_ready, 8, 64));
    assert_null(FMempRealloc(not_ready, NULL, 8));
    assert_null(FMempRealloc(not_ready, block, 8));
    assert_null(FMempRealloc(not_ready, block, 0));
    assert_null(FMempReallocAlign(not_ready, block, 8, 16));
    FMempFree(not_ready, NULL);
    FMempFree(not_ready, block);
    FMempReset(not_ready);
    FMempRemove(not_ready);
    FMempDeinit(not_ready);
    assert_int_equal(FMempAddRegion(not_ready, arena, arena + 5000), FMEMP_ERR_NOT_READY);
    assert_int_equal(FMempRemoveRegion(not_ready, arena), FMEMP_ERR_NOT_READY);
    FMemProbe(not_ready, &total, &used, &max_used);
    assert_int_equal(total, 0);
    assert_int_equal(used, 0);
    assert_int_equal(max_used, 0);
    assert_int_equal(FMempGetStats(not_ready, &stats), FMEMP_ERR_NOT_READY);
    assert_memory_equal(&stats, &no_stats, sizeof stats);
    assert_null(FMempSetFaultHook(not_ready, ignore_fault));
    assert_int_equal(FMempBlockSize(not_ready, block), 0);
    FMempResetPeak(not_ready);
    FMemListAll(not_ready);
    assert_int_equal(printed_count("not ready"), 1);
    assert_true(block[0] == 1 && block[1] == 2 && block[2] == 3);
    assert_true(is_filled(arena, 0xA5, sizeof arena));
}

static int nothing_setup(void **state) {
    (void)state;
    mock_reset();
    memset(arena, 0xA5, sizeof arena);
    return 0;
}

/* Verifies F5, F21. */
static void zeroed_memp_every_call_is_safe(void **state) {
    (void)state;
    FMemp zeroed = {0};

    every_call_is_safe_on(&zeroed);
    assert_true(memp_is_zero(&zeroed));
}

/* Verifies F5, F21, P14. */
static void null_memp_every_call_is_safe(void **state) {
    (void)state;
    every_call_is_safe_on(NULL);
}

/* Verifies F2, F5, F49. */
static void removed_memp_every_call_is_safe(void **state) {
    (void)state;
    FMemp removed = {0};

    assert_int_equal(FMempInit(&removed, arena, arena + 9000), FMEMP_SUCCESS);
    FMempRemove(&removed);
    memset(arena, 0xA5, sizeof arena);
    every_call_is_safe_on(&removed);
}

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)
#define WITH_NOTHING(test) cmocka_unit_test_setup(test, nothing_setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_NOTHING(values_of_the_document_are_exact),
        WITH_NOTHING(header_included_alone_brings_in_core_stdio_and_list),
        WITH_NOTHING(init_valid_region_makes_ready),
        WITH_NOTHING(init_9000_bytes_spends_under_1_kib),
        WITH_HEAP(init_ready_memp_changes_nothing),
        WITH_NOTHING(init_null_or_empty_region_is_an_invalid_buffer),
        WITH_NOTHING(init_region_out_of_reach_is_refused),
        WITH_NOTHING(init_every_small_and_unaligned_region_never_crashes),
        WITH_NOTHING(init_plans_for_its_own_region_only),
        WITH_NOTHING(init_sized_takes_regions_up_to_the_plan),
        WITH_NOTHING(init_sized_below_the_first_region_means_its_size),
        WITH_NOTHING(init_sized_size_max_means_all_that_the_layout_holds),
        WITH_HEAP(remove_with_live_blocks_reads_zero_and_can_init_again),
        WITH_HEAP(deinit_with_live_blocks_reads_zero_and_can_init_again),
        WITH_HEAP(reset_live_blocks_in_all_regions_frees_them),
        WITH_NOTHING(zeroed_memp_every_call_is_safe),
        WITH_NOTHING(null_memp_every_call_is_safe),
        WITH_NOTHING(removed_memp_every_call_is_safe),
    };

    return cmocka_run_group_tests_name("fmemp_init", tests, NULL, NULL);
}
