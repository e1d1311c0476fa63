/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: each call takes the lock once and releases it, on every path; a realloc that
 * moves its block takes it twice, and FMemListAll for each of its steps. Blocks are zeroed and
 * copied without the lock. The mocked lock fails the test if a call takes it again while it is
 * held, or releases it with another state.
 */
#include "fmemp_support.h"

#define LOCKED(times, call) \
    do { \
        const size_t locks_after = mock_locks + (times); \
        (void)(call); \
        assert_int_equal(mock_locks, locks_after); \
        assert_false(mock_lock_is_held); \
    } while (0)
#define LOCKED_ONCE(call) LOCKED(1, call)

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

/* A realloc in place locks once, too: of the two that succeed here the first moves the block, and
 * the second does unless the block is aligned already. */
static void every_call_locks_once(FMemp *locked, void *block) {
    const bool is_ready = locked != NULL && locked->is_ready != 0;
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
    LOCKED(is_ready ? 2 : 1, block = FMempRealloc(locked, block, 1000));
    LOCKED_ONCE(FMempRealloc(locked, block, SIZE_MAX));
    LOCKED(is_ready && !is_aligned(block, 64) ? 2 : 1,
           block = FMempReallocAlign(locked, block, 100, 64));
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

/* Verifies F7, F8, P8, P9. */
static void every_call_on_a_ready_memp_locks_once(void **state) {
    (void)state;
    every_call_locks_once(&memp, FMempMalloc(&memp, 10));
}

/* Verifies F7, F8, P8. */
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

/* Verifies F7, P8, P14. */
static void every_call_on_a_zeroed_or_null_memp_locks_once(void **state) {
    (void)state;
    FMemp zeroed = {0};
    u8 block[8];

    every_call_locks_once(&zeroed, block);
    every_call_locks_once(NULL, block);
}

/* Verifies F7, P8. */
static void every_call_on_a_removed_memp_locks_once(void **state) {
    (void)state;
    u8 block[8];

    FMempRemove(&memp);
    every_call_locks_once(&memp, block);
}

/* Verifies F7, P8. */
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

/* Verifies F7, F244, P8. */
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

/* Verifies F7, P8. */
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
/* Verifies F7, P8. */
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
/* Verifies F7, P8. */
static void every_tagging_call_locks_once(void **state) {
    (void)state;
    void *block = NULL;

    LOCKED_ONCE(block = FMEMP_MALLOC(&memp, 10));
    LOCKED_ONCE(FMEMP_CALLOC(&memp, 10, 10)); /* behind the block, so that its realloc moves it */
    LOCKED_ONCE(FMEMP_CALLOC(&memp, SIZE_MAX, 10));
    LOCKED_ONCE(FMEMP_MALLOC_ALIGN(&memp, 10, 64));
    LOCKED_ONCE(FMEMP_MALLOC_ALIGN(&memp, 10, 3));
    LOCKED(2, block = FMEMP_REALLOC(&memp, block, 100));
    LOCKED_ONCE(FMEMP_REALLOC(&memp, block, SIZE_MAX));
    LOCKED_ONCE(FMEMP_REALLOC_ALIGN(&memp, block, 100, 3));
    LOCKED_ONCE(FMEMP_FREE(&memp, block));
}
#endif

/* ---- what is linear in a block runs without the lock ----------------------------------- */

enum { MARKED = 700, MARK = 0x3C, RUN = 100 };

/* What the arena holds at the ends of the sections with the lock held. */
static size_t sections, marked_at_lock[2], marked_at_unlock[2];
static size_t zeros_at_lock, zeros_at_unlock;

/* How many bytes of the arena have a value and lie in a run of at least RUN such bytes. */
static size_t bytes_in_runs_of(u8 value) {
    size_t count = 0;
    size_t run = 0;

    for (size_t i = 0; i < ARENA_BYTES; i++) {
        run = arena[i] == value ? run + 1 : 0;
        count += run == RUN ? RUN : run > RUN;
    }
    return count;
}

static void look_at_lock(void) {
    assert_true(sections < 2);
    zeros_at_lock = bytes_in_runs_of(0);
    marked_at_lock[sections] = bytes_in_runs_of(MARK);
}

static void look_at_unlock(void) {
    zeros_at_unlock = bytes_in_runs_of(0);
    marked_at_unlock[sections++] = bytes_in_runs_of(MARK);
}

static void look_from_here_on(void) {
    sections = 0;
    mock_at_lock = look_at_lock;
    mock_at_unlock = look_at_unlock;
}

/* Verifies F12, F71, P13. */
static void calloc_zeroes_without_the_lock(void **state) {
    (void)state;
    look_from_here_on();
    u8 *block = FMempCalloc(&memp, 100, 10);
    assert_true(zeros_at_unlock < zeros_at_lock + 500); /* list heads are zeros, too */
    assert_true(is_filled(block, 0, 1000));
    assert_int_equal(sections, 1);
}

/* The default zeroes nothing; FMEMP_MALLOC_ALIGN_ZEROES 1 zeroes what was asked for. */
/* Verifies F75, F76, P38, P39, P40. */
static void malloc_align_zeroes_without_the_lock_if_at_all(void **state) {
    (void)state;
    look_from_here_on();
    u8 *block = FMempMallocAlign(&memp, 1000, 64);
    assert_true(zeros_at_unlock < zeros_at_lock + 500); /* list heads are zeros, too */
    assert_int_equal(is_filled(block, 0, 1000), FMEMP_MALLOC_ALIGN_ZEROES);
}

static u8 *marked_block(void) {
    u8 *block = FMempMalloc(&memp, MARKED);

    assert_non_null(block);
    memset(block, MARK, MARKED);
    return block;
}

/* Between the sections the content lies there twice: the old block is live until the second. */
/* Verifies F9, F12, F82, P10, P13. */
static void realloc_elsewhere_copies_without_the_lock(void **state) {
    (void)state;
    u8 *block = marked_block();
    assert_non_null(FMempMalloc(&memp, 10));

    look_from_here_on();
    u8 *moved = FMempRealloc(&memp, block, 3000);
    assert_ptr_not_equal(moved, block);
    assert_int_equal(sections, 2);
    assert_int_equal(marked_at_unlock[0], MARKED);
    assert_int_equal(marked_at_lock[1], 2 * MARKED);
    assert_true(is_filled(moved, MARK, MARKED));
}

/* Verifies F9, F12, F87, P10. */
static void realloc_align_elsewhere_copies_without_the_lock(void **state) {
    (void)state;
    u8 *block = marked_block();
    const fsize_t align = is_aligned(block, 4096) ? 8192 : 4096;

    look_from_here_on();
    u8 *moved = FMempReallocAlign(&memp, block, MARKED - 10, align);
    assert_true(is_aligned(moved, align));
    assert_int_equal(sections, 2);
    assert_int_equal(marked_at_unlock[0], MARKED);
    assert_int_equal(marked_at_lock[1], 2 * MARKED - 10);
    assert_true(is_filled(moved, MARK, MARKED - 10));
}

/* Leaves no free block but one of `gap` bytes before a marked block, which it returns. */
static u8 *block_behind_the_only_gap(fsize_t gap) {
    u8 *before = FMempMalloc(&memp, gap);
    u8 *block = marked_block();

    assert_non_null(FMempMalloc(&memp, 10));
    while (FMempMalloc(&memp, 0) != NULL) {
    }
    FMempFree(&memp, before);
    return block;
}

/* The new place overlaps the old one, so the content's first part alone lies there twice. */
/* Verifies F9, F83, P10. */
static void realloc_backwards_copies_without_the_lock(void **state) {
    (void)state;
    u8 *block = block_behind_the_only_gap(400);
    const FMempStats before = stats_now();

    look_from_here_on();
    u8 *moved = FMempRealloc(&memp, block, MARKED + 200);
    assert_true(moved < block && moved > block - MARKED);
    assert_int_equal(sections, 2);
    assert_int_equal(marked_at_unlock[0], MARKED);
    assert_true(marked_at_lock[1] > MARKED + (size_t)(block - moved) / 2);
    assert_true(is_filled(moved, MARK, MARKED));
    assert_true(tlsf_block_size(moved) >= MARKED + 200);
    mock_at_lock = mock_at_unlock = NULL;
    if (TLSF_STATISTICS) {
        assert_int_equal(stats_now().live_blocks, before.live_blocks);
        assert_true(stats_now().free_bytes > 0); /* what the joined block had too much */
    }
}

static void check_heap(void) { assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND); }

