/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: the failure hook hears of each request that is not served, and why.
 */
#include "fmemp_support.h"

static FMempFailure told;
static size_t told_count;
static size_t fault_count;

static void remember(FMemp *of, const FMempFailure *failure) {
    assert_ptr_equal(of, &memp);
    assert_false(mock_lock_is_held);
    told = *failure;
    told_count++;
}

static void count_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    fault_count++;
}

static int failures_setup(void **state) {
    const int result = heap_setup(state);

    told_count = fault_count = 0;
    (void)FMempSetFaultHook(&memp, count_fault);
    return result != 0 || FMempSetFailureHook(&memp, remember) != NULL;
}

/* The call fails, and the hook hears of it once. */
#define EXPECT_TOLD(call, bytes, alignment, block) \
    do { \
        const size_t count = told_count; \
        assert_null(call); \
        assert_int_equal(told_count, count + 1); \
        assert_int_equal(told.nbytes, bytes); \
        assert_int_equal(told.align, alignment); \
        assert_ptr_equal(told.ptr, block); \
    } while (0)

#define EXPECT_NOT_TOLD(call) \
    do { \
        const size_t count = told_count; \
        (void)(call); \
        assert_int_equal(told_count, count); \
    } while (0)

#define BLOCKS_MAX 120

/* Fills the heap with blocks, and frees each second one. Returns one that is live. */
static void *fragment(void) {
    void *blocks[BLOCKS_MAX] = {NULL};
    size_t count = 0;

    while (stats_now().largest >= 900) {
        assert_in_range(count, 0, BLOCKS_MAX - 1);
        blocks[count++] = FMempMalloc(&memp, 900);
    }
    for (size_t i = 1; i < count; i += 2) {
        FMempFree(&memp, blocks[i]);
    }
    return blocks[2];
}

/* ---- what is told ---------------------------------------------------------------------- */

/* Verifies F215, F216, F217, F223, F224. */
static void hook_hears_of_each_kind_of_request(void **state) {
    (void)state;
    void *live = FMempMalloc(&memp, 100);
    const fsize_t many = 150000; /* more than the heap has */

    EXPECT_TOLD(FMempMalloc(&memp, many), many, 0, NULL);
    EXPECT_TOLD(FMempCalloc(&memp, many / 10, 10), many, 0, NULL);
    EXPECT_TOLD(FMempMallocAlign(&memp, many, 64), many, 64, NULL);
    EXPECT_TOLD(FMempRealloc(&memp, NULL, many), many, 0, NULL);
    EXPECT_TOLD(FMempRealloc(&memp, live, many), many, 0, live);
    EXPECT_TOLD(FMempReallocAlign(&memp, live, many, 128), many, 128, live);
    EXPECT_TOLD(FMEMP_MALLOC(&memp, many), many, 0, NULL);
    EXPECT_TOLD(FMEMP_CALLOC(&memp, 10, many / 10), many, 0, NULL);
    EXPECT_TOLD(FMEMP_MALLOC_ALIGN(&memp, many, 32), many, 32, NULL);
    EXPECT_TOLD(FMEMP_REALLOC(&memp, live, many), many, 0, live);
    EXPECT_TOLD(FMEMP_REALLOC_ALIGN(&memp, live, many, 32), many, 32, live);
    assert_true(!TLSF_STATISTICS || stats_now().failures == told_count);
    assert_int_equal(FMempLooksLive(&memp, live), 1);
    assert_int_equal(fault_count, 0);
}

/* Once for the request, and once behind the hook. A request that is served locks as without. */
/* Verifies F10, F234, P11. */
static void hook_costs_one_more_section_with_the_lock(void **state) {
    (void)state;
    void *block = FMempMalloc(&memp, 10);
    size_t locks = mock_locks;

    EXPECT_TOLD(FMempMalloc(&memp, SIZE_MAX), SIZE_MAX, 0, NULL);
    assert_int_equal(mock_locks - locks, 2);
    locks = mock_locks;
    block = FMempRealloc(&memp, block, 12);
    assert_non_null(block);
    assert_int_equal(mock_locks - locks, 1);
}

