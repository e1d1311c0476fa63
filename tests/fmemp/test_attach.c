/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FMempAttach and FMempAttachRegions. After the "reset" the FMemp is zeroed, as in .bss, and the
 * regions are as they were.
 */
#include "fmemp_support.h"
#include "support/internals.h"

static void *blocks[8];
static u8 survived[ARENA_BYTES];

/* Live blocks in the region of the init and in two added ones; then the reset. */
static tlsf_region_t added[2];

static void fill_and_reset(bool with_regions) {
    added[0].begin = arena_middle;
    added[0].bytes = 20000;
    added[1].begin = arena_middle + 30001;
    added[1].bytes = 40000;
    for (size_t i = 0; with_regions && i < 2; i++) {
        u8 *begin = (u8 *)added[i].begin;
        assert_int_equal(FMempAddRegion(&memp, begin, begin + added[i].bytes), FMEMP_SUCCESS);
    }
    for (size_t i = 0; i < 8; i++) {
        blocks[i] = FMEMP_MALLOC(&memp, with_regions ? 15000 : 3000);
        assert_non_null(blocks[i]);
        memset(blocks[i], (int)i, 3000);
    }
    FMEMP_FREE(&memp, blocks[3]);
    memcpy(survived, arena, sizeof survived);
    memset(&memp, 0, sizeof memp);
}

static void expect_blocks(void) {
    FMempReport report;

    for (size_t i = 0; i < 8; i++) {
        assert_true(i == 3 || is_filled(blocks[i], (u8)i, 3000));
    }
    assert_int_equal(FMempCheck(&memp, &report), FMEMP_SUCCESS);
    for (size_t i = 0; i < 8; i++) {
        FMempFree(&memp, i == 3 ? NULL : blocks[i]);
    }
    assert_int_equal(mock_stops, 0);
}

/* Verifies F191, F193, F195. */
static void attach_gives_the_blocks_of_one_region(void **state) {
    (void)state;
    FMempReport lost;

    fill_and_reset(false);
    memset(&lost, 0xFF, sizeof lost);
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, &lost), FMEMP_SUCCESS);
    assert_int_equal(lost.broken, TLSF_SOUND);
    assert_string_equal(lost.name, tlsf_invariant_name(TLSF_SOUND));
    assert_int_equal(memp.is_ready, FT_COMPONENT_IS_READY);
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, NULL), FMEMP_ERR_ALREADY_INIT);
    expect_blocks();
}

/* Verifies F201. */
static void attach_gives_the_blocks_of_all_regions(void **state) {
    (void)state;

    for (size_t order = 0; order < 2; order++) {
        fill_and_reset(true);
        const tlsf_region_t given[] = {added[order], added[1 - order]};
        assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, given, 2, NULL),
                         FMEMP_SUCCESS);
        expect_blocks();
        assert_int_equal(FMempRemoveRegion(&memp, added[0].begin), FMEMP_SUCCESS);
        assert_int_equal(FMempRemoveRegion(&memp, added[1].begin), FMEMP_SUCCESS);
    }
}

/* Verifies F195, F201. */
static void attach_to_other_regions_is_refused(void **state) {
    (void)state;

    fill_and_reset(true);
    const tlsf_region_t twice[] = {added[0], added[0]};
    const tlsf_region_t third[] = {added[0], added[1], {arena_middle + 80000, 5000}};
    const tlsf_region_t all[] = {{arena_middle, 90000}, added[1]};
    const tlsf_region_t same[] = {{arena_middle, 90000}, {arena_middle, 90000}};
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, NULL), FMEMP_ERR_BROKEN);
    assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, twice, 2, NULL),
                     FMEMP_ERR_BROKEN);
    assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, third, 3, NULL),
                     FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, same, 2, NULL),
                     FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, all, 1, NULL),
                     FMEMP_ERR_INVALID_BUF); /* a region with two pools */
    assert_int_equal(memp.is_ready, 0);
    assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, all, 2, NULL),
                     FMEMP_SUCCESS);
    expect_blocks();
}

/* Two regions for the pools of two, of which the first holds both: the other is none. */
/* Verifies F195, F201. */
static void attach_to_a_region_without_a_pool_is_refused(void **state) {
    (void)state;

    fill_and_reset(true);
    const tlsf_region_t none[] = {{NULL, 100},
                                  {arena_middle + 5, 0},
                                  {arena_middle + 5, sizeof(FMempPoolList)},
                                  {arena_middle + 80000, 5000},
                                  {blocks[7], 5000}};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        const tlsf_region_t given[] = {{arena_middle, 90000}, none[i]};
        const tlsf_region_t backwards[] = {none[i], {arena_middle, 90000}};
        FMempReport lost;

        assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, given, 2, &lost),
                         FMEMP_ERR_INVALID_BUF);
        assert_int_equal(lost.broken, TLSF_SOUND);
        assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, backwards, 2, &lost),
                         FMEMP_ERR_INVALID_BUF);
        assert_int_equal(memp.is_ready, 0);
    }
    assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, added, 2, NULL),
                     FMEMP_SUCCESS);
    expect_blocks();
}

/* A sound heap, but no init of an FMemp has made it: its oldest pool lies in another region. */
/* Verifies F195, F201. */
static void attach_heap_whose_oldest_pool_is_elsewhere_is_refused(void **state) {
    (void)state;
    FMempReport lost;

    u8 *const rest = (u8 *)(memp.pools_list + 1);
    const tlsf_region_t pool = {arena_middle, 20000};
    memset(&memp, 0, sizeof memp);
    tlsf_t t = tlsf_create(rest);
    assert_non_null(tlsf_add_pool(t, pool.begin, pool.bytes));
    assert_int_equal(FMempAttachRegions(&memp, arena_begin, arena_middle, &pool, 1, &lost),
                     FMEMP_ERR_INVALID_BUF);
    assert_int_equal(lost.broken, TLSF_SOUND);
    assert_int_equal(memp.is_ready, 0);
}

