/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: FMemProbe, FMempGetStats, FMemListAll, and the fault hook.
 */
#include "fmemp_support.h"
#include "support/internals.h"

#include <stdio.h>
#include <stdlib.h>

#define NOT_KNOWN UINT32_MAX

/* ---- probe and statistics ----------------------------------------------------------- */

/* The outer size of live block ptr. */
static size_t outer_size_of(void *ptr) { return size_bytes(block_size(block_of_payload(ptr))); }

/* Verifies F123, F131. */
static void probe_max_used_is_the_true_peak(void **state) {
    (void)state;
    u32 used = 0;
    u32 max_used = 0;
    void *first = FMempMalloc(&memp, 5000);
    void *second = FMempMalloc(&memp, 3000);
    const size_t peak = outer_size_of(first) + outer_size_of(second);

    FMempFree(&memp, second);
    FMempFree(&memp, first);
    void *third = FMempMalloc(&memp, 1000);
    FMemProbe(&memp, NULL, &used, &max_used);
    assert_int_equal(used, TLSF_STATISTICS ? outer_size_of(third) : NOT_KNOWN);
    assert_int_equal(max_used, TLSF_STATISTICS ? peak : NOT_KNOWN);
}

/* Verifies F123. */
static void probe_used_and_peak_follow_realloc_and_aligned_blocks(void **state) {
    (void)state;
    u32 used = 0;
    u32 max_used = 0;
    void *aligned = FMempMallocAlign(&memp, 700, 1024);
    void *payload = FMempMalloc(&memp, 100);
    const size_t small = outer_size_of(payload);
    void *grown = FMempRealloc(&memp, payload, 9000);
    const size_t sum = outer_size_of(aligned) + outer_size_of(grown);

    FMemProbe(&memp, NULL, &used, &max_used);
    assert_int_equal(used, TLSF_STATISTICS ? sum : NOT_KNOWN);
    /* A block that moves occupies both places during the copy. */
    assert_true(!TLSF_STATISTICS || max_used == sum || max_used == sum + small);
    const u32 peak = max_used;
    grown = FMempRealloc(&memp, grown, 50);
    FMemProbe(&memp, NULL, &used, &max_used);
    assert_int_equal(used,
                     TLSF_STATISTICS ? outer_size_of(aligned) + outer_size_of(grown) : NOT_KNOWN);
    assert_int_equal(max_used, peak);
}

/* Verifies F123. */
static void probe_counts_all_regions(void **state) {
    (void)state;
    u32 total = 0;
    u32 total_of_two = 0;
    u32 used = 0;

    FMemProbe(&memp, &total, NULL, NULL);
    assert_in_range(total, (arena_middle - arena_begin) * 9 / 10, arena_middle - arena_begin);
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 40000), FMEMP_SUCCESS);
    FMemProbe(&memp, &total_of_two, NULL, NULL);
    assert_in_range(total_of_two - total, 39000, 40000);
    void *first = FMempMalloc(&memp, 39000);
    void *second = FMempMalloc(&memp, 39000);
    void *third = FMempMalloc(&memp, 39000);
    assert_non_null(third);
    FMemProbe(&memp, NULL, &used, NULL);
    assert_int_equal(used, TLSF_STATISTICS
                               ? outer_size_of(first) + outer_size_of(second) + outer_size_of(third)
                               : NOT_KNOWN);
}

/* No memory of that size is needed: the case writes the core's figures, which are in units of an
 * outer size. */
