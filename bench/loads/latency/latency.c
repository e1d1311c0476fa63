/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Times single calls of FMemp, in both layouts, and of the C library, jemalloc, mimalloc and
 * tcmalloc, with warm and with cold caches. repetitions.h says how interrupts are kept out.
 *
 *     latency [--quick] [--seed N] [--json FILE]
 *
 * Exit status 0 if and only if every request was served.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/isolate.h"
#include "../../support/results.h"
#include "../../support/statistics.h"
#include "../../support/timer.h"
#include "eviction.h"
#include "repetitions.h"

enum {
    WARM_STEPS = 1400000, /* gives over a million calls of each function */
    WARM_STEPS_QUICK = 50000,
    WARM_REPETITIONS = 5,
    WARM_REPETITIONS_QUICK = 3,
    COLD_STEPS = 500,
    COLD_STEPS_QUICK = 40,
    COLD_REPETITIONS = 3,
    DISTURBANCE_NANOSECONDS = 500
};

static const struct {
    const char *key;
    double percent;
} percentiles[] = {{"50", 50},       {"90", 90},         {"99", 99},  {"99.9", 99.9},
                   {"99.99", 99.99}, {"99.999", 99.999}, {"max", 100}};
enum { PERCENTILES = sizeof percentiles / sizeof *percentiles };

typedef struct {
    size_t warm_steps;
    size_t warm_repetitions;
    size_t cold_steps;
    size_t cold_repetitions;
    uint64_t seed;
    const char *json;
} options;

/* ---- measuring ---------------------------------------------------------------------------- */

/* What one process measures: a sequence of calls, once, on one allocator or, call by call, on
 * several. */
typedef struct {
    const allocator *const *called;
    size_t allocators;
    bool is_cold; /* caches are made cold before each call */
    size_t calls;
    sample *samples; /* shared memory; call i of allocator a is samples[a * distance + i] */
    size_t distance;
    uint64_t seed;
} task;

static bool runners_begin(runner *runners, const task *given) {
    bool is_sound = true;
    for (size_t a = 0; is_sound && a < given->allocators; a++) {
        size_t bytes = runner_region_bytes();
        void *region = memory_map(bytes);
        memset(&given->samples[a * given->distance], 0, given->calls * sizeof(sample));
        is_sound = region != NULL && runner_begin(&runners[a], given->called[a], given->seed,
                                                  !given->is_cold, region, bytes);
    }
    return is_sound;
}

static void calls_measure(const void *input, void *result) {
    static runner runners[ALL_ALLOCATORS];
    const task *given = input;
    bool is_sound = runners_begin(runners, given);
    for (size_t i = 0; is_sound && i < given->calls; i++) {
        if (given->is_cold) {
            caches_evict();
        }
        for (size_t turn = 0; is_sound && turn < given->allocators; turn++) {
            size_t a = (turn + i) % given->allocators;
            is_sound = runner_call(&runners[a], &given->samples[a * given->distance + i]);
        }
    }
    *(bool *)result = is_sound;
}

/* The calls of one allocator or of all, in all repetitions. */
typedef struct {
    size_t calls;
    size_t repetitions;
    sample *samples; /* the samples of an allocator are contiguous */
} recording;

/* Returns false if and only if a request failed, or there is no memory. */
static bool recording_make(recording *made, const allocator *const *called, size_t count,
                           bool is_cold, const options *chosen) {
    size_t steps = is_cold ? chosen->cold_steps : chosen->warm_steps;
    made->calls = steps * STEP_CALLS;
    made->repetitions = is_cold ? chosen->cold_repetitions : chosen->warm_repetitions;
    size_t distance = made->calls * made->repetitions;
    made->samples = memory_map_shared(count * distance * sizeof(sample));
    bool is_sound = made->samples != NULL;
    for (size_t r = 0; is_sound && r < made->repetitions; r++) {
        task given = {.called = called,
                      .allocators = count,
                      .is_cold = is_cold,
                      .calls = made->calls,
                      .samples = made->samples + r * made->calls,
                      .distance = distance,
                      .seed = chosen->seed};
        bool has_served = false;
        processor_pin((unsigned)r);
        is_sound =
            isolated_run(calls_measure, &given, &has_served, sizeof has_served) && has_served;
    }
    return is_sound;
}

/* ---- reporting ---------------------------------------------------------------------------- */

typedef struct {
    FILE *results; /* NULL: no JSON */
    uint32_t timer_overhead;
    uint32_t disturbance_ticks;
} reporter;

