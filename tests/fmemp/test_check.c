/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: FMempCheck names what is broken, and where.
 */
#include "fmemp_support.h"
#include "support/fmemp_internals.h"

static u8 image[ARENA_BYTES];
static FMemp memp_image;

static FMempReport checked(FError expected) {
    FMempReport report;

    memset(&report, 0xA5, sizeof report);
    assert_int_equal(FMempCheck(&memp, &report), expected);
    assert_int_equal(FMempCheck(&memp, NULL), expected);
    return report;
}

/* The node of the added region with this address. */
static FMempPoolList *node_at(const u8 *begin) {
    const uintptr_t align = _Alignof(FMempPoolList);

    return (FMempPoolList *)(((uintptr_t)begin + align - 1) / align * align);
}

/* Three regions, the last two added in this order. */
#define LOW arena_middle
#define HIGH (arena_middle + 41003)

static void make_regions(void) {
    assert_int_equal(FMempAddRegion(&memp, LOW, LOW + 40000), FMEMP_SUCCESS);
    assert_int_equal(FMempAddRegion(&memp, HIGH, HIGH + 40000), FMEMP_SUCCESS);
    assert_non_null(FMempMalloc(&memp, 50000));
    assert_non_null(FMempMalloc(&memp, 100));
    memcpy(image, arena, sizeof image);
    memp_image = memp;
}

static void restore(void) {
    memcpy(arena, image, sizeof image);
    memp = memp_image;
}

static void expect_sound(void) {
    const FMempReport report = checked(FMEMP_SUCCESS);

    assert_int_equal(report.broken, TLSF_SOUND);
    assert_string_equal(report.name, tlsf_invariant_name(TLSF_SOUND));
    assert_null(report.region);
    assert_null(report.block);
}

/* Verifies F179, F184, F185, F188. */
static void check_of_sound_regions_finds_nothing_and_changes_nothing(void **state) {
    (void)state;
    expect_sound();
    make_regions();
    expect_sound();
    assert_memory_equal(arena, image, sizeof arena);
    assert_int_equal(FMempRemoveRegion(&memp, LOW), FMEMP_SUCCESS);
    expect_sound();
}

/* Verifies F180, F186, F187, F188. */
static void check_of_a_memp_that_is_not_ready_says_so(void **state) {
    (void)state;
    FMemp zeroed = {0};
    FMempReport report;

    assert_int_equal(FMempCheck(&zeroed, &report), FMEMP_ERR_NOT_READY);
    assert_int_equal(report.broken, TLSF_SOUND);
    assert_null(report.region);
    assert_non_null(report.name);
    assert_int_equal(FMempCheck(NULL, NULL), FMEMP_ERR_NOT_READY);
}

/* A block in an added region. */
static u8 *block_above_first_region(void) {
    u8 *block = NULL;

    while (block < LOW) {
        block = FMEMP_MALLOC(&memp, 30000);
        assert_non_null(block);
    }
    return block;
}

/* A block overruns into the header of the next one. */
/* Verifies F180, F181, F183, F184, F186, F23. */
static void check_names_invariant_region_and_block(void **state) {
    (void)state;
    make_regions();
    u8 *block = block_above_first_region();
    u8 *end = block + tlsf_block_size(block);
    tlsf_report_t core;

    memcpy(image, arena, sizeof image);
    memset(end, 0xFF, tlsf_alloc_overhead());
    const int broken = tlsf_check_report(memp.tlsf_ptr, &core);
    assert_int_not_equal(broken, TLSF_SOUND);
    const FMempReport report = checked(FMEMP_ERR_BROKEN);
    assert_int_equal(report.broken, broken);
    assert_string_equal(report.name, tlsf_invariant_name(broken));
    assert_ptr_equal(report.block, core.block);
    assert_ptr_equal(report.region, block < HIGH ? node_at(LOW) : node_at(HIGH));
    restore();
}

static void expect_broken_regions(const FMempPoolList *last_sound) {
    const FMempReport report = checked(FMEMP_ERR_BROKEN);

    assert_int_equal(report.broken, FMEMP_BROKEN_REGION_LIST);
    assert_string_equal(report.name, "region list");
    assert_ptr_equal(report.region, last_sound);
    restore();
}

