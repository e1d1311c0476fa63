/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Times single calls of FMemp among 10, 1,000 and 100,000 live blocks of random sizes.
 *
 *     micro [--quick] [--seed N]
 *
 * Exit status 0 if and only if every request was served.
 */
#define _POSIX_C_SOURCE 200809L
#include <fmemory_pool.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../environment.h"
#include "timer.h"

enum {
    SAMPLES = 200000,
    SAMPLES_QUICK = 20000,
    SIZE_BITS_MIN = 3,  /* sizes from 8 ... */
    SIZE_BITS_MAX = 11, /* ... to below 2,048 bytes, each power of two as often as the others */
    ALIGN_BITS_MIN = 4,
    ALIGN_BITS_MAX = 12
};

typedef enum { MALLOC, FREE, MEMALIGN, REALLOC_IN_PLACE, REALLOC_MOVED, CALLS } call;

static const char *const call_names[CALLS] = {"malloc", "free", "memalign", "realloc in place",
                                              "realloc moved"};

typedef struct {
    uint32_t *times; /* one for each call, timer overhead taken off */
    size_t count;
} samples;

typedef struct {
    void *ptr;
    size_t size;
} block;

/* One heap with a constant number of live blocks. */
typedef struct {
    FMemp memp;
    unsigned char *region;
    block *blocks;
    size_t count;
    samples samples[CALLS];
    uint32_t timer_overhead;
    size_t failures;
} bench;

/* ---- random numbers (xorshift64*) ------------------------------------------------------- */

static uint64_t random_state;

/* 0 to bound - 1; bound is below 2^32. */
static size_t random_below(size_t bound) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    uint64_t high = (random_state * UINT64_C(0x2545F4914F6CDD1D)) >> 32;
    return (size_t)((high * bound) >> 32);
}

static size_t random_size(void) {
    size_t low = (size_t)1 << (SIZE_BITS_MIN + random_below(SIZE_BITS_MAX - SIZE_BITS_MIN));
    return low + random_below(low);
}

static size_t random_align(void) {
    return (size_t)1 << (ALIGN_BITS_MIN + random_below(ALIGN_BITS_MAX - ALIGN_BITS_MIN + 1));
}

static block *random_block(bench *run) { return &run->blocks[random_below(run->count)]; }

/* ---- timed calls ------------------------------------------------------------------------ */

static void sample_add(bench *run, call called, uint64_t ticks) {
    samples *added = &run->samples[called];
    added->times[added->count++] =
        ticks > run->timer_overhead ? (uint32_t)ticks - run->timer_overhead : 0;
}

static void block_set(bench *run, block *set, void *ptr, size_t size) {
    run->failures += ptr == NULL;
    *set = (block){.ptr = ptr, .size = size};
}

static void free_time(bench *run, block *freed) {
    uint64_t start = timer_start();
    FMempFree(&run->memp, freed->ptr);
    sample_add(run, FREE, timer_stop() - start);
}

static void malloc_time(bench *run, block *made) {
    size_t size = random_size();
    uint64_t start = timer_start();
    void *ptr = FMempMalloc(&run->memp, size);
    sample_add(run, MALLOC, timer_stop() - start);
    block_set(run, made, ptr, size);
}

static void memalign_time(bench *run, block *made) {
    size_t size = random_size();
    size_t align = random_align();
    uint64_t start = timer_start();
    void *ptr = FMempMallocAlign(&run->memp, size, align);
    sample_add(run, MEMALIGN, timer_stop() - start);
    block_set(run, made, ptr, size);
}

/* Half of the reallocs change the size by up to a quarter, as a growing buffer does; the others
 * ask for any size. */
static void realloc_time(bench *run, block *changed) {
    size_t near = changed->size - changed->size / 4 + random_below(changed->size / 2 + 1);
    size_t size = random_below(2) == 0 ? near : random_size();
    uint64_t start = timer_start();
    void *ptr = FMempRealloc(&run->memp, changed->ptr, size);
    uint64_t ticks = timer_stop() - start;
    sample_add(run, ptr == changed->ptr ? REALLOC_IN_PLACE : REALLOC_MOVED, ticks);
    block_set(run, changed, ptr, size);
}

/* ---- the run ---------------------------------------------------------------------------- */

static void blocks_fill(bench *run) {
    for (size_t i = 0; i < run->count; i++) {
        size_t size = random_size();
        block_set(run, &run->blocks[i], FMempMalloc(&run->memp, size), size);
    }
}

