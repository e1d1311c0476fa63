/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ports/pthread: several threads share one FMemp, and together call every public function. The
 * content of a block proves that no other thread got the same block. tests/run concurrency repeats
 * this under the thread sanitizer, which sees every access that the lock does not order.
 *
 * Each case verifies F13, P6, P7.
 */
#define _POSIX_C_SOURCE 200809L /* pthread_rwlock_t */

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fmemory_pool.h"

#define THREADS 8
#ifndef STEPS
#define STEPS 5000
#endif
#define SLOTS 16
#define REGION_BYTES 4000
#define HANDED_BYTES 96

struct slot {
    u8 *block;
    size_t bytes;
};

struct worker {
    pthread_t thread;
    u32 random_state;
    u8 mark; /* this thread fills its blocks with it */
    bool is_broken;
    struct slot slots[SLOTS];
};

static u8 buffer[200000];
static u8 regions[THREADS][REGION_BYTES];
static FMemp memp;
static struct worker workers[THREADS];
static _Atomic(u8 *) mailbox; /* a block of HANDED_BYTES equal bytes in transit, or NULL */
static atomic_size_t faults;
static atomic_size_t prints; /* FMemp prints without its lock */

/* A free of this address is a fault that a worker causes on purpose. FMemp tells it with the lock
 * held. */
static _Alignas(64) u8 mistake[64];
#define MISALIGNED (mistake + 1)

static atomic_size_t failures; /* of which the failure hook has heard */
static size_t mistakes;        /* only FMemp's lock guards it */
static atomic_int telling;     /* threads inside the fault hook */
static atomic_size_t overlaps;

int quiet_print(const char *format, ...) {
    (void)format;
    atomic_fetch_add(&prints, 1);
    (void)sched_yield();
    return 0;
}

/* Yields to other threads, so that a lock that excludes nobody shows on a single processor, too. */
static void count_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    if (fault->block != MISALIGNED) {
        atomic_fetch_add(&faults, 1);
        return;
    }
    mistakes++;
    atomic_fetch_add(&overlaps, atomic_fetch_add(&telling, 1) != 0);
    (void)sched_yield();
    atomic_fetch_sub(&telling, 1);
}

/* Calls FMemp, as a failure hook may. */
static void count_failure(FMemp *of, const FMempFailure *failure) {
    FMempFree(of, FMempMalloc(of, failure->nbytes));
    atomic_fetch_add(&failures, 1);
}

static u32 random_below(struct worker *worker, u32 bound) {
    worker->random_state = worker->random_state * 1664525U + 1013904223U;
    return (worker->random_state >> 8) % bound;
}

static void expect(struct worker *worker, bool holds) {
    worker->is_broken = worker->is_broken || !holds;
}

static bool is_filled(const u8 *block, u8 value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (block[i] != value) {
            return false;
        }
    }
    return true;
}

/* ---- the tagging macros: plain functions in a library without tags -------------------- */

static u8 *tagged_malloc(fsize_t bytes) { return FMEMP_MALLOC(&memp, bytes); }

static u8 *tagged_calloc(fsize_t bytes) { return FMEMP_CALLOC(&memp, 1, bytes); }

static u8 *tagged_malloc_align(fsize_t bytes, fsize_t align) {
    return FMEMP_MALLOC_ALIGN(&memp, bytes, align);
}

static u8 *tagged_realloc(u8 *block, fsize_t bytes) { return FMEMP_REALLOC(&memp, block, bytes); }

static u8 *tagged_realloc_align(u8 *block, fsize_t bytes, fsize_t align) {
    return FMEMP_REALLOC_ALIGN(&memp, block, bytes, align);
}

static void tagged_free(u8 *block) { FMEMP_FREE(&memp, block); }

/* ---- blocks of one thread ----------------------------------------------------------- */

/* Puts a block of `bytes`, or NULL, into the slot, and fills it with this thread's mark. */
static void slot_fill(struct worker *worker, struct slot *slot, u8 *block, size_t bytes) {
    slot->block = block;
    slot->bytes = block == NULL ? 0 : bytes;
    if (block != NULL) {
        memset(block, worker->mark, bytes);
    }
}

/* Checks the content of the slot's block, and frees the block. */
static void slot_clear(struct worker *worker, struct slot *slot) {
    if (slot->block != NULL) {
        expect(worker, is_filled(slot->block, worker->mark, slot->bytes));
    }
    if (random_below(worker, 2) == 0) {
        FMempFree(&memp, slot->block);
    } else {
        tagged_free(slot->block);
    }
    slot_fill(worker, slot, NULL, 0);
}

