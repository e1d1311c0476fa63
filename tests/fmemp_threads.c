/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ports/pthread: several threads share one FMemp.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fmemory_pool.h"

#define THREADS 8
#define STEPS 5000
#define SLOTS 16

struct worker {
    pthread_t thread;
    u32 random_state;
    u8 mark; /* what this thread fills its blocks with */
    bool is_broken;
};

static u8 buffer[200000];
static u8 regions[THREADS][4000];
static FMemp memp;

static u32 random_below(struct worker *worker, u32 bound) {
    worker->random_state = worker->random_state * 1664525U + 1013904223U;
    return (worker->random_state >> 8) % bound;
}

static bool is_filled(const u8 *block, u8 value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (block[i] != value) {
            return false;
        }
    }
    return true;
}

/* Replaces the block in a slot by one of another size, by malloc or by realloc. */
static void block_replace(struct worker *worker, u8 **block, size_t *bytes) {
    const size_t wanted = 1 + random_below(worker, 400);

    if (*block != NULL && !is_filled(*block, worker->mark, *bytes)) {
        worker->is_broken = true;
    }
    if (random_below(worker, 3) == 0) {
        u8 *moved = FMempRealloc(&memp, *block, wanted);
        *block = moved != NULL ? moved : *block;
        *bytes = moved != NULL ? wanted : *bytes;
    } else {
        FMempFree(&memp, *block);
        *block = FMempMalloc(&memp, wanted);
        *bytes = wanted;
    }
    if (*block != NULL) {
        memset(*block, worker->mark, *bytes);
    }
}

/* Other threads may hold blocks in the region: then it stays for a while. */
static void region_come_and_go(u8 *region, bool *is_added) {
    if (!*is_added) {
        *is_added = FMempAddRegion(&memp, region, region + 4000) == FMEMP_SUCCESS;
    } else {
        *is_added = FMempRemoveRegion(&memp, region) != FMEMP_SUCCESS;
    }
}

static void *worker_run(void *argument) {
    struct worker *worker = argument;
    u8 *blocks[SLOTS] = {NULL};
    size_t bytes[SLOTS] = {0};
    bool has_region = false;

    for (int i = 0; i < STEPS; i++) {
        const u32 slot = random_below(worker, SLOTS);
        u32 used = 0;
        u32 max_used = 0;
        block_replace(worker, &blocks[slot], &bytes[slot]);
        FMemProbe(&memp, NULL, &used, &max_used);
        worker->is_broken = worker->is_broken || used > max_used;
        if (i % 100 == 0) {
            region_come_and_go(regions[worker->mark - 1], &has_region);
        }
    }
    for (u32 slot = 0; slot < SLOTS; slot++) {
        FMempFree(&memp, blocks[slot]);
    }
    return NULL;
}

static void threads_sharing_one_memp_keep_it_sound(void **state) {
    (void)state;
    static struct worker workers[THREADS];
    FMempStats stats;

    assert_int_equal(FMempInit(&memp, buffer, buffer + sizeof buffer), FMEMP_SUCCESS);
    for (u32 i = 0; i < THREADS; i++) {
        workers[i].random_state = i;
        workers[i].mark = (u8)(i + 1);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]), 0);
    }
    for (u32 i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_false(workers[i].is_broken);
    }
    assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
    assert_int_equal(FMempGetStats(&memp, &stats), FMEMP_SUCCESS);
    if (TLSF_STATISTICS) {
        assert_int_equal(stats.live_blocks, 0);
        assert_int_equal(stats.used_bytes, 0);
        assert_int_equal(stats.allocations, stats.frees);
    }
    assert_true(FMempMalloc(&memp, (fsize_t)stats.largest) != NULL);
}

/* FMempInit of one thread against all others: exactly one finds the FMemp not ready. */
static FMemp contested;
static FError results[THREADS];

static void *init_run(void *argument) {
    FError *result = argument;

    *result = FMempInit(&contested, buffer, buffer + sizeof buffer);
    return NULL;
}

static void init_by_several_threads_succeeds_once(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    int successes = 0;

    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, init_run, &results[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        successes += results[i] == FMEMP_SUCCESS;
        assert_true(results[i] == FMEMP_SUCCESS || results[i] == FMEMP_ERR_ALREADY_INIT);
    }
    assert_int_equal(successes, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_sharing_one_memp_keep_it_sound),
        cmocka_unit_test(init_by_several_threads_succeeds_once),
    };

    return cmocka_run_group_tests_name("fmemp_threads", tests, NULL, NULL);
}