static uint32_t percentile_of(const latencies *measured, size_t p) {
    return ticks_percentile(measured->ticks, measured->count, percentiles[p].percent);
}

/* Whether there are enough calls for some to lie beyond the percentile. */
static bool has_percentile(const latencies *measured, size_t p) {
    double beyond = (double)measured->count * (100 - percentiles[p].percent) / 100;
    return p + 1 == PERCENTILES || beyond >= 1;
}

static void latencies_print(const char *allocator_name, function called, const latencies *printed) {
    printf("  %-13s  %-16s %9zu %9zu %8.1f", allocator_name, function_names[called], printed->count,
           printed->disturbed, printed->mean);
    for (size_t p = 0; p < PERCENTILES; p++) {
        if (has_percentile(printed, p)) {
            printf(" %8" PRIu32, percentile_of(printed, p));
        } else {
            printf(" %8s", "-");
        }
    }
    printf("\n");
}

static void histogram_write(FILE *results, const latencies *written) {
    const char *separator = "";
    for (size_t i = 0; i < written->count;) {
        size_t bucket = bucket_of(written->ticks[i]);
        size_t begin = i;
        while (i < written->count && bucket_of(written->ticks[i]) == bucket) {
            i++;
        }
        fprintf(results, "%s[%" PRIu32 ", %zu]", separator, bucket_begin(bucket), i - begin);
        separator = ", ";
    }
}

static void latencies_write(FILE *results, const char *allocator_name, function called,
                            bool is_cold, const latencies *written) {
    record_begin(results);
    fprintf(results,
            "{\"allocator\": \"%s\", \"function\": \"%s\", \"cache\": \"%s\", "
            "\"calls\": %zu, \"disturbed\": %zu, \"unit\": \"" TIMER_UNIT
            "\", \"mean\": %.2f,\n \"percentiles\": {",
            allocator_name, function_names[called], is_cold ? "cold" : "warm", written->count,
            written->disturbed, written->mean);
    for (size_t p = 0; p < PERCENTILES; p++) {
        fprintf(results, "%s\"%s\": %" PRIu32, p == 0 ? "" : ", ", percentiles[p].key,
                percentile_of(written, p));
    }
    fprintf(results, "},\n \"histogram\": [");
    histogram_write(results, written);
    fprintf(results, "]}");
}

/* Returns false if and only if there is no memory. */
static bool allocator_report(const reporter *to, const char *allocator_name, const recording *made,
                             const sample *samples, bool is_cold) {
    latencies summed = {.ticks = malloc(made->calls * sizeof *summed.ticks)};
    for (function called = 0; summed.ticks != NULL && called < FUNCTIONS; called++) {
        repetitions_sum_up(samples, made->calls, made->repetitions, called, to->timer_overhead,
                           to->disturbance_ticks, &summed);
        if (summed.count == 0) {
            continue;
        }
        latencies_print(allocator_name, called, &summed);
        if (to->results != NULL) {
            latencies_write(to->results, allocator_name, called, is_cold, &summed);
        }
    }
    free(summed.ticks);
    return summed.ticks != NULL;
}

static void table_head_print(const char *title) {
    printf("\n%s\n\n  %-13s  %-16s %9s %9s %8s", title, "allocator", "call", "calls", "disturbed",
           "mean");
    for (size_t p = 0; p < PERCENTILES; p++) {
        printf(" %8s", percentiles[p].key);
    }
    printf("\n");
}

static void tables_explain(const options *chosen, const reporter *to) {
    printf(
        "\n"
        "  calls      among %d live blocks of 8 to 2,047 bytes. Each step replaces a block by\n"
        "             malloc or memalign (up to 256 bytes), or reallocates it, mostly by up to a\n"
        "             quarter; seed %" PRIu64 "\n",
        LIVE_BLOCKS, chosen->seed);
    printf("  figures    " TIMER_UNIT " of the " TIMER_NAME
           " that so many percent of the calls do\n"
           "             not exceed (\"-\": too few calls), without the time of the timer itself:\n"
           "             %" PRIu32 ". The counters of some processors advance many " TIMER_UNIT "\n"
           "             at a time; then so do the figures, and the mean is finer\n",
           to->timer_overhead);
    printf(
        "  repeated   the same calls are made %zu times (cold: %zu), each time in a process of\n"
        "             its own from the same state. The time of a call is the median of these: a\n"
        "             slow call is slow in most repetitions, while an interrupt hits one\n"
        "  disturbed  executions that took over twice the median of their call and %" PRIu32
        " more: interrupts, and others at work on the machine\n",
        chosen->warm_repetitions, chosen->cold_repetitions, to->disturbance_ticks);
    printf(
        "  warm       blocks are written after malloc and before free\n"
        "  cold       %zu KiB are read before each call, more than the last-level cache holds;\n"
        "             blocks are not touched\n"
        "  moved      includes the copy of the content\n"
        "  kernel     FMemp's region is written before; the other allocators get memory from the\n"
        "             kernel during calls, glibc once only (no mmap, no trim)\n",
        eviction_bytes() / 1024);
}