/* Replaces blocks until the free memory is as scattered as it gets. */
static void blocks_shuffle(bench *run) {
    for (size_t i = 0; i < 4 * run->count; i++) {
        block *replaced = random_block(run);
        size_t size = random_size();
        FMempFree(&run->memp, replaced->ptr);
        block_set(run, replaced, FMempMalloc(&run->memp, size), size);
    }
}

static void calls_time(bench *run, size_t rounds) {
    for (size_t round = 0; round < rounds && run->failures == 0; round++) {
        block *replaced = random_block(run);
        free_time(run, replaced);
        malloc_time(run, replaced);
        replaced = random_block(run);
        FMempFree(&run->memp, replaced->ptr);
        memalign_time(run, replaced);
        realloc_time(run, random_block(run));
    }
}

static int time_compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void samples_print(const char *name, size_t live, samples *printed) {
    size_t count = printed->count;
    if (count == 0) {
        printf("  %-17s %9zu %9d %8s %8s %9s\n", name, live, 0, "-", "-", "-");
        return;
    }
    qsort(printed->times, count, sizeof *printed->times, time_compare);
    printf("  %-17s %9zu %9zu %8u %8u %9u\n", name, live, count, printed->times[count / 2],
           printed->times[count - 1 - count / 1000], printed->times[count - 1]);
}

static bool bench_make(bench *run, size_t count, size_t rounds, uint32_t overhead) {
    size_t bytes = count * 1024 + 65536; /* the live blocks take less than half of it */
    bool has_memory = true;
    *run = (bench){.count = count, .timer_overhead = overhead};
    run->region = malloc(bytes);
    run->blocks = calloc(count, sizeof *run->blocks);
    for (unsigned i = 0; i < CALLS; i++) {
        run->samples[i].times = malloc(rounds * sizeof *run->samples[i].times);
        has_memory &= run->samples[i].times != NULL;
    }
    if (!has_memory || run->region == NULL || run->blocks == NULL) {
        return false;
    }
    memset(run->region, 1, bytes); /* so that no page is had for the first time in a timed call */
    return FMempInit(&run->memp, run->region, run->region + bytes) == FMEMP_SUCCESS;
}

static void bench_release(bench *run) {
    FMempRemove(&run->memp);
    for (unsigned i = 0; i < CALLS; i++) {
        free(run->samples[i].times);
    }
    free(run->blocks);
    free(run->region);
}

/* Returns false when a request failed. */
static bool live_blocks_bench(size_t count, size_t rounds, uint32_t overhead) {
    bench run;
    bool is_sound = bench_make(&run, count, rounds, overhead);
    if (is_sound) {
        blocks_fill(&run);
        blocks_shuffle(&run);
        calls_time(&run, rounds);
        for (unsigned i = 0; i < CALLS; i++) {
            samples_print(call_names[i], count, &run.samples[i]);
        }
        is_sound = run.failures == 0;
    }
    bench_release(&run);
    if (!is_sound) {
        printf("  %zu live blocks: FAILED: a request was not served\n", count);
    }
    return is_sound;
}

static void table_explain(size_t rounds) {
    printf(
        "\n"
        "  live        blocks that are live all the time, of %d to %d random bytes\n"
        "  samples     calls that were timed, of %zu rounds on heaps whose blocks were replaced\n"
        "              at random before\n"
        "  median ...  " TIMER_UNIT " of a call, less those of the timer itself; the maximum\n"
        "              also holds whatever interrupted the processor; on some processors\n"
        "              the counter advances many cycles at a time, and so do the figures\n"
        "  moved       includes the copy of the contents\n",
        1 << SIZE_BITS_MIN, (1 << SIZE_BITS_MAX) - 1, rounds);
}

int main(int argc, char **argv) {
    static const size_t counts[] = {10, 1000, 100000};
    size_t rounds = SAMPLES;
    unsigned long long seed = 42;
    bool is_sound = true;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            rounds = SAMPLES_QUICK;
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            seed = strtoull(argv[++i], NULL, 0);
        } else {
            fprintf(stderr, "usage: micro [--quick] [--seed N]\n");
            return EXIT_FAILURE;
        }
    }
    uint32_t overhead = timer_overhead();
    environment_print();
    printf("timer     %s; one takes %.3f ns; overhead taken off: %u; seed %llu\n\n", TIMER_UNIT,
           timer_nanoseconds(), overhead, seed);
    printf("  %-17s %9s %9s %8s %8s %9s\n", "call", "live", "samples", "median", "99.9 %",
           "maximum");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        random_state = seed * 2 + 1;
        is_sound &= live_blocks_bench(counts[i], rounds, overhead);
    }
    table_explain(rounds);
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