/* Puts the result of a realloc to `bytes` into the slot; NULL leaves the slot as it is. */
static void slot_move(struct worker *worker, struct slot *slot, u8 *moved, size_t bytes) {
    const size_t kept = slot->bytes < bytes ? slot->bytes : bytes;

    if (moved != NULL) {
        expect(worker, is_filled(moved, worker->mark, kept));
        slot_fill(worker, slot, moved, bytes);
    }
}

static void request_malloc(struct worker *worker, struct slot *slot, size_t bytes) {
    slot_clear(worker, slot);
    slot_fill(worker, slot, FMempMalloc(&memp, bytes), bytes);
}

static void request_malloc_tagged(struct worker *worker, struct slot *slot, size_t bytes) {
    slot_clear(worker, slot);
    slot_fill(worker, slot, tagged_malloc(bytes), bytes);
}

static void request_calloc(struct worker *worker, struct slot *slot, size_t bytes) {
    u8 *block = random_below(worker, 2) == 0 ? FMempCalloc(&memp, bytes, 1) : tagged_calloc(bytes);

    expect(worker, block == NULL || is_filled(block, 0, bytes));
    slot_clear(worker, slot);
    slot_fill(worker, slot, block, bytes);
}

static void request_malloc_align(struct worker *worker, struct slot *slot, size_t bytes) {
    const size_t align = (size_t)16 << random_below(worker, 6);
    u8 *block = random_below(worker, 2) == 0 ? FMempMallocAlign(&memp, bytes, align)
                                             : tagged_malloc_align(bytes, align);

    expect(worker, (uintptr_t)block % align == 0);
    slot_clear(worker, slot);
    slot_fill(worker, slot, block, bytes);
}

static void request_realloc(struct worker *worker, struct slot *slot, size_t bytes) {
    u8 *moved = random_below(worker, 2) == 0 ? FMempRealloc(&memp, slot->block, bytes)
                                             : tagged_realloc(slot->block, bytes);

    slot_move(worker, slot, moved, bytes);
}

static void request_realloc_align(struct worker *worker, struct slot *slot, size_t bytes) {
    u8 *moved = random_below(worker, 2) == 0 ? FMempReallocAlign(&memp, slot->block, bytes, 64)
                                             : tagged_realloc_align(slot->block, bytes, 64);

    expect(worker, (uintptr_t)moved % 64 == 0);
    slot_move(worker, slot, moved, bytes);
}

static void request_too_much(struct worker *worker, struct slot *slot, size_t bytes) {
    expect(worker, FMempMalloc(&memp, SIZE_MAX - bytes) == NULL);
    expect(worker, FMempCalloc(&memp, SIZE_MAX / 2, 3) == NULL);
    expect(worker, FMempMallocAlign(&memp, bytes, 3) == NULL);
    expect(worker, FMempRealloc(&memp, slot->block, SIZE_MAX) == NULL);
    expect(worker, FMempReallocAlign(&memp, slot->block, bytes, 3) == NULL);
}

static void (*const requests[])(struct worker *, struct slot *, size_t) = {
    request_malloc,  request_malloc_tagged, request_calloc,  request_malloc_align,
    request_realloc, request_realloc_align, request_too_much};

/* ---- what the threads share --------------------------------------------------------- */

/* Leaves a block for the next thread that looks, and takes the block that lies there. */
static void block_hand_over(struct worker *worker) {
    u8 *block = FMempMalloc(&memp, HANDED_BYTES);

    if (block != NULL) {
        memset(block, worker->mark, HANDED_BYTES);
    }
    block = atomic_exchange(&mailbox, block);
    if (block != NULL) {
        expect(worker, is_filled(block, block[0], HANDED_BYTES));
        FMempFree(&memp, block);
    }
}

static void figures_read(struct worker *worker) {
    FMempStats stats = {0};
    u32 used = 0;
    u32 max_used = 0;

    FMemProbe(&memp, NULL, &used, &max_used);
    expect(worker, used <= max_used);
    expect(worker, FMempGetStats(&memp, &stats) == FMEMP_SUCCESS);
    expect(worker, !TLSF_STATISTICS || stats.live_blocks == stats.allocations - stats.frees);
}

/* An FMempWalker: adds up blocks. Stops the walk at a block that cannot be. */
static int block_add(const FMempBlock *block, void *user) {
    FMempSurvey *sum = user;

    sum->used_blocks += block->used != 0;
    sum->free_blocks += block->used == 0;
    return block->size <= sizeof buffer;
}

