/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds the smallest pool that serves each recorded load through the FMemp API, and checks the
 * content of all blocks.
 *
 *     memory [--json FILE] LOAD...
 *
 * Loads named fw-..., those of firmware's libraries, are a group of their own. All have a peak
 * below 128 KiB: in small pools the control structure and single blocks weigh more.
 * Exit status 0 if and only if every load was served without failure or damage.
 */
#include <fmemory_pool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/isolate.h"
#include "../../support/results.h"
#include "../../support/statistics.h"
#include "measure.h"

enum { KIB = 1024, NAME_BYTES = 64 };

typedef enum { PROGRAMS, FIRMWARE, GROUPS } load_group;
static const char *const group_names[] = {"programs", "firmware"};

typedef struct {
    char name[NAME_BYTES];
    const char *error; /* NULL: the load was served */
    size_t operations;
    size_t peak_bytes;
    size_t blocks_bytes;
    smallest_pool smallest;
} outcome;

static block_shape fmemp_blocks(void) {
    return (block_shape){.header = tlsf_alloc_overhead(),
                         .granule = tlsf_align_size(),
                         .smallest = tlsf_block_size_min() + tlsf_alloc_overhead()};
}

static void load_measure(const void *input, void *result) {
    outcome *measured = result;
    load served;
    measured->error = load_read(&served, input);
    if (measured->error != NULL) {
        return;
    }
    measured->operations = served.count;
    measured->peak_bytes = served.peak_bytes;
    measured->blocks_bytes = blocks_peak_bytes(&served, fmemp_blocks());
    measured->smallest =
        smallest_pool_find(serve_with_fmemp, &served, served.peak_bytes, POOL_STEP);
    if (measured->smallest.bytes == 0) {
        measured->error = "a request failed in a pool of four times the peak";
    } else if (measured->smallest.is_damaged) {
        measured->error = "the contents of a block were damaged";
    }
}

static load_group group_of(const outcome *measured) {
    return strncmp(measured->name, "fw-", 3) == 0 ? FIRMWARE : PROGRAMS;
}

static double kib(size_t bytes) { return (double)bytes / KIB; }

/* The columns of the table, in heading and rows. */
#define TABLE_TEXT "%-10s %9s %10s %10s %7s %7s %12s %9s\n"
#define TABLE_ROW "%-10s %9zu %10.1f %10.1f %7.3f %7.3f %12.1f %9s\n"
#define TABLE_MEAN "%-10s %9s %10s %10s %7.3f %7.3f %12s %9s\n"

static void table_head_print(load_group group) {
    printf("\nLoads of %s\n\n" TABLE_TEXT, group_names[group], "load", "calls", "peak", "smallest",
           "pool /", "blocks", "largest free", "failures");
    printf(TABLE_TEXT, "", "", "live KiB", "pool KiB", "peak", "/ peak", "at end KiB", "");
}

typedef struct {
    mean pool;
    mean blocks;
} means;

static double pool_ratio(const outcome *measured) {
    return (double)measured->smallest.bytes / (double)measured->peak_bytes;
}

static double blocks_ratio(const outcome *measured) {
    return (double)measured->blocks_bytes / (double)measured->peak_bytes;
}

static void outcome_print(const outcome *printed, means *sums) {
    printf(TABLE_ROW, printed->name, printed->operations, kib(printed->peak_bytes),
           kib(printed->smallest.bytes), pool_ratio(printed), blocks_ratio(printed),
           kib(printed->smallest.largest_free), "none");
    mean_add(&sums->pool, pool_ratio(printed));
    mean_add(&sums->blocks, blocks_ratio(printed));
}

static void outcome_write(FILE *results, const outcome *written) {
    record_begin(results);
    fprintf(results,
            "{\"load\": \"%s\", \"group\": \"%s\", \"operations\": %zu, \"peak_bytes\": %zu, "
            "\"smallest_pool_bytes\": %zu, \"largest_at_end_bytes\": %zu, \"ratio\": %.5f, "
            "\"blocks_alone_ratio\": %.5f}",
            written->name, group_names[group_of(written)], written->operations, written->peak_bytes,
            written->smallest.bytes, written->smallest.largest_free, pool_ratio(written),
            blocks_ratio(written));
}