/* Another task may use the heap while a block is copied. */
/* Verifies T137, F9. */
static void realloc_heap_is_sound_between_its_halves(void **state) {
    (void)state;
    u8 *block = block_behind_the_only_gap(400);

    mock_at_lock = mock_at_unlock = check_heap;
    assert_non_null(FMempRealloc(&memp, block, MARKED + 200));
    FMempReset(&memp);
    block = marked_block();
    assert_non_null(FMempMalloc(&memp, 10));
    block = FMempRealloc(&memp, block, 3000);
    assert_true(is_filled(block, MARK, MARKED));
    mock_at_lock = mock_at_unlock = NULL;
}

static FMemp memp_before_remove;

/* Another task removes the FMemp while the block is copied. */
static void remove_before_second_section(void) {
    if (sections++ == 1) {
        memp_before_remove = memp;
        memset(&memp, 0, sizeof memp);
    }
}

/* Verifies F5, F9. */
static void realloc_memp_that_is_removed_between_its_halves_gives_null(void **state) {
    (void)state;
    void *block = marked_block();

    assert_non_null(FMempMalloc(&memp, 10));
    sections = 0;
    mock_at_lock = remove_before_second_section;
    assert_null(FMempRealloc(&memp, block, 3000));
    assert_int_equal(sections, 2);
    mock_at_lock = NULL;
    memp = memp_before_remove;
    assert_int_equal(FMempLooksLive(&memp, block), 1);
}