/* Verifies F125, F126. */
static void probe_past_32_bits_reads_all_ones(void **state) {
    (void)state;
    if (sizeof(void *) == 4) {
        skip(); /* no size exceeds 32 bits */
    }
    control *core = memp.tlsf_ptr;
    const control sound = *core;
    u32 total = 0;
    u32 used = 0;
    u32 max_used = 0;

    core->pool_size = UINT32_MAX / SIZE_UNIT;
    FMemProbe(&memp, &total, NULL, NULL);
    assert_int_equal(total, UINT32_MAX - UINT32_MAX % SIZE_UNIT);
    core->pool_size = core->used = core->peak = (size_t)UINT32_MAX / SIZE_UNIT + 1;
    FMemProbe(&memp, &total, &used, &max_used);
    core->pool_size = sound.pool_size;
    core->used = sound.used;
    core->peak = sound.peak;
    assert_int_equal(total, UINT32_MAX);
    assert_int_equal(used, UINT32_MAX);
    assert_int_equal(max_used, UINT32_MAX);
}

/* Verifies F124. */
static void probe_null_pointers_are_skipped(void **state) {
    (void)state;
    u32 value = 7;

    FMemProbe(&memp, NULL, NULL, NULL);
    FMemProbe(&memp, &value, NULL, NULL);
    assert_int_not_equal(value, 7);
}

/* Verifies F130, F131, F132, F134, F135, F136, F137, F138, F139, F128. */
static void stats_follow_each_call(void **state) {
    (void)state;
    void *first = FMempMalloc(&memp, 100);
    void *second = FMempCalloc(&memp, 10, 20);
    const size_t used = outer_size_of(first) + outer_size_of(second);

    assert_null(FMempMalloc(&memp, SIZE_MAX));
    FMempFree(&memp, FMempMalloc(&memp, 50000));
    const FMempStats stats = stats_now();
    assert_in_range(stats.largest, 1, stats.total_bytes);
    assert_int_equal(stats.used_bytes, TLSF_STATISTICS ? used : FMEMP_STATS_UNKNOWN);
    assert_int_equal(stats.free_bytes,
                     TLSF_STATISTICS ? stats.total_bytes - used : FMEMP_STATS_UNKNOWN);
    assert_int_equal(stats.live_blocks, TLSF_STATISTICS ? 2 : FMEMP_STATS_UNKNOWN);
    assert_int_equal(stats.allocations, TLSF_STATISTICS ? 3 : FMEMP_STATS_UNKNOWN);
    assert_int_equal(stats.frees, TLSF_STATISTICS ? 1 : FMEMP_STATS_UNKNOWN);
    assert_int_equal(stats.failures, TLSF_STATISTICS ? 1 : FMEMP_STATS_UNKNOWN);
    if (TLSF_STATISTICS) {
        assert_in_range(stats.max_used_bytes, used + 50000, stats.total_bytes);
    } else {
        assert_int_equal(stats.max_used_bytes, FMEMP_STATS_UNKNOWN);
    }
}

/* Verifies F133. */
static void stats_largest_is_served_until_it_is_zero(void **state) {
    (void)state;

    while (stats_now().largest != 0) {
        assert_non_null(FMempMalloc(&memp, (fsize_t)stats_now().largest));
    }
    assert_null(FMempMalloc(&memp, 1));
}

/* Verifies F140. */
static void stats_null_is_refused(void **state) {
    (void)state;
    assert_int_equal(FMempGetStats(&memp, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempGetStats(NULL, NULL), FMEMP_ERR_INVALID_BUF);
}

/* ---- the listing -------------------------------------------------------------------- */

/* Verifies F152. */
static void list_all_prints_each_block_of_each_region(void **state) {
    (void)state;
    void *blocks[20];

    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 40000), FMEMP_SUCCESS);
    for (size_t i = 0; i < 20; i++) {
        blocks[i] = FMempMalloc(&memp, 6500);
        assert_non_null(blocks[i]);
    }
    FMempFree(&memp, blocks[7]);
    FMempFree(&memp, blocks[9]);
    FMemListAll(&memp);
    assert_int_equal(printed_count("fmemp: region "), 2);
    for (size_t i = 0; i < 20; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "  %s %s %lu", pointer_text(blocks[i]),
                       i == 7 || i == 9 ? "free" : "used",
                       (unsigned long)(outer_size_of(blocks[i]) - tlsf_alloc_overhead()));
        assert_int_equal(printed_count(line), 1);
    }
    assert_int_equal(printed_count(" used "), 18);
}

