/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Serves recorded loads through the FMemp API, and prints what each needs.
 *
 *     replay [--quick] LOAD...
 *
 * Exit status 0 if and only if every load was served without failure or damage.
 */
#include <fmemory_pool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../environment.h"
#include "measure.h"

enum { ROUNDS = 31, ROUNDS_QUICK = 7, KIB = 1024 };

typedef struct {
    const char *path;
    unsigned rounds;
} task;

typedef struct {
    const char *error; /* NULL: the load was served */
    size_t operations;
    size_t peak_bytes;
    size_t blocks_bytes;
    smallest_pool smallest;
    double fmemp_time;
    double libc_time;
} outcome;

static block_shape fmemp_blocks(void) {
    return (block_shape){.header = tlsf_alloc_overhead(),
                         .granule = tlsf_align_size(),
                         .smallest = tlsf_block_size_min() + tlsf_alloc_overhead()};
}

static void load_measure(const void *input, void *result) {
    static serve_function *const servers[] = {serve_with_fmemp, serve_with_libc};
    const task *given = input;
    outcome *measured = result;
    double medians[2];
    load served;
    measured->error = load_read(&served, given->path);
    if (measured->error != NULL) {
        return;
    }
    measured->operations = served.count;
    measured->peak_bytes = served.peak_bytes;
    measured->blocks_bytes = blocks_peak_bytes(&served, fmemp_blocks());
    measured->smallest = smallest_pool_find(serve_with_fmemp, &served);
    if (measured->smallest.bytes == 0) {
        measured->error = "a request failed in a pool of four times the peak";
    } else if (measured->smallest.is_damaged) {
        measured->error = "the contents of a block were damaged";
    } else if (!servers_time(servers, 2, &served,
                             timing_pool_bytes(&served, measured->smallest.bytes), given->rounds,
                             medians)) {
        measured->error = "a request failed, or the contents of a block were damaged";
    } else {
        measured->fmemp_time = medians[0];
        measured->libc_time = medians[1];
    }
}

static double kib(size_t bytes) { return (double)bytes / KIB; }

/* The columns of the table, head and row alike. */
#define TABLE_TEXT "%-10s %9s %10s %10s %7s %7s %12s %8s %8s %6s %9s\n"
#define TABLE_ROW "%-10s %9zu %10.1f %10.1f %7.3f %7.3f %12.1f %8.1f %8.1f %6.2f %9s\n"
#define TABLE_MEAN "%-10s %9s %10s %10s %7.3f %7.3f %12s %8s %8s %6.2f %9s\n"

static void table_head_print(void) {
    printf("\n" TABLE_TEXT, "load", "calls", "peak", "smallest", "pool /", "blocks", "largest free",
           "FMemp", "C lib.", "time", "failures");
    printf(TABLE_TEXT, "", "", "live KiB", "pool KiB", "peak", "/ peak", "at end KiB", "ns/call",
           "ns/call", "ratio", "");
}

typedef struct {
    mean pool;
    mean blocks;
    mean time;
} means;

static void outcome_print(const char *name, const outcome *printed, means *sums) {
    double peak = (double)printed->peak_bytes;
    double pool = (double)printed->smallest.bytes / peak;
    double blocks = (double)printed->blocks_bytes / peak;
    double time = printed->fmemp_time / printed->libc_time;
    printf(TABLE_ROW, name, printed->operations, kib(printed->peak_bytes),
           kib(printed->smallest.bytes), pool, blocks, kib(printed->smallest.largest_free),
           printed->fmemp_time, printed->libc_time, time, "none");
    mean_add(&sums->pool, pool);
    mean_add(&sums->blocks, blocks);
    mean_add(&sums->time, time);
}

static void table_explain(unsigned rounds) {
    printf(
        "\n"
        "  calls         malloc, calloc, memalign, realloc and free calls of the recorded program\n"
        "  peak live     requested bytes that were live together, at most\n"
        "  smallest pool the smallest region for FMempInit that serves the whole load, control\n"
        "                structure included, found by bisection: 8 bytes less did not serve it\n"
        "  pool / peak   what the allocator adds: headers, rounding, fragmentation, control\n"
        "  blocks / peak headers and rounding alone: the rest is fragmentation and control\n"
        "  largest free  largest request that this smallest pool would serve after the last call\n"
        "  ns/call       median of %u replays, FMemp and the C library in turn; FMemp's pool is\n"
        "                twice the peak, the C library keeps its memory between replays, and each\n"
        "                replay writes and checks the first and last byte of every block\n"
        "  time ratio    FMemp / C library: below 1 FMemp is faster\n"
        "  failures      requests that got no memory, and blocks whose bytes changed\n",
        rounds);
}

/* What a region of this size keeps for itself: all that is not in blocks. */
static void region_overhead_print(size_t region_bytes) {
    static FMemp memp;
    FMempStats stats;
    unsigned char *region = malloc(region_bytes);
    if (region == NULL || FMempInit(&memp, region, region + region_bytes) != FMEMP_SUCCESS) {
        printf("  %10zu  cannot be had\n", region_bytes);
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
    printf("\n  bytes: of the region, of what it keeps for itself, of the largest request that it\n"
           "  serves when it is fresh\n");
}

int main(int argc, char **argv) {
    bool is_quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    unsigned rounds = is_quick ? ROUNDS_QUICK : ROUNDS;
    int first = is_quick ? 2 : 1;
    means sums = {0};
    bool is_sound = true;
    if (argc <= first) {
        fprintf(stderr, "usage: replay [--quick] LOAD...\n");
        return EXIT_FAILURE;
    }
    environment_print();
    table_head_print();
    for (int i = first; i < argc; i++) {
        char name[64];
        outcome measured;
        task given = {.path = argv[i], .rounds = rounds};
        load_name(argv[i], name, sizeof name);
        if (!isolated_run(load_measure, &given, &measured, sizeof measured)) {
            measured.error = "the replay crashed";
        }
        if (measured.error == NULL) {
            outcome_print(name, &measured, &sums);
        } else {
            printf("%-10s FAILED: %s\n", name, measured.error);
            is_sound = false;
        }
    }
    printf(TABLE_MEAN, "geo. mean", "", "", "", mean_value(&sums.pool), mean_value(&sums.blocks),
           "", "", "", mean_value(&sums.time), is_sound ? "none" : "FAILED");
    table_explain(rounds);
    overheads_print();
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