/* Blocks of this thread, as FMemp sees them while others allocate. */
static void blocks_inspect(struct worker *worker, const struct slot *slot) {
    FMempBlock found;

    if (slot->block != NULL) {
        expect(worker, FMempOwns(&memp, slot->block) == 1);
        expect(worker, FMempLooksLive(&memp, slot->block) == 1);
        expect(worker, FMempBlockSize(&memp, slot->block) >= slot->bytes);
        expect(worker, FMempLocate(&memp, slot->block + slot->bytes / 2, &found) == 1);
        expect(worker, found.ptr == slot->block && found.used == 1);
        expect(worker, FMempSetCallSite(&memp, slot->block, slot) == slot->block);
    }
}

/* A tlsf_writer. It counts the bytes, and does not read them: others write to their blocks. */
static int bytes_count(void *context, const void *bytes, size_t length) {
    size_t *total = context;

    (void)bytes;
    *total += length;
    return 0;
}

static void heap_inspect(struct worker *worker) {
    FMempSurvey survey, sum = {0};
    size_t dumped = 0;

    expect(worker, FMempCheck(&memp, NULL) == FMEMP_SUCCESS);
    expect(worker, FMempGetSurvey(&memp, &survey) == FMEMP_SUCCESS);
    expect(worker, FMempWalk(&memp, block_add, &sum) == FMEMP_SUCCESS);
    expect(worker, survey.used_blocks > 0 && sum.used_blocks > 0);
    expect(worker, FMempDump(&memp, bytes_count, &dumped) == FMEMP_SUCCESS);
    expect(worker, dumped > sizeof buffer / 2);
    FMempResetPeak(&memp);
    (void)FMempSetFailureHook(&memp, count_failure);
}

/* Other threads may hold blocks in the region: then it stays. Only this thread adds it, so any
 * other answer than "in use" means that the region is not in the heap. */
static void region_come_and_go(FMemp *shared, u8 *region) {
    if (FMempRemoveRegion(shared, region) != FMEMP_ERR_REGION_IN_USE) {
        (void)FMempAddRegion(shared, region, region + REGION_BYTES);
    }
}

static void *worker_run(void *argument) {
    struct worker *worker = argument;

    for (u32 i = 0; i < STEPS; i++) {
        struct slot *slot = &worker->slots[random_below(worker, SLOTS)];
        const u32 request = random_below(worker, sizeof requests / sizeof requests[0]);
        requests[request](worker, slot, 1 + random_below(worker, 400));
        block_hand_over(worker);
        figures_read(worker);
        if (i % 100 == 0) {
            region_come_and_go(&memp, regions[worker->mark - 1]);
        }
        if (i % 20 == 0) {
            blocks_inspect(worker, slot);
        }
        if (i % 500 == 0) {
            FMemListAll(&memp);
            (void)FMempSetFaultHook(&memp, count_fault);
            heap_inspect(worker);
        }
        if (TLSF_HARDENING != 0 && i % 100 == 1) {
            FMempFree(&memp, MISALIGNED);
        }
    }
    for (u32 i = 0; i < SLOTS; i++) {
        slot_clear(worker, &worker->slots[i]);
    }
    return NULL;
}

/* ---- the cases ---------------------------------------------------------------------- */

static void run_in_threads(void *(*run)(void *)) {
    memset(workers, 0, sizeof workers);
    for (u32 i = 0; i < THREADS; i++) {
        workers[i].random_state = i;
        workers[i].mark = (u8)(i + 1);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    }
    for (u32 i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_false(workers[i].is_broken);
    }
    assert_int_equal(atomic_load(&faults), 0);
    assert_int_equal(atomic_load(&overlaps), 0);
}

static void threads_sharing_one_memp_keep_it_sound(void **state) {
    (void)state;
    FMempStats stats;

    assert_int_equal(FMempInit(&memp, buffer, buffer + sizeof buffer), FMEMP_SUCCESS);
    run_in_threads(worker_run);
    FMempFree(&memp, atomic_exchange(&mailbox, NULL));
    assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
    assert_int_equal(FMempGetStats(&memp, &stats), FMEMP_SUCCESS);
    if (TLSF_STATISTICS) {
        assert_int_equal(stats.live_blocks, 0);
        assert_int_equal(stats.used_bytes, 0);
        assert_int_equal(stats.allocations, stats.frees);
    }
    assert_true(atomic_load(&prints) > 0);
    assert_true(atomic_load(&failures) > 0);
    assert_int_equal(mistakes, TLSF_HARDENING == 0 ? 0 : THREADS * ((STEPS + 98) / 100));
    assert_true(FMempMalloc(&memp, (fsize_t)stats.largest) != NULL);
    FMempRemove(&memp);
}