/* Whatever the order is in which they were added. */
/* Verifies F152. */
static void list_all_prints_regions_in_the_order_of_addresses(void **state) {
    (void)state;
    enum { REGIONS = 3, REGION_BYTES = 9000 };
    static const size_t orders[][REGIONS] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {1, 0, 2}};

    for (size_t order = 0; order < sizeof orders / sizeof orders[0]; order++) {
        u8 *begins[REGIONS];

        for (size_t i = 0; i < REGIONS; i++) {
            const size_t place = orders[order][i];
            begins[place] = arena_middle + place * REGION_BYTES;
            assert_int_equal(FMempAddRegion(&memp, begins[place], begins[place] + REGION_BYTES),
                             FMEMP_SUCCESS);
        }
        mock_reset();
        FMemListAll(&memp);
        assert_int_equal(printed_count("fmemp: region "), REGIONS + 1);
        const char *at = strstr(mock_printed, "fmemp: region ");
        uintptr_t last = 0;
        for (size_t i = 0; i <= REGIONS; i++) {
            const uintptr_t region = (uintptr_t)strtoull(at + sizeof "fmemp: region", NULL, 16);
            assert_true(region > last);
            last = region;
            at = strstr(at + 1, "fmemp: region ");
        }
        for (size_t i = 0; i < REGIONS; i++) {
            assert_int_equal(FMempRemoveRegion(&memp, begins[i]), FMEMP_SUCCESS);
        }
    }
}

/* Verifies F152. */
static void list_all_prints_summary_and_check(void **state) {
    (void)state;
    char line[96];
    void *first = FMempMalloc(&memp, 100);
    void *second = FMempMalloc(&memp, 100);

    FMempFree(&memp, first);
    FMemListAll(&memp);
    (void)snprintf(line, sizeof line, "used: 1 blocks, %lu bytes; free: 2 blocks, ",
                   (unsigned long)(outer_size_of(second) - tlsf_alloc_overhead()));
    assert_int_equal(printed_count(line), 1);
    (void)snprintf(line, sizeof line, "largest %lu\n", (unsigned long)stats_now().largest);
    assert_int_equal(printed_count(line), 1);
    (void)snprintf(line, sizeof line, "check: %s\n", tlsf_invariant_name(TLSF_SOUND));
    assert_int_equal(printed_count(line), 1);
}

/* Verifies F152. */
static void list_all_adds_up_blocks_of_all_regions(void **state) {
    (void)state;
    char line[128];
    void *blocks[6];
    tlsf_stats_t core;

    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 40000), FMEMP_SUCCESS);
    for (size_t i = 0; i < 6; i++) {
        blocks[i] = FMempMalloc(&memp, 1000 + 100 * i);
    }
    FMempFree(&memp, blocks[1]);
    FMempFree(&memp, blocks[3]);
    size_t used = 0;
    for (size_t i = 0; i < 6; i++) {
        used += i == 1 || i == 3 ? 0 : outer_size_of(blocks[i]);
    }
    (void)tlsf_stats(memp.tlsf_ptr, &core);
    const size_t overhead = tlsf_alloc_overhead(); /* of each of four used and four free blocks */
    (void)snprintf(line, sizeof line, "used: 4 blocks, %lu bytes; free: 4 blocks, %lu bytes; ",
                   (unsigned long)(used - 4 * overhead),
                   (unsigned long)(core.pool_bytes - used - 4 * overhead));
    FMemListAll(&memp);
    assert_int_equal(printed_count(line), 1);
}