/* Verifies F221, F222. */
static void hook_learns_who_asked(void **state) {
    (void)state;
    const int line = __LINE__ + 1;
    EXPECT_TOLD(FMEMP_MALLOC(&memp, 150000), 150000, 0, NULL);

    if (FMEMP_TAGS) {
        assert_string_equal(told.file, __FILE__);
        assert_int_equal(told.line, line);
        assert_string_equal(told.msg, __func__);
    } else {
        assert_null(told.file);
    }
    EXPECT_TOLD(FMempMalloc(&memp, 150000), 150000, 0, NULL);
    assert_null(told.file);
    assert_null(told.msg);
    assert_int_equal(told.line, 0);
    if (FMEMP_CALL_SITES) {
        const uintptr_t function = (uintptr_t)hook_learns_who_asked;
        assert_in_range((uintptr_t)told.caller, function, function + 4096);
    } else {
        assert_null(told.caller);
    }
}

/* The line of a failure is that of its block's tag. */
/* Verifies F109, F221. */
static void hook_learns_the_line_as_a_tag_keeps_it(void **state) {
    (void)state;
    const unsigned long line = 0x89ABCDEF;

    assert_int_equal(sizeof told.line, sizeof((FMempTag *)0)->line);
#if FMEMP_TAGS
    FMempBlock found;
    const void *block = FMempMallocTag(&memp, 10, "file.c", line, "here");

    assert_int_equal(FMempLocate(&memp, block, &found), 1);
    EXPECT_TOLD(FMempMallocTag(&memp, 150000, "file.c", line, "here"), 150000, 0, NULL);
    assert_int_equal(told.line, found.tag.line);
    assert_int_equal(told.line, line);
#endif
    (void)line;
}

static void expect_figures(void) {
    FMempSurvey survey;

    assert_int_equal(FMempGetSurvey(&memp, &survey), FMEMP_SUCCESS);
    assert_int_equal(told.largest, survey.largest_free);
    assert_int_equal(told.free_bytes, survey.free_bytes);
    assert_int_equal(told.free_blocks, survey.free_blocks);
}

/* Verifies F218, F219, F220, F228, F229. */
static void reason_tells_no_memory_from_no_memory_in_one_piece(void **state) {
    (void)state;
    void *live = fragment();

    EXPECT_TOLD(FMempMalloc(&memp, 3000), 3000, 0, NULL);
    assert_int_equal(told.reason, TLSF_REASON_FRAGMENTED);
    assert_true(told.free_bytes > 3000 && told.largest < 3000 && told.free_blocks > 10);
    expect_figures();
    EXPECT_TOLD(FMempRealloc(&memp, live, 3000), 3000, 0, live);
    assert_int_equal(told.reason, TLSF_REASON_FRAGMENTED);
    EXPECT_TOLD(FMempMallocAlign(&memp, 2000, 1024), 2000, 1024, NULL);
    assert_int_equal(told.reason, TLSF_REASON_FRAGMENTED);
    const fsize_t all = told.free_bytes;
    EXPECT_TOLD(FMempMalloc(&memp, all), all, 0, NULL);
    assert_int_equal(told.reason, TLSF_REASON_MEMORY);
    expect_figures();
}

/* Verifies F218, F219, F220, F228. */
static void reason_of_a_full_heap_is_memory(void **state) {
    (void)state;
    assert_non_null(FMempMalloc(&memp, (fsize_t)stats_now().largest));
    EXPECT_TOLD(FMempMalloc(&memp, 1), 1, 0, NULL);
    assert_int_equal(told.reason, TLSF_REASON_MEMORY);
    assert_int_equal(told.largest, 0);
    assert_int_equal(told.free_blocks, 0);
    assert_int_equal(told.free_bytes, 0);
}

/* Verifies F215, F226, F227. */
static void reason_of_what_can_never_be_served_is_plan_or_alignment(void **state) {
    (void)state;
    void *live = FMempMalloc(&memp, 100);

    EXPECT_TOLD(FMempMalloc(&memp, SIZE_MAX), SIZE_MAX, 0, NULL);
    assert_int_equal(told.reason, TLSF_REASON_PLAN);
    EXPECT_TOLD(FMempCalloc(&memp, SIZE_MAX / 2 + 1, 2), SIZE_MAX, 0, NULL);
    assert_int_equal(told.reason, TLSF_REASON_PLAN);
    EXPECT_TOLD(FMempMallocAlign(&memp, 100, 3), 100, 3, NULL);
    assert_int_equal(told.reason, TLSF_REASON_ALIGNMENT);
    EXPECT_TOLD(FMempReallocAlign(&memp, live, 100, 3), 100, 3, live);
    assert_int_equal(told.reason, TLSF_REASON_ALIGNMENT);
    EXPECT_TOLD(FMempReallocAlign(&memp, live, 0, 3), 0, 3, live); /* frees nothing */
    assert_int_equal(FMempLooksLive(&memp, live), 1);
}

