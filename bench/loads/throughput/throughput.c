/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Times FMemp, in both layouts, beside the C library, jemalloc, mimalloc and tcmalloc, on recorded
 * loads and on steady-state mixes.
 *
 *     throughput [--quick] [--seed N] [--json FILE] LOAD...
 *
 * Exit status 0 if and only if every allocator served every request.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/results.h"
#include "../../support/statistics.h"
#include "../replay/measure.h"
#include "mix.h"
#include "timing.h"

enum { ROUNDS = 21, ROUNDS_QUICK = 5, STEPS = 200000, STEPS_QUICK = 50000 };

typedef struct {
    unsigned rounds;
    size_t steps;
    uint64_t seed;
    const char *json;
    char **loads;
    size_t loads_count;
} options;

/* One row of the table: a load or a mix. */
typedef struct {
    char name[32];
    const char *kind;
    size_t operations;
    timings measured;
} row;

/* ---- measuring ---------------------------------------------------------------------------- */

/* Makes workload number `index` of all, and its name. */
static const char *workload_make(const options *chosen, size_t index, workload *made, row *named) {
    if (index < chosen->loads_count) {
        named->kind = "recorded load";
        load_name(chosen->loads[index], named->name, sizeof named->name);
        return load_workload(made, chosen->loads[index]);
    }
    const mix *described = &mixes[index - chosen->loads_count];
    named->kind = "steady mix";
    snprintf(named->name, sizeof named->name, "%s", described->name);
    return mix_make(made, described, chosen->steps, chosen->seed) ? NULL : "not enough memory";
}

static const char *row_measure(const options *chosen, size_t index, row *measured) {
    workload timed = {0};
    const char *error = workload_make(chosen, index, &timed, measured);
    progress_print("throughput", index + 1, chosen->loads_count + mixes_count, measured->name);
    if (error == NULL) {
        measured->operations = timed.served.count - timed.begin;
        error = allocators_time(all_allocators, ALL_ALLOCATORS, &timed, chosen->rounds,
                                &measured->measured);
        load_release(&timed.served);
    }
    return error;
}

/* ---- tables ------------------------------------------------------------------------------- */

static void table_head_print(const char *title) {
    printf("\n%s\n\n%-10s %9s %8s", title, "", "calls", "harness");
    for (size_t i = 0; i < ALL_ALLOCATORS; i++) {
        printf(" %13s", all_allocators[i]->name);
    }
    printf("\n");
}

static void times_print(const row *printed) {
    printf("%-10s %9zu %8.2f", printed->name, printed->operations,
           harness_median(&printed->measured));
    for (size_t i = 0; i < ALL_ALLOCATORS; i++) {
        printf(" %13.2f", time_median(&printed->measured, i, NET));
    }
    printf("\n");
}

typedef double ratio_function(const timings *measured, size_t index, size_t base,
                              timing_scope scope);

static void figures_print(const char *name, const double figures[ALL_ALLOCATORS]) {
    printf("%-10s %9s %8s", name, "", "");
    for (size_t i = 0; i < ALL_ALLOCATORS; i++) {
        printf(" %13.3f", figures[i]);
    }
    printf("\n");
}

/* Prints the ratios of all rows of a kind, their geometric means and maxima. */
static void ratios_print(const row *rows, size_t count, const char *kind, ratio_function *ratio_of,
                         timing_scope scope) {
    mean sums[ALL_ALLOCATORS] = {{0}};
    double means[ALL_ALLOCATORS];
    double maxima[ALL_ALLOCATORS] = {0};
    for (size_t r = 0; r < count; r++) {
        double ratios[ALL_ALLOCATORS];
        if (strcmp(rows[r].kind, kind) != 0) {
            continue;
        }
        for (size_t i = 0; i < ALL_ALLOCATORS; i++) {
            ratios[i] = ratio_of(&rows[r].measured, i, GLIBC, scope);
            mean_add(&sums[i], ratios[i]);
            maxima[i] = ratios[i] > maxima[i] ? ratios[i] : maxima[i];
        }
        figures_print(rows[r].name, ratios);
    }
    for (size_t i = 0; i < ALL_ALLOCATORS; i++) {
        means[i] = mean_value(&sums[i]);
    }
    figures_print("geo. mean", means);
    figures_print("maximum", maxima);
}

/* The median of the spreads of all rows. */
static void spread_print(const row *rows, size_t count) {
    double medians[ALL_ALLOCATORS];
    double *spreads = calloc(count, sizeof *spreads);
    for (size_t i = 0; spreads != NULL && i < ALL_ALLOCATORS; i++) {
        for (size_t r = 0; r < count; r++) {
            spreads[r] = ratio_spread(&rows[r].measured, i, GLIBC, NET);
        }
        medians[i] = median(spreads, count);
    }
    table_head_print("Noise: interquartile range / median of the ratios without harness, median of "
                     "all rows");
    if (spreads != NULL) {
        figures_print("", medians);
    }
    free(spreads);
}