/* Verifies F152, F162. */
static void list_all_corrupted_heap_names_the_broken_invariant(void **state) {
    (void)state;
    u8 *first = FMempMalloc(&memp, 100);
    u8 *second = FMempMalloc(&memp, 100);
    char line[96];

    assert_non_null(second);
    /* The first block overruns into the header of the second. */
    memset(first + tlsf_block_size(first), 0xFF, tlsf_alloc_overhead());
    const int broken = tlsf_check(memp.tlsf_ptr);
    assert_int_not_equal(broken, TLSF_SOUND);
    FMemListAll(&memp);
    (void)snprintf(line, sizeof line, "largest 0\nfmemp: check: %s\n", tlsf_invariant_name(broken));
    assert_int_equal(printed_count(line), 1);
    memset(&memp, 0, sizeof memp); /* the heap is broken: keep the teardown from checking it */
}

/* Overwrites the links of a free block. From level 2 on, tlsf_largest would call the hook. */
/* Verifies F162, F164. */
static void list_all_write_into_a_free_block_is_listed_to_the_end(void **state) {
    (void)state;
    u8 *freed = FMempMalloc(&memp, 100);
    char line[96];

    assert_non_null(FMempMalloc(&memp, 100));
    FMempFree(&memp, freed);
    memset(freed, 0x41, 16);
    const int broken = tlsf_check(memp.tlsf_ptr);
    FMemListAll(&memp);
    (void)snprintf(line, sizeof line, "check: %s\n", tlsf_invariant_name(broken));
    assert_int_equal(printed_count(line), 1);
    assert_int_equal(printed_count("largest 0\n"), broken != TLSF_SOUND);
    assert_int_equal(printed_count("fmemp: fault"), 0);
    assert_int_equal(mock_stops, 0);
    memset(&memp, 0, sizeof memp); /* the heap is broken: keep the teardown from checking it */
}

/* A pool begins with its descriptor. */
/* Verifies F163. */
static void list_all_broken_pool_list_prints_no_block(void **state) {
    (void)state;
    char line[96];
    u8 *pool = (u8 *)(void *)memp.pools_list->pool_addr;

    memset(pool, 0xFF, 4);
    FMemListAll(&memp);
    (void)snprintf(line, sizeof line, "check: %s\n", tlsf_invariant_name(TLSF_BROKEN_POOL_LIST));
    assert_int_equal(printed_count(line), 1);
    assert_int_equal(printed_count("fmemp: region "), 0);
    memset(&memp, 0, sizeof memp); /* the heap is broken: keep the teardown from checking it */
}

/* The first word of a sound control structure is always 0. */
/* Verifies F163. */
static void list_all_broken_control_structure_prints_no_block(void **state) {
    (void)state;
    char line[96];

    memset(memp.tlsf_ptr, 0xFF, 4);
    FMemListAll(&memp);
    (void)snprintf(line, sizeof line, "check: %s\n", tlsf_invariant_name(TLSF_BROKEN_CONTROL));
    assert_int_equal(printed_count(line), 1);
    assert_int_equal(printed_count("fmemp: region "), 0);
    memset(&memp, 0, sizeof memp); /* the heap is broken: keep the teardown from checking it */
}

/* Verifies F153. */
static void list_all_changes_nothing(void **state) {
    (void)state;
    static u8 before[ARENA_BYTES];

    assert_non_null(FMempMalloc(&memp, 100));
    memcpy(before, arena, sizeof arena);
    FMemListAll(&memp);
    assert_memory_equal(before, arena, sizeof arena);
}

/* ---- the listing of a heap that changes while it is printed -------------------------- */

enum { KEPT_COUNT = 60, CHURN_COUNT = 40 };

static void *kept[KEPT_COUNT];
static void *churn[CHURN_COUNT];
static uint32_t churn_random;

static uint32_t churn_draw(uint32_t below) {
    churn_random = churn_random * 1664525 + 1013904223;
    return (churn_random >> 8) % below;
}