/* ---- faults ---------------------------------------------------------------------------- */

/* Verifies F231. */
static void reason_of_a_wrong_pointer_is_none(void **state) {
    (void)state;
    u8 *freed = FMempMalloc(&memp, 100);
    void *live = fragment();

    if (TLSF_HARDENING == 0) {
        skip(); /* the library does not check for mistakes */
    }
    FMempFree(&memp, freed);
    EXPECT_TOLD(FMempRealloc(&memp, freed, 200), 200, 0, freed);
    assert_int_equal(told.reason, TLSF_REASON_NONE);
    EXPECT_TOLD(FMempRealloc(&memp, (u8 *)live + 1, 30000), 30000, 0, (u8 *)live + 1);
    assert_int_equal(told.reason, TLSF_REASON_NONE); /* though there would be no room, either */
    assert_int_equal(fault_count, 2);
}

/* Verifies F231. */
static void reason_in_a_broken_heap_is_broken(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 100);

    if (TLSF_HARDENING < 2) {
        skip(); /* the library does not check for corruption */
    }
    memset(block, 0xEE, 1000); /* reaches into the only free block, which lies behind */
    EXPECT_TOLD(FMempMalloc(&memp, 100), 100, 0, NULL);
    assert_int_equal(told.reason, TLSF_REASON_BROKEN);
    assert_int_equal(fault_count, 1);
    memset(&memp, 0, sizeof memp); /* the heap is broken: keep the teardown from checking it */
}

#if TLSF_HARDENING == 0

/* A request that is too large looks at no header. At other levels it finds the fault. */
/* Verifies F232. */
static void reason_at_hardening_0_of_a_block_with_a_broken_neighbour_is_broken(void **state) {
    (void)state;
    void *live = FMempMalloc(&memp, 100);
    u8 *next = FMempMalloc(&memp, 100);

    memset(next - tlsf_alloc_overhead(), 0, tlsf_alloc_overhead());
    EXPECT_TOLD(FMempRealloc(&memp, live, SIZE_MAX), SIZE_MAX, 0, live);
    assert_int_equal(told.reason, TLSF_REASON_BROKEN);
    assert_int_equal(fault_count, 0);
    memset(&memp, 0, sizeof memp); /* the heap is broken: keep the teardown from checking it */
}

#endif

/* ---- what is not told ------------------------------------------------------------------ */

/* Verifies F224, F225. */
static void hook_hears_nothing_of_what_is_no_failure(void **state) {
    (void)state;
    FMemp zeroed = {0};
    void *block = FMempMalloc(&memp, 100);

    EXPECT_NOT_TOLD(block = FMempRealloc(&memp, block, 5000));
    EXPECT_NOT_TOLD(block = FMempReallocAlign(&memp, block, 50, 512));
    EXPECT_NOT_TOLD(FMempRealloc(&memp, block, 0));
    EXPECT_NOT_TOLD(FMempReallocAlign(&memp, FMempMalloc(&memp, 10), 0, 64));
    EXPECT_NOT_TOLD(FMempFree(&memp, NULL));
    EXPECT_NOT_TOLD(FMempMalloc(&memp, 0));
    EXPECT_NOT_TOLD(FMempMalloc(&zeroed, 10));
    EXPECT_NOT_TOLD(FMempMalloc(NULL, 10));
    EXPECT_NOT_TOLD(FMempAddRegion(&memp, arena_middle, arena_middle + 5));
    assert_int_equal(told_count, 0);
}

/* ---- requests with a hook -------------------------------------------------------------- */