/* The list is: the region of the init, HIGH, LOW. */
/* Verifies F177, F181, F182, F190. */
static void check_finds_each_wrong_link_of_the_region_list(void **state) {
    (void)state;
    make_regions();
    FMempPoolList *first = memp.pools_list, *high = node_at(HIGH), *low = node_at(LOW);
    FSListNode *const wrong[] = {
        NULL,                          /* the last region is lost */
        &high->list,                   /* a circle */
        &first->list,                  /* a larger one */
        (FSListNode *)(uintptr_t)0x10, /* nowhere */
        (FSListNode *)(uintptr_t)(SIZE_MAX - 7),
        (FSListNode *)(void *)(arena + 3), /* not aligned */
        (FSListNode *)(void *)((u8 *)&low->list + sizeof(void *)),
        (FSListNode *)(void *)((u8 *)&low->list + 4096), /* in a pool, but not in front of it */
    };

    assert_ptr_equal(FSListNext(&first->list), &high->list);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        high->list.next = wrong[i];
        expect_broken_regions(high);
    }
    first->list.next = &low->list; /* skips one */
    expect_broken_regions(low);
    low->list.next = &high->list; /* after the last */
    expect_broken_regions(low);
}

/* The control structure and the list of pools come first: without them no region is looked at. */
/* Verifies F184, F186. */
static void check_names_a_broken_structure_before_the_regions(void **state) {
    (void)state;
    make_regions();
    const struct {
        u8 *first_word; /* which is 0 in a sound control structure, and a link in a pool */
        int broken;
    } structures[] = {
        {(u8 *)memp.tlsf_ptr, TLSF_BROKEN_CONTROL},
        {(u8 *)node_at(LOW)->pool_addr, TLSF_BROKEN_POOL_LIST},
    };

    for (size_t i = 0; i < sizeof structures / sizeof structures[0]; i++) {
        memset(structures[i].first_word, 0xFF, 4);
        memp.pools_list = (FMempPoolList *)(uintptr_t)8;
        const FMempReport report = checked(FMEMP_ERR_BROKEN);
        assert_int_equal(report.broken, structures[i].broken);
        assert_string_equal(report.name, tlsf_invariant_name(structures[i].broken));
        assert_null(report.region);
        assert_null(report.block);
        restore();
    }
}

/* The lower number wins. The region of the block is not known then. */
/* Verifies F184, F186. */
static void check_names_a_broken_block_before_the_region_list(void **state) {
    (void)state;
    make_regions();
    u8 *block = block_above_first_region();

    memcpy(image, arena, sizeof image);
    memset(block + tlsf_block_size(block), 0xFF, tlsf_alloc_overhead());
    memp.pools_list->list.next = NULL;
    const FMempReport report = checked(FMEMP_ERR_BROKEN);
    assert_in_range(report.broken, TLSF_BROKEN_BLOCK_SIZE, TLSF_BROKEN_GUARD);
    assert_non_null(report.block);
    assert_null(report.region);
    restore();
    expect_sound();
}

/* Verifies F177, F182. */
static void check_finds_each_wrong_pool_of_a_node(void **state) {
    (void)state;
    make_regions();
    FMempPoolList *first = memp.pools_list, *high = node_at(HIGH), *low = node_at(LOW);

    first->pool_addr = high->pool_addr;
    expect_broken_regions(NULL);
    high->pool_addr = low->pool_addr;
    expect_broken_regions(first);
    low->pool_addr = NULL;
    expect_broken_regions(high);
    memp.pools_list = high;
    expect_broken_regions(NULL);
    memp.pools_list = NULL;
    expect_broken_regions(NULL);
}

#if FMEMP_TAGS
/* Verifies F97, F178, F184. */
static void check_finds_a_tag_that_an_overrun_has_reached(void **state) {
    (void)state;
    make_regions();
    u8 *block = block_above_first_region();

    memcpy(image, arena, sizeof image);
    block[FMempBlockSize(&memp, block)] ^= 1;
    const FMempReport report = checked(FMEMP_ERR_BROKEN);
    assert_int_equal(report.broken, FMEMP_BROKEN_TAG);
    assert_string_equal(report.name, "tag");
    assert_ptr_equal(report.block, block);
    assert_ptr_equal(report.region, block < HIGH ? node_at(LOW) : node_at(HIGH));
    restore();
    expect_sound();
}
#endif

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(check_of_sound_regions_finds_nothing_and_changes_nothing),
        WITH_HEAP(check_of_a_memp_that_is_not_ready_says_so),
        WITH_HEAP(check_names_invariant_region_and_block),
        WITH_HEAP(check_finds_each_wrong_link_of_the_region_list),
        WITH_HEAP(check_names_a_broken_structure_before_the_regions),
        WITH_HEAP(check_names_a_broken_block_before_the_region_list),
        WITH_HEAP(check_finds_each_wrong_pool_of_a_node),
#if FMEMP_TAGS
        WITH_HEAP(check_finds_a_tag_that_an_overrun_has_reached),
#endif
    };

    return cmocka_run_group_tests_name("fmemp_check", tests, NULL, NULL);
}
