/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: each call takes the lock and releases it, on every path; once, but for FMemListAll. The mocked lock
 * fails the test if a call takes it twice or releases it with another state.
 */
#include "fmemp_support.h"

#define LOCKED_ONCE(call) \
    do { \
        const size_t locks_before = mock_locks; \
        (void)(call); \
        assert_int_equal(mock_locks - locks_before, 1); \
        assert_false(mock_lock_is_held); \
    } while (0)

/* FMemListAll takes the lock for each of its steps. */
#define LOCKED_IN_STEPS(call) \
    do { \
        const size_t locks_before = mock_locks; \
        (void)(call); \
        assert_true(mock_locks > locks_before); \
        assert_false(mock_lock_is_held); \
    } while (0)

static size_t faults_with_lock, faults_without_lock;

static void count_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    faults_with_lock += mock_lock_is_held;
    faults_without_lock += !mock_lock_is_held;
}

static int count_block(const FMempBlock *block, void *user) {
    (void)block;
    (void)user;
    return 1;
}

static int locks_setup(void **state) {
    faults_with_lock = faults_without_lock = 0;
    return heap_setup(state);
}

static void every_call_locks_once(FMemp *locked, void *block) {
    u32 value;
    FMempStats stats;
    FMempBlock found;

    LOCKED_ONCE(FMempInit(locked, arena_middle, arena_middle + 5));
    LOCKED_ONCE(FMempInit(locked, NULL, NULL));
    LOCKED_ONCE(FMempInit(locked, arena_middle + 1, arena_middle));
    LOCKED_ONCE(FMempInitSized(locked, arena_middle, arena_middle + 5, 10));
    LOCKED_ONCE(FMempInitSized(locked, arena_middle, arena_middle + 200, SIZE_MAX));
    LOCKED_ONCE(FMempMalloc(locked, 10));
    LOCKED_ONCE(FMempMalloc(locked, SIZE_MAX));
    LOCKED_ONCE(FMempCalloc(locked, 2, 10));
    LOCKED_ONCE(FMempCalloc(locked, SIZE_MAX, 10));
    LOCKED_ONCE(FMempMallocAlign(locked, 10, 64));
    LOCKED_ONCE(FMempMallocAlign(locked, 10, 3));
    LOCKED_ONCE(FMempRealloc(locked, NULL, 10));
    LOCKED_ONCE(block = FMempRealloc(locked, block, 1000));
    LOCKED_ONCE(FMempRealloc(locked, block, SIZE_MAX));
    LOCKED_ONCE(block = FMempReallocAlign(locked, block, 100, 64));
    LOCKED_ONCE(FMempReallocAlign(locked, block, 100, 3));
    LOCKED_ONCE(FMempReallocAlign(locked, block, SIZE_MAX, 64));
    LOCKED_ONCE(FMempRealloc(locked, block, 0));
    LOCKED_ONCE(FMempReallocAlign(locked, NULL, 10, 64));
    LOCKED_ONCE(FMempBlockSize(locked, NULL));
    LOCKED_ONCE(FMempOwns(locked, block));
    LOCKED_ONCE(FMempLooksLive(locked, NULL));
    LOCKED_ONCE(FMempLocate(locked, block, &found));
    LOCKED_ONCE(FMempWalk(locked, count_block, NULL));
    LOCKED_ONCE(FMempWalk(locked, NULL, NULL));
    LOCKED_ONCE(FMempCheck(locked, NULL));
    LOCKED_ONCE(FMempGetSurvey(locked, NULL));
    LOCKED_ONCE(FMempResetPeak(locked));
    LOCKED_ONCE(FMempFree(locked, NULL));
    LOCKED_ONCE(FMempMallocAlign(locked, SIZE_MAX, 64));
    LOCKED_ONCE(FMemProbe(locked, &value, &value, &value));
    LOCKED_ONCE(FMemProbe(locked, NULL, NULL, NULL));
    LOCKED_ONCE(FMempGetStats(locked, &stats));
    LOCKED_ONCE(FMempGetStats(locked, NULL));
    LOCKED_IN_STEPS(FMemListAll(locked));
    LOCKED_ONCE(FMempAddRegion(locked, arena_middle, arena_middle + 9000));
    LOCKED_ONCE(FMempAddRegion(locked, arena_middle, arena_middle));
    LOCKED_ONCE(FMempAddRegion(locked, arena_middle + 9000, arena_middle + 9001));
    LOCKED_ONCE(FMempRemoveRegion(locked, arena_begin));
    LOCKED_ONCE(FMempRemoveRegion(locked, arena_middle));
    LOCKED_ONCE(FMempRemoveRegion(locked, NULL));
    LOCKED_ONCE(FMempSetFaultHook(locked, NULL));
    LOCKED_ONCE(FMempSetFailureHook(locked, NULL));
    LOCKED_ONCE(FMempSetFaultHook(locked, count_fault));
    LOCKED_ONCE(FMempReset(locked));
    LOCKED_ONCE(FMempRemove(locked));
    LOCKED_ONCE(FMempDeinit(locked));
}

static void every_call_on_a_ready_memp_locks_once(void **state) {
    (void)state;
    every_call_locks_once(&memp, FMempMalloc(&memp, 10));
}

static void every_call_on_a_full_heap_locks_once(void **state) {
    (void)state;
    void *block = FMempMalloc(&memp, 10);

    while (FMempMalloc(&memp, 0) != NULL) {
    }
    LOCKED_ONCE(FMempCalloc(&memp, 1, 1));
    LOCKED_ONCE(FMempMallocAlign(&memp, 1, 64));
    LOCKED_ONCE(FMempRealloc(&memp, block, 1000));
    LOCKED_ONCE(FMempReallocAlign(&memp, block, 1000, 64));
    LOCKED_ONCE(FMempFree(&memp, block));
}