/* Calls that zero a block zero it without the FMemp's lock. So nobody may take their memory away
 * meanwhile: they read-lock this, and what ends all blocks at once write-locks it. Readers do not
 * order one another, so a lock that FMemp does not take still shows. */
static pthread_rwlock_t no_end = PTHREAD_RWLOCK_INITIALIZER;

static void allocate_zeroed(struct worker *worker) {
    (void)pthread_rwlock_rdlock(&no_end);
    (void)FMempCalloc(&memp, random_below(worker, 20), 20);
    (void)FMempMallocAlign(&memp, 10, 64); /* zeroes with FMEMP_MALLOC_ALIGN_ZEROES */
    (void)pthread_rwlock_unlock(&no_end);
}

static void end_all_blocks(u32 how) {
    (void)pthread_rwlock_wrlock(&no_end);
    if (how == 0) {
        FMempRemove(&memp);
    } else if (how == 1) {
        FMempDeinit(&memp);
    } else {
        FMempReset(&memp);
    }
    (void)pthread_rwlock_unlock(&no_end);
}

/* A thread that does not know whether the FMemp is ready, and loses its blocks whenever another
 * thread resets or removes it. */
static void *lifetime_run(void *argument) {
    struct worker *worker = argument;
    FMempStats stats;
    u32 used;

    for (u32 i = 0; i < STEPS; i++) {
        (void)FMempMalloc(&memp, random_below(worker, 400));
        allocate_zeroed(worker);
        (void)FMempRealloc(&memp, NULL, 100);
        (void)FMempReallocAlign(&memp, NULL, 100, 32);
        FMempFree(&memp, NULL);
        FMemProbe(&memp, &used, NULL, NULL);
        (void)FMempGetStats(&memp, &stats);
        (void)FMempSetFaultHook(&memp, count_fault);
        region_come_and_go(&memp, regions[worker->mark - 1]);
        (void)sched_yield(); /* lets others take the lock in between */
        const u32 chance = random_below(worker, 32);
        switch (chance) {
        case 0:
        case 1:
        case 2:
            end_all_blocks(chance);
            break;
        case 3:
            FMemListAll(&memp);
            break;
        case 4:
            (void)FMempInit(&memp, buffer, buffer + sizeof buffer);
            break;
        case 5:
            (void)FMempInitSized(&memp, buffer, buffer + 9000, sizeof buffer);
            break;
        case 6:
            (void)FMempAttach(&memp, buffer, buffer + sizeof buffer, NULL);
            break;
        case 7:
            (void)FMempAttachRegions(&memp, buffer, buffer + sizeof buffer, NULL, 0, NULL);
            break;
        default:
            break;
        }
    }
    return NULL;
}

static void threads_that_init_reset_and_remove_keep_it_usable(void **state) {
    (void)state;
    FMempStats stats;

    run_in_threads(lifetime_run);
    FMempRemove(&memp);
    assert_int_equal(FMempInit(&memp, buffer, buffer + sizeof buffer), FMEMP_SUCCESS);
    assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
    assert_int_equal(FMempGetStats(&memp, &stats), FMEMP_SUCCESS);
    assert_true(FMempMalloc(&memp, (fsize_t)stats.largest) != NULL);
    FMempRemove(&memp);
}

/* FMempInit of one thread against all others: exactly one finds the FMemp not ready. */
static atomic_int successes, refusals;

static void *init_run(void *argument) {
    (void)argument;
    const FError result = FMempInit(&memp, buffer, buffer + sizeof buffer);

    atomic_fetch_add(&successes, result == FMEMP_SUCCESS);
    atomic_fetch_add(&refusals, result == FMEMP_ERR_ALREADY_INIT);
    return NULL;
}

static void init_by_several_threads_succeeds_once(void **state) {
    (void)state;

    run_in_threads(init_run);
    assert_int_equal(atomic_load(&successes), 1);
    assert_int_equal(atomic_load(&refusals), THREADS - 1);
    FMempRemove(&memp);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_sharing_one_memp_keep_it_sound),
        cmocka_unit_test(threads_that_init_reset_and_remove_keep_it_usable),
        cmocka_unit_test(init_by_several_threads_succeeds_once),
    };

    return cmocka_run_group_tests_name("fmemp_threads", tests, NULL, NULL);
}
