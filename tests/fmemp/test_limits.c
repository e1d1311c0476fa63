/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: ten thousand regions, and regions whose bytes do not fit in 32 bits.
 *
 * Each case verifies F48, F55, F60, unless it says otherwise.
 */
#include "fmemory_pool.h"

#include <stdlib.h>
#include <string.h>

#include "support/space.h"
#include "support/suite.h"

/* ---- many regions --------------------------------------------------------------------- */

/* At hardening 3 each call takes time linear in the number of regions. */
#define REGIONS ((size_t)(TLSF_HARDENING >= 3 ? 1000 : 10000))
#define STRIDE 512

typedef struct {
    FMemp memp;
    u8 *memory;
    void **blocks;
} many;

static u8 *region_begin(const many *m, size_t i) { return m->memory + (i + 64) * STRIDE + i % 7; }

static FMempStats stats_of(many *m) {
    FMempStats stats;

    assert_int_equal(FMempGetStats(&m->memp, &stats), FMEMP_SUCCESS);
    return stats;
}

static void expect_figures(many *m, u64 total, u64 used) {
    const FMempStats stats = stats_of(m);
    u32 probed = 0;

    FMemProbe(&m->memp, &probed, NULL, NULL);
    assert_int_equal(stats.total_bytes, total);
    assert_int_equal(probed, total);
    assert_int_equal(stats.used_bytes, TLSF_STATISTICS ? used : FMEMP_STATS_UNKNOWN);
    assert_int_equal(stats.largest, 0);
}

/* Adds each region and fills it with one block. */
static void add_all(many *m) {
    for (size_t i = 0; i < REGIONS; i++) {
        u8 *const begin = region_begin(m, i);
        assert_int_equal(FMempAddRegion(&m->memp, begin, begin + STRIDE - 7 - i % 50),
                         FMEMP_SUCCESS);
        const FMempStats stats = stats_of(m);
        m->blocks[i] = FMempMalloc(&m->memp, (fsize_t)stats.largest);
        assert_non_null(m->blocks[i]);
        assert_true((u8 *)m->blocks[i] > begin && (u8 *)m->blocks[i] < begin + STRIDE);
        memset(m->blocks[i], (int)(i & 0xFF), (size_t)stats.largest);
        expect_figures(m, stats.total_bytes, stats.total_bytes);
    }
    assert_int_equal(FSListLen(&m->memp.pools_list->list), REGIONS);
    assert_int_equal(tlsf_check(m->memp.tlsf_ptr), TLSF_SOUND);
}

static void remove_one(many *m, size_t i) {
    u8 *const begin = region_begin(m, i);
    const u64 total = stats_of(m).total_bytes;

    assert_int_equal(FMempRemoveRegion(&m->memp, begin), FMEMP_ERR_REGION_IN_USE);
    assert_int_equal(*(const u8 *)m->blocks[i], i & 0xFF);
    FMempFree(&m->memp, m->blocks[i]);
    assert_int_equal(FMempRemoveRegion(&m->memp, begin), FMEMP_SUCCESS);
    assert_int_equal(FMempRemoveRegion(&m->memp, begin), FMEMP_ERR_INVALID_BUF);
    const FMempStats stats = stats_of(m);
    assert_in_range(total - stats.total_bytes, STRIDE / 2, STRIDE);
    expect_figures(m, stats.total_bytes, stats.total_bytes);
    if (i % (REGIONS / 20) == 0) {
        assert_int_equal(tlsf_check(m->memp.tlsf_ptr), TLSF_SOUND);
    }
}

static void expect_all_come_and_go(size_t (*order)(size_t i)) {
    many m = {.memory = malloc((REGIONS + 65) * STRIDE),
              .blocks = calloc(REGIONS, sizeof(*m.blocks))};

    assert_non_null(m.memory);
    assert_non_null(m.blocks);
    assert_int_equal(FMempInit(&m.memp, m.memory, m.memory + 64 * (size_t)STRIDE), FMEMP_SUCCESS);
    void *filler = FMempMalloc(&m.memp, (fsize_t)stats_of(&m).largest);
    const u64 total = stats_of(&m).total_bytes;
    add_all(&m);
    for (size_t i = 0; i < REGIONS; i++) {
        remove_one(&m, order(i));
    }
    expect_figures(&m, total, total);
    assert_int_equal(FSListLen(&m.memp.pools_list->list), 0);
    FMempFree(&m.memp, filler);
    assert_int_equal(tlsf_check(m.memp.tlsf_ptr), TLSF_SOUND);
    FMempRemove(&m.memp);
    free(m.blocks);
    free(m.memory);
}

static size_t newest_first(size_t i) { return REGIONS - 1 - i; }

static size_t from_both_ends(size_t i) { return i % 2 == 0 ? i / 2 : REGIONS - 1 - i / 2; }

static void regions_ten_thousand_newest_first_leave_nothing(void **state) {
    (void)state;
    expect_all_come_and_go(newest_first);
}

static void regions_ten_thousand_from_both_ends_leave_nothing(void **state) {
    (void)state;
    expect_all_come_and_go(from_both_ends);
}