/* Frees, resizes or allocates a block between the kept ones. */
static void churn_one(void) {
    void **one = &churn[churn_draw(CHURN_COUNT)];
    const size_t bytes = 1 + churn_draw(900);

    if (churn_draw(3) == 0) {
        FMempFree(&memp, *one);
        *one = NULL;
    } else {
        void *moved = FMempRealloc(&memp, *one, bytes);

        *one = moved != NULL ? moved : *one;
    }
}

static void churn_some(void) {
    for (size_t i = 0; i < 5; i++) {
        churn_one();
    }
}

/* A heap with kept blocks between others and between holes. */
static void churn_begin(void) {
    memset(churn, 0, sizeof churn);
    for (size_t i = 0; i < KEPT_COUNT; i++) {
        churn_some();
        kept[i] = FMempMalloc(&memp, 20 + i);
        assert_non_null(kept[i]);
    }
}

/* Each line names bytes above those of the line before. */
static size_t assert_lines_ascend(void) {
    size_t lines = 0;
    uintptr_t end = 0;

    for (const char *line = strstr(mock_printed, "  0x"); line != NULL;
         line = strstr(line + 1, "\n  0x"), line = line == NULL ? NULL : line + 1, lines++) {
        void *payload;
        char use[8];
        unsigned long size;

        assert_int_equal(sscanf(line, " %p %7s %lu", &payload, use, &size), 3);
        assert_true((uintptr_t)payload >= end);
        assert_true((uintptr_t)payload >= (uintptr_t)arena);
        end = (uintptr_t)payload + size;
        assert_true(end <= (uintptr_t)arena + sizeof arena);
    }
    return lines;
}

/* Verifies F11, F154, P17. */
static void list_all_prints_without_the_lock(void **state) {
    (void)state;
    churn_begin();
    FMemListAll(&memp);
    assert_true(assert_lines_ascend() > KEPT_COUNT);
    assert_int_equal(mock_prints_with_lock, 0);
}

/* Verifies F159, F160, F161. */
static void list_all_names_what_lives_all_the_time_once(void **state) {
    (void)state;
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 20000), FMEMP_SUCCESS);
    for (churn_random = 1; churn_random < 200; churn_random++) {
        const uint32_t round = churn_random;

        churn_begin();
        mock_while_printing = churn_some;
        FMemListAll(&memp);
        mock_while_printing = NULL;
        assert_true(assert_lines_ascend() >= KEPT_COUNT);
        for (size_t i = 0; i < KEPT_COUNT; i++) {
            char line[64];
            (void)snprintf(line, sizeof line, "  %s used %lu", pointer_text(kept[i]),
                           (unsigned long)(outer_size_of(kept[i]) - tlsf_alloc_overhead()));
            assert_int_equal(printed_count(line), 1);
        }
        assert_int_equal(printed_count("fmemp: check: sound\n"), 1);
        FMempReset(&memp);
        mock_reset();
        churn_random = round;
    }
}

static void region_replace(void) {
    if (FMempRemoveRegion(&memp, arena_middle) == FMEMP_SUCCESS) {
        assert_int_equal(FMempAddRegion(&memp, arena_middle + 30000, arena_middle + 60000),
                         FMEMP_SUCCESS);
    }
}

/* Verifies F159. */
static void list_all_region_that_goes_is_not_followed(void **state) {
    (void)state;
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 20000), FMEMP_SUCCESS);
    mock_while_printing = region_replace;
    FMemListAll(&memp);
    assert_int_equal(printed_count("fmemp: region "), 2);
    assert_int_equal(printed_count(pointer_text(arena_middle)), 0);
    assert_int_equal(assert_lines_ascend(), 2);
}

static void memp_remove(void) { FMempRemove(&memp); }

/* Verifies F159. */
static void list_all_ends_when_the_memp_is_removed(void **state) {
    (void)state;
    churn_begin();
    mock_while_printing = memp_remove;
    FMemListAll(&memp);
    assert_true(assert_lines_ascend() < KEPT_COUNT);
    assert_int_equal(printed_count("fmemp: check: sound\n"), 1);
}