static void table_explain(void) {
    printf(
        "\n"
        "  calls         malloc, calloc, memalign, realloc and free calls of the recorded program\n"
        "  peak live     the most requested bytes that were live together\n"
        "  smallest pool the smallest region for FMempInit that serves the whole load, including\n"
        "                the control structure. Found by bisection: 8 bytes less did not serve it\n"
        "  pool / peak   the allocator adds headers, rounding, fragmentation, control structure\n"
        "  blocks / peak headers and rounding alone\n"
        "  largest free  the largest request that the smallest pool can serve after the last call\n"
        "  failures      failed requests, and blocks with changed bytes\n");
}

/* Prints what a region of this size keeps for itself: all that is not in blocks. */
static void region_overhead_print(size_t region_bytes) {
    static FMemp memp;
    FMempStats stats;
    unsigned char *region = malloc(region_bytes);
    if (region == NULL || FMempInit(&memp, region, region + region_bytes) != FMEMP_SUCCESS) {
        printf("  %10zu  too small for a heap\n", region_bytes);
    } else {
        FMempGetStats(&memp, &stats);
        size_t kept = region_bytes - (size_t)stats.total_bytes;
        printf("  %10zu %18zu %17.2f %% %18zu\n", region_bytes, kept,
               100 * (double)kept / (double)region_bytes, (size_t)stats.largest);
        FMempRemove(&memp);
    }
    free(region);
}

static void overheads_print(void) {
    static const size_t regions[] = {5000, 9000, 64 * KIB, 1024 * KIB, 64 * 1024 * KIB};
    printf("\nblock overhead %zu bytes; smallest block %zu bytes, of which %zu can be used; "
           "alignment %zu bytes\n\n",
           tlsf_alloc_overhead(), tlsf_block_size_min() + tlsf_alloc_overhead(),
           tlsf_block_size_min(), tlsf_align_size());
    printf("  %10s %18s %19s %18s\n", "region", "control structure", "share", "largest block");
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
        region_overhead_print(regions[i]);
    }
    printf("\n  in bytes; largest block: the largest request that a fresh region serves\n");
}

/* Prints the loads of a group that were served, if there are any. */
static void group_print(const outcome *measured, size_t count, load_group group) {
    means sums = {0};
    size_t printed = 0;
    for (size_t i = 0; i < count; i++) {
        if (measured[i].error == NULL && group_of(&measured[i]) == group) {
            if (printed++ == 0) {
                table_head_print(group);
            }
            outcome_print(&measured[i], &sums);
        }
    }
    if (printed > 0) {
        printf(TABLE_MEAN, "geo. mean", "", "", "", mean_value(&sums.pool),
               mean_value(&sums.blocks), "", "");
    }
}

/* Measures a load. Returns false, and prints why, if and only if a request failed or a block was
 * damaged. */
static bool load_served(const char *path, outcome *measured, FILE *results) {
    if (!isolated_run(load_measure, path, measured, sizeof *measured)) {
        measured->error = "the replay crashed";
    }
    (void)load_name(path, measured->name, sizeof measured->name);
    if (measured->error != NULL) {
        printf("%-10s FAILED: %s\n", measured->name, measured->error);
        return false;
    }
    if (results != NULL) {
        outcome_write(results, measured);
    }
    return true;
}

int main(int argc, char **argv) {
    const char *json = argc > 2 && strcmp(argv[1], "--json") == 0 ? argv[2] : NULL;
    char **loads = argv + (json == NULL ? 1 : 3);
    size_t count = (size_t)(argv + argc - loads);
    FILE *results = NULL;
    if (count == 0 || strncmp(*loads, "--", 2) == 0) {
        fprintf(stderr, "usage: memory [--json FILE] LOAD...\n");
        return EXIT_FAILURE;
    }
    outcome *measured = calloc(count, sizeof *measured);
    if (measured == NULL || (json != NULL && (results = results_open(json)) == NULL)) {
        free(measured);
        return EXIT_FAILURE;
    }
    bool is_sound = true;
    environment_print();
    for (size_t i = 0; i < count; i++) {
        progress_print("memory", i + 1, count, loads[i]);
        is_sound &= load_served(loads[i], &measured[i], results);
    }
    for (load_group group = PROGRAMS; group < GROUPS; group++) {
        group_print(measured, count, group);
    }
    free(measured);
    table_explain();
    overheads_print();
    is_sound &= results_close(results, json);
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