/* FMempRemove gives back all regions at once, with live blocks or without. The next FMempInit uses
 * the memory again. */
static void regions_ten_thousand_removed_at_once(void **state) {
    many m = {.memory = malloc((REGIONS + 65) * STRIDE),
              .blocks = calloc(REGIONS, sizeof(*m.blocks))};

    (void)state;
    assert_non_null(m.memory);
    assert_non_null(m.blocks);
    assert_int_equal(FMempInit(&m.memp, m.memory, m.memory + 64 * (size_t)STRIDE), FMEMP_SUCCESS);
    const u64 total = stats_of(&m).total_bytes;
    void *filler = FMempMalloc(&m.memp, (fsize_t)stats_of(&m).largest);
    assert_non_null(filler);
    add_all(&m);
    FMempRemove(&m.memp);
    assert_int_equal(FMempInit(&m.memp, m.memory, m.memory + 64 * (size_t)STRIDE), FMEMP_SUCCESS);
    assert_int_equal(stats_of(&m).total_bytes, total);
    assert_non_null(FMempMalloc(&m.memp, (fsize_t)stats_of(&m).largest));
    FMempRemove(&m.memp);
    free(m.blocks);
    free(m.memory);
}

/* ---- regions whose bytes do not fit in 32 bits ----------------------------------------- */

static void expect_saturated(FMemp *memp, size_t bytes) {
    FMempStats stats;
    u32 total = 0;
    u32 used = 0;
    u32 max_used = 0;

    FMemProbe(memp, &total, &used, &max_used);
    assert_int_equal(total, UINT32_MAX);
    assert_int_equal(used, UINT32_MAX);
    assert_int_equal(max_used, UINT32_MAX);
    assert_int_equal(FMempGetStats(memp, &stats), FMEMP_SUCCESS);
    assert_in_range(stats.total_bytes, bytes - 65536, bytes);
    if (TLSF_STATISTICS) {
        assert_in_range(stats.used_bytes, bytes - 300000, bytes);
        assert_int_equal(stats.max_used_bytes, stats.used_bytes);
    }
}

/* Takes all but 200,000 bytes in one block. Allocates, grows and frees others above it. */
static void expect_far_end_works(FMemp *memp, const u8 *region, size_t bytes) {
    FMempStats stats;

    assert_int_equal(FMempGetStats(memp, &stats), FMEMP_SUCCESS);
    u8 *filler = FMempMalloc(memp, (fsize_t)stats.largest - 200000);
    u8 *first = FMempMalloc(memp, 1000);
    u8 *second = FMempMallocAlign(memp, 3000, 4096);
    assert_non_null(filler);
    assert_true(first > region + bytes - 250000 && first < region + bytes);
    assert_true(second > region + bytes - 250000 && second < region + bytes);
    expect_saturated(memp, bytes);
    memset(first, 0x11, 1000);
    memset(second, 0x22, 3000);
    first = FMempRealloc(memp, first, 20000);
    assert_non_null(first);
    assert_int_equal(first[999], 0x11);
    assert_int_equal(second[2999], 0x22);
    FMempFree(memp, second);
    FMempFree(memp, first);
    FMempFree(memp, filler);
    assert_int_equal(tlsf_check(memp->tlsf_ptr), TLSF_SOUND);
}

/* Verifies F66, F125. */
static void huge_region_serves_blocks_at_its_far_end_and_probe_saturates(void **state) {
    (void)state;
    if (sizeof(void *) == 4) {
        SKIP_BECAUSE("no size exceeds 32 bits");
    }
    if (TLSF_LAYOUT == TLSF_COMPACT && TLSF_GRANULE == 4) {
        SKIP_BECAUSE("links reach only 4 GiB");
    }
    if (TLSF_HARDENING >= 3) {
        SKIP_BECAUSE("the library fills every region: that takes too much memory");
    }
    if (TLSF_ROUND_TO_CLASS) {
        SKIP_BECAUSE("rounding to a class gives the first block the whole region");
    }
    const size_t sizes[] = {4 * GIB + 1048576, 6 * GIB, 8 * GIB};
    u8 *space = space_map(8 * GIB);

    if (space == NULL) {
        SKIP_BECAUSE("this machine cannot map 8 GiB of address space");
    }
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        FMemp memp = {0};
        FMempStats stats;
        assert_int_equal(FMempInit(&memp, space, space + sizes[i]), FMEMP_SUCCESS);
        expect_far_end_works(&memp, space, sizes[i]);
        assert_int_equal(FMempGetStats(&memp, &stats), FMEMP_SUCCESS);
        assert_non_null(FMempMalloc(&memp, (fsize_t)stats.largest));
        FMempRemove(&memp);
    }
    space_unmap(space, 8 * GIB);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_ten_thousand_newest_first_leave_nothing),
        cmocka_unit_test(regions_ten_thousand_from_both_ends_leave_nothing),
        cmocka_unit_test(regions_ten_thousand_removed_at_once),
        cmocka_unit_test(huge_region_serves_blocks_at_its_far_end_and_probe_saturates),
    };

    return cmocka_run_group_tests_name("fmemp_limits", tests, NULL, NULL);
}
