/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares one or two builds of the library on recorded loads: see bench/compare. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

#ifndef COMPARE_BUILDS
#define COMPARE_BUILDS 2
#endif

enum { ROUNDS = 15 };

static serve_function *const servers[] = {
    serve_with_libc,
    serve_with_fmemp,
#if COMPARE_BUILDS == 2
    serve_with_fmemp_b,
#endif
};
enum { SERVERS = sizeof servers / sizeof *servers };

typedef struct {
    const char *error;
    size_t operations;
    size_t peak_bytes;
    smallest_pool smallest[SERVERS];
    double times[SERVERS];
} outcome;

static void load_measure(const void *input, void *result) {
    outcome *measured = result;
    load served;
    size_t largest_bytes = 0;
    measured->error = load_read(&served, input);
    if (measured->error != NULL) {
        return;
    }
    measured->operations = served.count;
    measured->peak_bytes = served.peak_bytes;
    for (size_t i = 1; i < SERVERS; i++) {
        measured->smallest[i] = smallest_pool_find(servers[i], &served);
        if (measured->smallest[i].bytes == 0 || measured->smallest[i].is_damaged) {
            measured->error = "it was not served, or damaged";
            return;
        }
        if (measured->smallest[i].bytes > largest_bytes) {
            largest_bytes = measured->smallest[i].bytes;
        }
    }
    size_t pool_bytes = timing_pool_bytes(&served, largest_bytes);
    if (!servers_time(servers, SERVERS, &served, pool_bytes, ROUNDS, measured->times)) {
        measured->error = "a request failed, or contents were damaged";
    }
}

int main(int argc, char **argv) {
    mean space[SERVERS] = {{0}};
    mean time[SERVERS] = {{0}};
    mean b_to_a = {0};
    bool is_sound = argc > 1;
    printf("%-10s %9s %10s  %7s %7s  %6s %6s %6s  %6s %6s %6s\n", "load", "calls", "peak", "pool A",
           "pool B", "ns C", "ns A", "ns B", "A/C", "B/C", "B/A");
    for (int i = 1; i < argc; i++) {
        char name[64];
        outcome measured;
        bool has_ended = isolated_run(load_measure, argv[i], &measured, sizeof measured);
        if (!has_ended || measured.error != NULL) {
            printf("%-10s %s\n", load_name(argv[i], name, sizeof name),
                   has_ended ? measured.error : "crashed");
            is_sound = false;
            continue;
        }
        double ratio[SERVERS] = {0};
        for (size_t s = 1; s < SERVERS; s++) {
            ratio[s] = (double)measured.smallest[s].bytes / (double)measured.peak_bytes;
            mean_add(&space[s], ratio[s]);
            mean_add(&time[s], measured.times[s] / measured.times[0]);
        }
        size_t b = SERVERS - 1;
        mean_add(&b_to_a, measured.times[b] / measured.times[1]);
        printf("%-10s %9zu %10zu  %7.4f %7.4f  %6.2f %6.2f %6.2f  %6.3f %6.3f %6.3f\n",
               load_name(argv[i], name, sizeof name), measured.operations, measured.peak_bytes,
               ratio[1], ratio[b], measured.times[0], measured.times[1], measured.times[b],
               measured.times[1] / measured.times[0], measured.times[b] / measured.times[0],
               measured.times[b] / measured.times[1]);
    }
    printf("%-10s %9s %10s  %7.4f %7.4f  %6s %6s %6s  %6.3f %6.3f %6.3f\n", "geo. mean", "", "",
           mean_value(&space[1]), mean_value(&space[SERVERS - 1]), "", "", "", mean_value(&time[1]),
           mean_value(&time[SERVERS - 1]), mean_value(&b_to_a));
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