static u8 *overrun_at;

/* A wild write behind the block while it is copied; a second one takes it back. */
static void overrun_once(void) {
    if (sections++ == 0) {
        for (size_t i = 0; i < tlsf_alloc_overhead(); i++) {
            overrun_at[i] ^= 0xFF;
        }
    }
}

/* Verifies F244. */
static void realloc_fault_of_its_free_gives_the_copy_back(void **state) {
    (void)state;
    u8 *block = marked_block();

    if (TLSF_HARDENING == 0) {
        skip(); /* the library does not check for mistakes */
    }
    overrun_at = block + tlsf_block_size(block);
    assert_non_null(FMempMalloc(&memp, 10));
    const FMempStats before = stats_now();
    (void)FMempSetFaultHook(&memp, count_fault);
    sections = 0;
    mock_at_unlock = overrun_once;
    assert_null(FMempRealloc(&memp, block, 3000));
    mock_at_unlock = NULL;
    assert_int_equal(faults_with_lock, 1);
    sections = 0;
    overrun_once();
    assert_true(is_filled(block, MARK, MARKED));
    assert_int_equal(stats_now().live_blocks, before.live_blocks);
    assert_int_equal(stats_now().used_bytes, before.used_bytes);
    FMempFree(&memp, block);
    assert_int_equal(faults_with_lock, 1);
}

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
        WITH_HEAP(calloc_zeroes_without_the_lock),
        WITH_HEAP(malloc_align_zeroes_without_the_lock_if_at_all),
        WITH_HEAP(realloc_elsewhere_copies_without_the_lock),
        WITH_HEAP(realloc_align_elsewhere_copies_without_the_lock),
        WITH_HEAP(realloc_backwards_copies_without_the_lock),
        WITH_HEAP(realloc_heap_is_sound_between_its_halves),
        WITH_HEAP(realloc_memp_that_is_removed_between_its_halves_gives_null),
        WITH_HEAP(realloc_fault_of_its_free_gives_the_copy_back),
#if FMEMP_TAGS
        WITH_HEAP(every_tagging_call_locks_once),
#endif
    };

    return cmocka_run_group_tests_name("fmemp_locks", tests, NULL, NULL);
}