/* ---- faults ------------------------------------------------------------------------- */

static tlsf_fault_t told;
static size_t told_count;

static void remember_fault(tlsf_t t, const tlsf_fault_t *fault) {
    assert_ptr_equal(t, memp.tlsf_ptr);
    assert_true(mock_lock_is_held);
    told = *fault;
    told_count++;
}

static void skip_without_checks(void) {
    if (TLSF_HARDENING == 0) {
        skip(); /* the library does not check for mistakes */
    }
}

/* Verifies F33, F245, F246, F247, P29. */
static void fault_default_hook_prints_the_fault_and_stops(void **state) {
    (void)state;
    skip_without_checks();
    void *before = FMempMalloc(&memp, 100);
    void *payload = FMempMalloc(&memp, 100);
    void *after = FMempMalloc(&memp, 100);

    assert_non_null(before);
    FMempFree(&memp, payload);
    assert_int_equal(mock_stops, 0);
    FMempFree(&memp, payload);
    assert_int_equal(mock_stops, 1);
    char line[96];
    (void)snprintf(line, sizeof line, "fmemp: fault: double free: block %s, ",
                   pointer_text(payload));
    assert_int_equal(printed_count(line), 1);
    (void)snprintf(line, sizeof line, "; block after it %s, ", pointer_text(after));
    assert_int_equal(printed_count(line), 1);
    assert_int_equal(printed_count("fmemp: likely double free"), FMEMP_DIAGNOSIS);
    assert_true(FMEMP_DIAGNOSIS || printed_count("\n") == 1);
}

/* A hook that the program gives to the core can pass a fault on to FMemp's. */
/* Verifies F246. */
static void fault_default_hook_prints_each_field_that_it_is_given(void **state) {
    (void)state;
    tlsf_fault_t fault;

    memset(&fault, 0, sizeof fault);
    fault.kind = TLSF_FAULT_NEIGHBOUR;
    fault.block = arena + 1;
    fault.size = 1234567;
    fault.before = arena + 2;
    fault.before_size = 2345678;
    fault.after = arena + 3;
    fault.after_size = 3456789;
    const tlsf_fault_hook hook = tlsf_set_fault_hook(memp.tlsf_ptr, NULL);
    assert_non_null(hook);
    hook(memp.tlsf_ptr, &fault);
    assert_int_equal(mock_stops, 1);
    assert_int_equal(printed_count(tlsf_fault_name(TLSF_FAULT_NEIGHBOUR)), 1);
    assert_int_equal(printed_count(pointer_text(arena + 1)), 1);
    assert_int_equal(printed_count("block before it "), 1);
    assert_int_equal(printed_count(pointer_text(arena + 2)), 1);
    assert_int_equal(printed_count(pointer_text(arena + 3)), 1);
    assert_int_equal(printed_count(" 1234567 bytes; "), 1);
    assert_int_equal(printed_count(" 2345678 bytes; "), 1);
    assert_int_equal(printed_count(" 3456789 bytes\n"), 1);
}

static void *freed_twice;

/* Level 0 does not find that: the program has to, and passes it on. */
static void free_twice(void) {
    if (TLSF_HARDENING >= 1) {
        tlsf_free(memp.tlsf_ptr, freed_twice);
    } else {
        pass_fault_on(freed_twice, TLSF_FAULT_DOUBLE_FREE);
    }
}

static void free_again(void) {
    mock_while_printing = NULL;
    free_twice();
}

/* The stop returns in these tests: the one in the report, and then that of the report. */
/* Verifies P20. */
static void fault_inside_the_report_stops_at_once(void **state) {
    (void)state;
    freed_twice = FMempMalloc(&memp, 100);
    assert_non_null(FMempMalloc(&memp, 100));
    FMempFree(&memp, freed_twice);
    mock_while_printing = free_again;
    free_twice();
    assert_int_equal(printed_count("fmemp: fault: "), 1);
    assert_int_equal(mock_stops, 2);
    free_twice();
    assert_int_equal(printed_count("fmemp: fault: "), 2);
    assert_int_equal(mock_stops, 3);
}