static void tables_print(const row *rows, size_t count) {
    static const char *const kinds[] = {"recorded load", "steady mix"};
    table_head_print("Nanoseconds per call, harness taken off");
    for (size_t r = 0; r < count; r++) {
        times_print(&rows[r]);
    }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        printf("\n==== %s ====\n", k == 0 ? "Recorded loads" : "Steady mixes");
        table_head_print("Time / glibc's, harness taken off");
        ratios_print(rows, count, kinds[k], ratio_median, NET);
        table_head_print("Time / glibc's, harness included");
        ratios_print(rows, count, kinds[k], ratio_median, WHOLE);
        table_head_print("Shortest time / glibc's shortest, harness taken off");
        ratios_print(rows, count, kinds[k], ratio_fastest, NET);
    }
    spread_print(rows, count);
}

static void tables_explain(const options *chosen) {
    printf("\n"
           "  calls      malloc, calloc, memalign, realloc and free calls that were timed\n"
           "  time       processor time, median of %u rounds. Each round runs every allocator,\n"
           "             in an order that rotates. Each run is a process that serves the workload\n"
           "             twice from an empty heap; the second time counts, so that first page\n"
           "             faults do not. The program writes the first byte of each block, and\n"
           "             reads it before it frees the block\n"
           "  harness    the same code with calls that only return an address: the loop and the\n"
           "             table of addresses. Cache misses of blocks count for the allocators,\n"
           "             because they depend on where an allocator places blocks\n"
           "  ratio      median of the ratios of the times of one round; below 1: faster than\n"
           "             the C library. Ratios without the harness compare the allocators alone.\n"
           "             Ratios of the shortest times show whether the machine was busy: on an\n"
           "             idle machine they are the same\n"
           "  settings   FMemp's pool is three times the peak. glibc keeps its memory (no mmap,\n"
           "             no trim); the others have their defaults. No huge pages\n"
           "  mixes      seed %" PRIu64 ":\n",
           chosen->rounds, chosen->seed);
    for (size_t i = 0; i < mixes_count; i++) {
        printf("             %-10s %s, %u live blocks\n", mixes[i].name, mixes[i].description,
               mixes[i].live);
    }
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void row_write(FILE *results, const row *written) {
    bool is_load = strcmp(written->kind, "recorded load") == 0;
    for (size_t i = 0; i < ALL_ALLOCATORS; i++) {
        const timings *measured = &written->measured;
        record_begin(results);
        fprintf(results,
                "{\"%s\": \"%s\", \"kind\": \"%s\", \"allocator\": \"%s\", \"operations\": %zu, "
                "\"ns_per_operation\": %.4f, \"ratio_to_glibc\": %.5f, "
                "\"ratio_of_fastest\": %.5f, \"ns_with_harness\": %.4f, \"ratio_with_harness\": "
                "%.5f, \"ns_harness\": %.4f, "
                "\"runs\": %u}",
                is_load ? "load" : "mix", written->name, written->kind, all_allocators[i]->name,
                written->operations, time_median(measured, i, NET),
                ratio_median(measured, i, GLIBC, NET), ratio_fastest(measured, i, GLIBC, NET),
                time_median(measured, i, WHOLE), ratio_median(measured, i, GLIBC, WHOLE),
                harness_median(measured), measured->rounds);
    }
}

static bool rows_write(const row *rows, size_t count, const options *chosen) {
    FILE *results = results_open(chosen->json);
    for (size_t r = 0; results != NULL && r < count; r++) {
        row_write(results, &rows[r]);
    }
    return results != NULL && results_close(results, chosen->json);
}

/* ---- the run ------------------------------------------------------------------------------ */

static bool options_read(options *chosen, char **argv) {
    *chosen = (options){.rounds = ROUNDS, .steps = STEPS, .seed = 42};
    for (argv++; *argv != NULL && strncmp(*argv, "--", 2) == 0; argv++) {
        if (strcmp(*argv, "--quick") == 0) {
            chosen->rounds = ROUNDS_QUICK;
            chosen->steps = STEPS_QUICK;
        } else if (strcmp(*argv, "--seed") == 0 && argv[1] != NULL) {
            chosen->seed = strtoull(*++argv, NULL, 0);
        } else if (strcmp(*argv, "--json") == 0 && argv[1] != NULL) {
            chosen->json = *++argv;
        } else {
            return false;
        }
    }
    chosen->loads = argv;
    while (argv[chosen->loads_count] != NULL) {
        chosen->loads_count++;
    }
    return chosen->loads_count > 0;
}

int main(int argc, char **argv) {
    options chosen;
    (void)argc;
    if (!options_read(&chosen, argv)) {
        fprintf(stderr, "usage: throughput [--quick] [--seed N] [--json FILE] LOAD...\n");
        return EXIT_FAILURE;
    }
    const char *missing = allocators_load(argv);
    if (missing != NULL) {
        fprintf(stderr, "throughput: %s\n", missing);
        return EXIT_FAILURE;
    }
    size_t count = chosen.loads_count + mixes_count;
    size_t measured = 0;
    bool is_sound = true;
    row *rows = calloc(count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < count; i++) {
        const char *error = row_measure(&chosen, i, &rows[measured]);
        if (error == NULL) {
            measured++;
        } else {
            printf("FAILED: %s: %s\n", rows[measured].name, error);
            is_sound = false;
        }
    }
    if (measured > 0) {
        environment_print();
        tables_print(rows, measured);
        tables_explain(&chosen);
    }
    is_sound &= measured > 0;
    if (chosen.json != NULL) {
        is_sound &= rows_write(rows, measured, &chosen);
    }
    free(rows);
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