/* Verifies F192, F195, F196. */
static void attach_bad_arguments_are_refused(void **state) {
    (void)state;

    fill_and_reset(false);
    assert_int_equal(FMempAttach(NULL, arena_begin, arena_middle, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempAttach(&memp, NULL, arena_middle, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempAttach(&memp, arena_middle, arena_begin, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_begin + 8, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(memp.is_ready, 0);
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, NULL), FMEMP_SUCCESS);
}

/* Verifies F192, F195, F196, F23. */
static void attach_broken_heap_is_refused_and_init_works(void **state) {
    (void)state;
    FMempReport lost;

    fill_and_reset(false);
    memset((u8 *)blocks[5] + 3000, 0, 200);
    memcpy(survived, arena, sizeof survived);
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, &lost), FMEMP_ERR_BROKEN);
    assert_in_range(lost.broken, TLSF_BROKEN_CONTROL, TLSF_BROKEN_FILL);
    assert_string_equal(lost.name, tlsf_invariant_name(lost.broken));
    assert_memory_equal(survived, arena, sizeof survived);
    assert_int_equal(FMempInit(&memp, arena_begin, arena_middle), FMEMP_SUCCESS);
}

static void stale_hook(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    fail_msg("the hook of the program before was called");
}

/* Verifies F198. */
static void attach_sets_the_default_fault_hook(void **state) {
    (void)state;

    (void)FMempSetFaultHook(&memp, stale_hook);
    fill_and_reset(false);
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, NULL), FMEMP_SUCCESS);
    if (TLSF_HARDENING >= 1) {
        FMempFree(&memp, (u8 *)blocks[0] + 1);
        assert_int_equal(mock_stops, 1);
        assert_int_equal(printed_count("fmemp: fault: "), 1);
    }
    assert_null(FMempSetFaultHook(&memp, NULL));
}

/* The strings of tags belong to the program before. */
static int expect_no_place(const FMempBlock *found, void *user) {
    size_t *used = user;

    *used += found->used != 0;
    assert_null(found->tag.file);
    assert_null(found->caller);
    assert_int_equal(found->tag.status,
                     found->used && FMEMP_TAGS ? FMEMP_TAG_INTACT : FMEMP_TAG_NONE);
    return 1;
}

/* Verifies F200. */
static void attach_forgets_the_places_of_the_program_before(void **state) {
    (void)state;
    size_t used = 0;

    fill_and_reset(false);
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, NULL), FMEMP_SUCCESS);
    assert_int_equal(FMempWalk(&memp, expect_no_place, &used), FMEMP_SUCCESS);
    assert_int_equal(used, 7);
    FMemListAll(&memp);
    assert_int_equal(printed_count("test_attach.c"), 0);
}

static size_t failures_told;

static void tell_failure(FMemp *of, const FMempFailure *failure) {
    (void)of;
    (void)failure;
    failures_told++;
}

/* Verifies F199. */
static void attach_has_no_failure_hook(void **state) {
    (void)state;
    assert_null(FMempSetFailureHook(&memp, tell_failure));
    fill_and_reset(false);
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, NULL), FMEMP_SUCCESS);
    assert_null(FMempMalloc(&memp, SIZE_MAX));
    assert_int_equal(failures_told, 0);
    assert_null(FMempSetFailureHook(&memp, NULL));
    expect_blocks();
}

/* Verifies F194, F192. */
static void attach_counts_broken_statistics_again(void **state) {
    (void)state;
    FMempReport lost;
    const tlsf_t core = memp.tlsf_ptr;

    if (!TLSF_STATISTICS) {
        skip(); /* nothing can be wrong */
    }
    FMempFree(&memp, FMempMalloc(&memp, 40000)); /* a peak that is lost */
    fill_and_reset(false);
    control_of(core)->used += 4;
    assert_int_equal(FMempAttach(&memp, arena_begin, arena_middle, &lost), FMEMP_SUCCESS);
    assert_int_equal(lost.broken, TLSF_BROKEN_STATISTICS);
    assert_int_equal(stats_now().live_blocks, 7);
    assert_int_equal(stats_now().max_used_bytes, stats_now().used_bytes);
    expect_blocks();
}

#define WITH_HEAP(case) cmocka_unit_test_setup_teardown(case, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(attach_gives_the_blocks_of_one_region),
        WITH_HEAP(attach_gives_the_blocks_of_all_regions),
        WITH_HEAP(attach_to_other_regions_is_refused),
        WITH_HEAP(attach_to_a_region_without_a_pool_is_refused),
        WITH_HEAP(attach_heap_whose_oldest_pool_is_elsewhere_is_refused),
        WITH_HEAP(attach_bad_arguments_are_refused),
        WITH_HEAP(attach_broken_heap_is_refused_and_init_works),
        WITH_HEAP(attach_sets_the_default_fault_hook),
        WITH_HEAP(attach_forgets_the_places_of_the_program_before),
        WITH_HEAP(attach_has_no_failure_hook),
        WITH_HEAP(attach_counts_broken_statistics_again),
    };
    return cmocka_run_group_tests_name("fmemp_attach", tests, NULL, NULL);
}