/* Verifies F15, F243, F244. */
static void fault_double_free_is_told_and_has_no_effect(void **state) {
    (void)state;
    skip_without_checks();
    void *payload = FMempMalloc(&memp, 100);
    void *guard = FMempMalloc(&memp, 100);

    assert_non_null(guard);
    FMempFree(&memp, payload);
    const FMempStats before = stats_now();
    told_count = 0;
    assert_null(FMempSetFaultHook(&memp, remember_fault));
    FMempFree(&memp, payload);
    assert_null(FMempRealloc(&memp, payload, 50));
    const FMempStats after = stats_now();
    assert_int_equal(told_count, 2);
    assert_int_equal(told.kind, TLSF_FAULT_DOUBLE_FREE);
    assert_ptr_equal(told.block, payload);
    assert_int_equal(after.used_bytes, before.used_bytes);
    assert_int_equal(after.largest, before.largest);
    assert_int_equal(after.frees, before.frees);
    assert_int_equal(mock_stops, 0);
}

/* Verifies F15, F243. */
static void fault_foreign_pointer_is_told(void **state) {
    (void)state;
    skip_without_checks();
    static _Alignas(64) u8 elsewhere[256];
    u8 *payload = FMempMalloc(&memp, 100);

    told_count = 0;
    (void)FMempSetFaultHook(&memp, remember_fault);
    FMempFree(&memp, elsewhere + 128);
    assert_int_equal(told_count, 1);
    FMempFree(&memp, payload + 1);
    assert_int_equal(told_count, 2);
    assert_int_equal(told.kind, TLSF_FAULT_MISALIGNED);
    assert_null(FMempRealloc(&memp, payload + 1, 10));
    assert_int_equal(told_count, 3);
}

/* Verifies F249. */
static void fault_hook_set_returns_the_one_before(void **state) {
    (void)state;
    assert_null(FMempSetFaultHook(&memp, remember_fault));
    assert_ptr_equal(FMempSetFaultHook(&memp, NULL), remember_fault);
    assert_null(FMempSetFaultHook(&memp, NULL));
}

/* Verifies F245. */
static void fault_hook_null_means_the_default(void **state) {
    (void)state;
    skip_without_checks();
    u8 *payload = FMempMalloc(&memp, 100);

    (void)FMempSetFaultHook(&memp, remember_fault);
    (void)FMempSetFaultHook(&memp, NULL);
    FMempFree(&memp, payload + 1);
    assert_int_equal(mock_stops, 1);
    assert_int_equal(printed_count(tlsf_fault_name(TLSF_FAULT_MISALIGNED)), 1);
}

static tlsf_mistake mistake_seen;

static void diagnose_in_hook(tlsf_t t, const tlsf_fault_t *fault) {
    tlsf_diagnosis_t diagnosis;
    mistake_seen = tlsf_diagnose(t, fault, &diagnosis);
}

/* Verifies F248, P31. */
static void fault_hook_may_diagnose(void **state) {
    (void)state;
    skip_without_checks();
    void *payload = FMempMalloc(&memp, 100);
    assert_non_null(FMempMalloc(&memp, 100));
    (void)FMempSetFaultHook(&memp, diagnose_in_hook);
    FMempFree(&memp, payload);
    FMempFree(&memp, payload);
    assert_int_equal(mistake_seen, TLSF_MISTAKE_DOUBLE_FREE);
}