/* ---- the run ------------------------------------------------------------------------------ */

enum { PARTS = ALL_ALLOCATORS + 1 }; /* of a run: each allocator warm, all cold */

static bool warm_report(const options *chosen, const reporter *to) {
    bool is_sound = true;
    table_head_print("Warm caches");
    for (size_t a = 0; a < ALL_ALLOCATORS; a++) {
        recording made;
        const char *name = all_allocators[a]->name;
        progress_print("latency", a + 1, PARTS, name);
        if (!recording_make(&made, &all_allocators[a], 1, false, chosen) ||
            !allocator_report(to, name, &made, made.samples, false)) {
            printf("  %-13s  FAILED\n", name);
            is_sound = false;
        }
        memory_unmap(made.samples, made.calls * made.repetitions * sizeof(sample));
    }
    return is_sound;
}

static bool cold_report(const options *chosen, const reporter *to) {
    recording made;
    table_head_print("Cold caches");
    progress_print("latency", PARTS, PARTS, "cold caches");
    bool is_sound = recording_make(&made, all_allocators, ALL_ALLOCATORS, true, chosen);
    for (size_t a = 0; is_sound && a < ALL_ALLOCATORS; a++) {
        const sample *samples = made.samples + a * made.calls * made.repetitions;
        is_sound = allocator_report(to, all_allocators[a]->name, &made, samples, true);
    }
    if (!is_sound) {
        printf("  FAILED\n");
    }
    return is_sound;
}

/* Reads the arguments behind the program's name. */
static bool options_read(options *chosen, char **argv) {
    for (; *argv != NULL; argv++) {
        bool has_value = argv[1] != NULL;
        if (strcmp(*argv, "--quick") == 0) {
            chosen->warm_steps = WARM_STEPS_QUICK;
            chosen->warm_repetitions = WARM_REPETITIONS_QUICK;
            chosen->cold_steps = COLD_STEPS_QUICK;
        } else if (strcmp(*argv, "--seed") == 0 && has_value) {
            chosen->seed = strtoull(*++argv, NULL, 0);
        } else if (strcmp(*argv, "--json") == 0 && has_value) {
            chosen->json = *++argv;
        } else {
            return false;
        }
    }
    return true;
}

static bool all_report(const options *chosen, FILE *results) {
    double nanoseconds = timer_nanoseconds();
    reporter to = {.results = results,
                   .timer_overhead = timer_overhead(),
                   .disturbance_ticks = (uint32_t)(DISTURBANCE_NANOSECONDS / nanoseconds)};
    environment_print();
    printf("timer     " TIMER_NAME "; one of its " TIMER_UNIT " takes %.3f ns\n", nanoseconds);
    bool is_sound = warm_report(chosen, &to);
    is_sound &= cold_report(chosen, &to);
    tables_explain(chosen, &to);
    return is_sound;
}

int main(int argc, char **argv) {
    options chosen = {.warm_steps = WARM_STEPS,
                      .warm_repetitions = WARM_REPETITIONS,
                      .cold_steps = COLD_STEPS,
                      .cold_repetitions = COLD_REPETITIONS,
                      .seed = 42};
    FILE *results = NULL;
    (void)argc;
    if (!options_read(&chosen, argv + 1)) {
        fprintf(stderr, "usage: latency [--quick] [--seed N] [--json FILE]\n");
        return EXIT_FAILURE;
    }
    const char *missing = allocators_load(argv);
    if (missing != NULL || !eviction_prepare()) {
        fprintf(stderr, "latency: %s\n", missing != NULL ? missing : "not enough memory");
        return EXIT_FAILURE;
    }
    if (chosen.json != NULL && (results = results_open(chosen.json)) == NULL) {
        return EXIT_FAILURE;
    }
    bool is_sound = all_report(&chosen, results);
    is_sound &= results_close(results, chosen.json);
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