/* Verifies F224. */
static void requests_with_a_hook_are_served_as_without(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 100);

    memset(block, 0x5C, 100);
    assert_non_null(FMempMalloc(&memp, 10)); /* in the way */
    block = FMempRealloc(&memp, block, 3000);
    assert_true(is_filled(block, 0x5C, 100));
    block = FMempReallocAlign(&memp, block, 80, 1024);
    assert_true(is_aligned(block, 1024) && is_filled(block, 0x5C, 80));
    u8 *zeroed = FMempCalloc(&memp, 70, 11);
    assert_true(is_filled(zeroed, 0, 770));
    assert_true(is_aligned(FMempMallocAlign(&memp, 10, 4096), 4096));
    const fsize_t largest = (fsize_t)stats_now().largest;
    assert_null(FMempMalloc(&memp, largest + 1));
    assert_non_null(FMempMalloc(&memp, largest));
    FMemListAll(&memp);
    assert_int_equal(printed_count("overwritten"), 0);
}

/* ---- what a hook may do ---------------------------------------------------------------- */

static void *reserve;

static void free_the_reserve(FMemp *of, const FMempFailure *failure) {
    remember(of, failure);
    FMempFree(of, reserve);
    reserve = NULL;
}

/* Verifies F234, F235. */
static void hook_may_free_memory_for_the_next_try(void **state) {
    (void)state;
    assert_ptr_equal(FMempSetFailureHook(&memp, free_the_reserve), remember);
    reserve = FMempMalloc(&memp, 20000);
    assert_non_null(FMempMalloc(&memp, (fsize_t)stats_now().largest));
    assert_null(FMempMalloc(&memp, 10000));
    assert_int_equal(told_count, 1);
    assert_non_null(FMempMalloc(&memp, 10000));
    assert_int_equal(told_count, 1);
}

static void ask_for_too_much(FMemp *of, const FMempFailure *failure) {
    remember(of, failure);
    assert_null(FMempMalloc(of, SIZE_MAX));
    assert_null(FMempReallocAlign(of, NULL, 1, 3));
    assert_int_equal(FMempAddRegion(of, arena_middle, arena_middle + 40000), FMEMP_SUCCESS);
    assert_non_null(FMempMalloc(of, 30000));
}

/* Verifies F236. */
static void hook_whose_own_requests_fail_is_not_called_again(void **state) {
    (void)state;
    (void)FMempSetFailureHook(&memp, ask_for_too_much);
    assert_non_null(FMempMalloc(&memp, (fsize_t)stats_now().largest));
    EXPECT_TOLD(FMempMalloc(&memp, 10), 10, 0, NULL);
    (void)FMempSetFailureHook(&memp, remember);
    EXPECT_TOLD(FMempMalloc(&memp, 40000), 40000, 0, NULL); /* it is called for the next one */
}

static FError init_again(FMemp *of) { return FMempInit(of, arena_begin, arena_middle); }

static FError attach_again(FMemp *of) { return FMempAttach(of, arena_begin, arena_middle, NULL); }

static FError (*begin_again)(FMemp *of);

static void begin_anew(FMemp *of, const FMempFailure *failure) {
    remember(of, failure);
    FMempRemove(of);
    assert_int_equal(begin_again(of), FMEMP_SUCCESS);
    assert_null(FMempSetFailureHook(of, remember));
    EXPECT_NOT_TOLD(FMempMalloc(of, SIZE_MAX));
}

/* Verifies F236. */
static void hook_that_begins_the_memp_anew_is_not_called_again(void **state) {
    (void)state;
    FError (*const ways[])(FMemp *) = {init_again, attach_again};

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        begin_again = ways[i];
        (void)FMempSetFailureHook(&memp, begin_anew);
        EXPECT_TOLD(FMempMalloc(&memp, SIZE_MAX), SIZE_MAX, 0, NULL);
        EXPECT_TOLD(FMempMalloc(&memp, SIZE_MAX), SIZE_MAX, 0, NULL);
    }
}

/* ---- setting it ------------------------------------------------------------------------ */