/* Verifies P19, P26, F243. */
static void fault_default_hook_prints_with_the_lock_and_flushes_before_the_stop(void **state) {
    (void)state;
    skip_without_checks();
    void *payload = FMempMalloc(&memp, 100);
    assert_non_null(FMempMalloc(&memp, 100));
    FMempFree(&memp, payload);
    FMempFree(&memp, payload);
    assert_int_equal(mock_stops, 1);
    assert_true(mock_pieces > 0);
    assert_int_equal(mock_prints_with_lock, mock_pieces);
    assert_int_equal(mock_flushes_before_stop, 1);
}

/* Verifies C53, C54, P15, P16, P22. */
static void print_gets_a_line_at_a_time(void **state) {
    (void)state;
    for (size_t i = 0; i < 20; i++) {
        assert_non_null(FMempMalloc(&memp, 10));
    }
    FMemListAll(&memp);
    assert_true(mock_pieces > 20);
    assert_int_equal(mock_pieces, printed_count("\n"));
    assert_true(mock_piece_max <= 127);
}

/* Verifies F11, F155, F157, P12. */
static void list_all_locks_again_for_each_16_blocks(void **state) {
    enum { FEW = 32, MANY = 96, PER_SECTION = 16 };
    size_t locks[2];
    (void)state;
    for (size_t i = 0, blocks = 0; i < 2; i++) {
        for (; blocks < (i == 0 ? FEW : MANY); blocks++) {
            assert_non_null(FMempMalloc(&memp, 10));
        }
        const size_t before = mock_locks;
        FMemListAll(&memp);
        locks[i] = mock_locks - before;
    }
    assert_int_equal(locks[1] - locks[0], (MANY - FEW) / PER_SECTION);
}

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(probe_max_used_is_the_true_peak),
        WITH_HEAP(probe_used_and_peak_follow_realloc_and_aligned_blocks),
        WITH_HEAP(probe_counts_all_regions),
        WITH_HEAP(probe_past_32_bits_reads_all_ones),
        WITH_HEAP(probe_null_pointers_are_skipped),
        WITH_HEAP(stats_follow_each_call),
        WITH_HEAP(stats_largest_is_served_until_it_is_zero),
        WITH_HEAP(stats_null_is_refused),
        WITH_HEAP(list_all_prints_each_block_of_each_region),
        WITH_HEAP(list_all_prints_regions_in_the_order_of_addresses),
        WITH_HEAP(list_all_prints_summary_and_check),
        WITH_HEAP(list_all_adds_up_blocks_of_all_regions),
        WITH_HEAP(list_all_corrupted_heap_names_the_broken_invariant),
        WITH_HEAP(list_all_write_into_a_free_block_is_listed_to_the_end),
        WITH_HEAP(list_all_broken_pool_list_prints_no_block),
        WITH_HEAP(list_all_broken_control_structure_prints_no_block),
        WITH_HEAP(list_all_changes_nothing),
        WITH_HEAP(list_all_prints_without_the_lock),
        WITH_HEAP(list_all_names_what_lives_all_the_time_once),
        WITH_HEAP(list_all_region_that_goes_is_not_followed),
        WITH_HEAP(list_all_ends_when_the_memp_is_removed),
        WITH_HEAP(fault_default_hook_prints_the_fault_and_stops),
        WITH_HEAP(fault_default_hook_prints_each_field_that_it_is_given),
        WITH_HEAP(fault_inside_the_report_stops_at_once),
        WITH_HEAP(fault_double_free_is_told_and_has_no_effect),
        WITH_HEAP(fault_foreign_pointer_is_told),
        WITH_HEAP(fault_hook_set_returns_the_one_before),
        WITH_HEAP(fault_hook_null_means_the_default),
        WITH_HEAP(fault_hook_may_diagnose),
        WITH_HEAP(fault_default_hook_prints_with_the_lock_and_flushes_before_the_stop),
        WITH_HEAP(print_gets_a_line_at_a_time),
        WITH_HEAP(list_all_locks_again_for_each_16_blocks),
    };

    return cmocka_run_group_tests_name("fmemp_reports", tests, NULL, NULL);
}