static void every_call_on_a_zeroed_or_null_memp_locks_once(void **state) {
    (void)state;
    FMemp zeroed = {0};
    u8 block[8];

    every_call_locks_once(&zeroed, block);
    every_call_locks_once(NULL, block);
}

static void every_call_on_a_removed_memp_locks_once(void **state) {
    (void)state;
    u8 block[8];

    FMempRemove(&memp);
    every_call_locks_once(&memp, block);
}

static void init_that_succeeds_locks_once(void **state) {
    (void)state;
    FMemp fresh = {0};

    LOCKED_ONCE(FMempInit(&fresh, arena_middle, arena_middle + 9000));
    assert_int_equal(fresh.is_ready, FT_COMPONENT_IS_READY);
    LOCKED_ONCE(FMempInit(&fresh, arena_middle, arena_middle + 9000));
    LOCKED_ONCE(FMempRemove(&fresh));
    LOCKED_ONCE(FMempInitSized(&fresh, arena_middle, arena_middle + 9000, 20000));
    assert_int_equal(fresh.is_ready, FT_COMPONENT_IS_READY);
    LOCKED_ONCE(FMempInitSized(&fresh, arena_middle, arena_middle + 9000, 20000));
    LOCKED_ONCE(FMempDeinit(&fresh));
}

static void fault_that_returns_locks_once(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 100);

    if (TLSF_HARDENING == 0) {
        skip(); /* the library does not check for mistakes */
    }
    (void)FMempSetFaultHook(&memp, count_fault);
    LOCKED_ONCE(FMempFree(&memp, block + 1));
    LOCKED_ONCE(FMempRealloc(&memp, block + 1, 10));
    LOCKED_ONCE(FMempRealloc(&memp, block + 1, 0));
    LOCKED_ONCE(FMempReallocAlign(&memp, block + 1, 10, 64));
    assert_int_equal(faults_with_lock, 4);
    assert_int_equal(faults_without_lock, 0);
}

static void fault_told_by_the_default_hook_locks_once(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 100);

    if (TLSF_HARDENING == 0) {
        skip(); /* the library does not check for mistakes */
    }
    LOCKED_ONCE(FMempFree(&memp, block + 1)); /* FMEMP_STOP returns on the mocked platform */
    LOCKED_ONCE(FMempRealloc(&memp, block + 1, 10));
    assert_int_equal(mock_stops, 2);
}

/* A wild write damages a free block. Every call that meets it reports it and unlocks. */
static void corruption_locks_once(void **state) {
    (void)state;
    FMempStats stats;
    u8 *block = FMempMalloc(&memp, 100);
    u8 *next = FMempMalloc(&memp, 100);

    if (TLSF_HARDENING < 2) {
        skip(); /* the library does not check for corruption */
    }
    (void)FMempSetFaultHook(&memp, count_fault);
    memset(next, 0xEE, 1000); /* reaches into the only free block, which lies behind `next` */
    LOCKED_ONCE(FMempMalloc(&memp, 100));
    LOCKED_ONCE(FMempCalloc(&memp, 100, 10));
    LOCKED_ONCE(FMempMallocAlign(&memp, 100, 64));
    LOCKED_ONCE(FMempRealloc(&memp, block, 1000));
    LOCKED_ONCE(FMempReallocAlign(&memp, block, 1000, 64));
    LOCKED_ONCE(FMempFree(&memp, next));
    LOCKED_ONCE(FMempGetStats(&memp, &stats));
    LOCKED_IN_STEPS(FMemListAll(&memp));
    LOCKED_ONCE(FMempAddRegion(&memp, arena_middle, arena_middle + 9000));
    LOCKED_ONCE(FMempRemoveRegion(&memp, arena_middle));
    assert_true(faults_with_lock >= 7);
    assert_int_equal(faults_without_lock, 0);
    LOCKED_ONCE(FMempRemove(&memp));
}

#if FMEMP_TAGS
static void every_tagging_call_locks_once(void **state) {
    (void)state;
    void *block = NULL;

    LOCKED_ONCE(block = FMEMP_MALLOC(&memp, 10));
    LOCKED_ONCE(FMEMP_CALLOC(&memp, 10, 10));
    LOCKED_ONCE(FMEMP_CALLOC(&memp, SIZE_MAX, 10));
    LOCKED_ONCE(FMEMP_MALLOC_ALIGN(&memp, 10, 64));
    LOCKED_ONCE(FMEMP_MALLOC_ALIGN(&memp, 10, 3));
    LOCKED_ONCE(block = FMEMP_REALLOC(&memp, block, 100));
    LOCKED_ONCE(FMEMP_REALLOC(&memp, block, SIZE_MAX));
    LOCKED_ONCE(FMEMP_REALLOC_ALIGN(&memp, block, 100, 3));
    LOCKED_ONCE(FMEMP_FREE(&memp, block));
}
#endif

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, locks_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(every_call_on_a_ready_memp_locks_once),
        WITH_HEAP(every_call_on_a_full_heap_locks_once),
        WITH_HEAP(every_call_on_a_zeroed_or_null_memp_locks_once),
        WITH_HEAP(every_call_on_a_removed_memp_locks_once),
        WITH_HEAP(init_that_succeeds_locks_once),
        WITH_HEAP(fault_that_returns_locks_once),
        WITH_HEAP(fault_told_by_the_default_hook_locks_once),
        WITH_HEAP(corruption_locks_once),
#if FMEMP_TAGS
        WITH_HEAP(every_tagging_call_locks_once),
#endif
    };

    return cmocka_run_group_tests_name("fmemp_locks", tests, NULL, NULL);
}