/* Verifies F237, F239. */
static void set_returns_the_hook_before_and_null_takes_it_away(void **state) {
    (void)state;
    FMemp zeroed = {0};

    assert_ptr_equal(FMempSetFailureHook(&memp, ask_for_too_much), remember);
    assert_ptr_equal(FMempSetFailureHook(&memp, NULL), ask_for_too_much);
    assert_null(FMempSetFailureHook(&memp, NULL));
    EXPECT_NOT_TOLD(FMempMalloc(&memp, SIZE_MAX));
    assert_null(FMempSetFailureHook(&memp, remember));
    EXPECT_TOLD(FMempMalloc(&memp, SIZE_MAX), SIZE_MAX, 0, NULL);
    assert_null(FMempSetFailureHook(&zeroed, remember));
    assert_null(FMempSetFailureHook(NULL, remember));
    assert_null(zeroed.failure_hook);
}

/* Verifies F238. */
static void remove_takes_the_hook_away(void **state) {
    (void)state;
    static const FMemp zeros;

    FMempRemove(&memp);
    assert_memory_equal(&memp, &zeros, sizeof memp);
    assert_int_equal(FMempInit(&memp, arena_begin, arena_middle), FMEMP_SUCCESS);
    EXPECT_NOT_TOLD(FMempMalloc(&memp, SIZE_MAX));
    assert_null(FMempSetFailureHook(&memp, NULL));
}

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, failures_setup, heap_teardown)

#if FMEMP_TAGS + FMEMP_CALL_SITES == 0 /* else sizes are others */
/* Two free blocks of one class: the first of its list is too small, and the other is not met.
 * Verifies F230. */
static void reason_of_a_block_that_the_search_does_not_meet_is_search(void **state) {
    const size_t outer[] = {97 * TLSF_GRANULE, 96 * TLSF_GRANULE, 65 * TLSF_GRANULE};
    void *holes[3];
    (void)state;

    if (TLSF_LOOK_AHEAD > 1 || TLSF_ROUND_TO_CLASS || TLSF_HARDENING >= 3) {
        skip(); /* the search meets both, or sizes are others */
    }
    for (size_t i = 0; i < 3; i++) {
        holes[i] = FMempMalloc(&memp, outer[i] - tlsf_alloc_overhead());
        assert_non_null(FMempMalloc(&memp, 10));
    }
    assert_non_null(FMempMalloc(&memp, (fsize_t)stats_now().largest));
    for (size_t i = 0; i < 3; i++) {
        FMempFree(&memp, holes[i]);
    }
    const fsize_t wanted = outer[0] - tlsf_alloc_overhead();
    EXPECT_TOLD(FMempMalloc(&memp, wanted), wanted, 0, NULL);
    assert_int_equal(told.reason, TLSF_REASON_SEARCH);
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(hook_hears_of_each_kind_of_request),
        WITH_HEAP(hook_costs_one_more_section_with_the_lock),
        WITH_HEAP(hook_learns_who_asked),
        WITH_HEAP(hook_learns_the_line_as_a_tag_keeps_it),
        WITH_HEAP(reason_tells_no_memory_from_no_memory_in_one_piece),
        WITH_HEAP(reason_of_a_full_heap_is_memory),
        WITH_HEAP(reason_of_what_can_never_be_served_is_plan_or_alignment),
        WITH_HEAP(reason_of_a_wrong_pointer_is_none),
        WITH_HEAP(reason_in_a_broken_heap_is_broken),
#if TLSF_HARDENING == 0
        WITH_HEAP(reason_at_hardening_0_of_a_block_with_a_broken_neighbour_is_broken),
#endif
        WITH_HEAP(hook_hears_nothing_of_what_is_no_failure),
        WITH_HEAP(requests_with_a_hook_are_served_as_without),
        WITH_HEAP(hook_may_free_memory_for_the_next_try),
        WITH_HEAP(hook_whose_own_requests_fail_is_not_called_again),
        WITH_HEAP(hook_that_begins_the_memp_anew_is_not_called_again),
        WITH_HEAP(set_returns_the_hook_before_and_null_takes_it_away),
        WITH_HEAP(remove_takes_the_hook_away),
#if FMEMP_TAGS + FMEMP_CALL_SITES == 0
        cmocka_unit_test_setup_teardown(reason_of_a_block_that_the_search_does_not_meet_is_search,
                                        failures_setup, heap_teardown),
#endif
    };

    return cmocka_run_group_tests_name("fmemp_failures", tests, NULL, NULL);
}
