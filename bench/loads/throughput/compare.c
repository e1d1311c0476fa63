/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares one or two builds of the library on recorded loads: see bench/compare. */
#include <stdio.h>
#include <stdlib.h>

#include "../../support/isolate.h"
#include "../../support/statistics.h"
#include "../replay/measure.h"
#include "timing.h"

#ifndef COMPARE_BUILDS
#define COMPARE_BUILDS 2
#endif

enum { ROUNDS = 15, LIBC = COMPARE_BUILDS, A = 0, B = COMPARE_BUILDS - 1 };

#if COMPARE_BUILDS == 2
static const allocator *const allocators[] = {&fmemp_a, &fmemp_b, &glibc_allocator};
static serve_function *const servers[] = {serve_with_fmemp, serve_with_fmemp_b};
#else
static const allocator *const allocators[] = {&fmemp_a, &glibc_allocator};
static serve_function *const servers[] = {serve_with_fmemp};
#endif

typedef struct {
    double space[COMPARE_BUILDS]; /* smallest pool / peak; 0: not served, or damaged */
} spaces;

static void spaces_measure(const void *input, void *result) {
    const load *served = input;
    spaces *measured = result;
    for (size_t i = A; i <= B; i++) {
        smallest_pool smallest =
            smallest_pool_find(servers[i], served, served->peak_bytes, POOL_STEP);
        double ratio = (double)smallest.bytes / (double)served->peak_bytes;
        measured->space[i] = smallest.is_damaged ? 0 : ratio;
    }
}

/* The columns of figures, in this order. */
enum { SPACE_A, SPACE_B, A_TO_LIBC, B_TO_LIBC, B_TO_A, B_TO_A_FASTEST, B_TO_A_WHOLE, RATIOS };

/* Returns NULL, or what went wrong. */
static const char *load_compare(const char *path, double ratios[RATIOS], timings *times) {
    workload timed;
    spaces space;
    const char *error = load_workload(&timed, path);
    if (error != NULL) {
        return error;
    }
    if (!isolated_run(spaces_measure, &timed.served, &space, sizeof space) || space.space[A] <= 0 ||
        space.space[B] <= 0) {
        error = "it was not served, or damaged";
    } else {
        error = allocators_time(allocators, COMPARE_BUILDS + 1, &timed, ROUNDS, times);
    }
    load_release(&timed.served);
    if (error == NULL) {
        ratios[SPACE_A] = space.space[A];
        ratios[SPACE_B] = space.space[B];
        ratios[A_TO_LIBC] = ratio_median(times, A, LIBC, NET);
        ratios[B_TO_LIBC] = ratio_median(times, B, LIBC, NET);
        ratios[B_TO_A] = ratio_median(times, B, A, NET);
        ratios[B_TO_A_FASTEST] = ratio_fastest(times, B, A, NET);
        ratios[B_TO_A_WHOLE] = ratio_median(times, B, A, WHOLE);
    }
    return error;
}

int main(int argc, char **argv) {
    mean means[RATIOS] = {{0}};
    bool is_sound = argc > 1;
    printf("%-10s  %7s %7s  %7s %6s %6s %6s  %6s %6s %6s %7s %7s\n", "load", "pool A", "pool B",
           "harness", "ns C", "ns A", "ns B", "A/C", "B/C", "B/A", "B/A min", "B/A all");
    for (int i = 1; i < argc; i++) {
        char name[64];
        double ratios[RATIOS];
        timings times;
        const char *error = load_compare(argv[i], ratios, &times);
        load_name(argv[i], name, sizeof name);
        if (error != NULL) {
            printf("%-10s %s\n", name, error);
            is_sound = false;
            continue;
        }
        for (size_t r = 0; r < RATIOS; r++) {
            mean_add(&means[r], ratios[r]);
        }
        printf("%-10s  %7.4f %7.4f  %7.2f %6.2f %6.2f %6.2f  %6.3f %6.3f %6.3f %7.3f %7.3f\n", name,
               ratios[SPACE_A], ratios[SPACE_B], harness_median(&times),
               time_median(&times, LIBC, NET), time_median(&times, A, NET),
               time_median(&times, B, NET), ratios[A_TO_LIBC], ratios[B_TO_LIBC], ratios[B_TO_A],
               ratios[B_TO_A_FASTEST], ratios[B_TO_A_WHOLE]);
        fflush(stdout);
    }
    printf("%-10s  %7.4f %7.4f  %7s %6s %6s %6s  %6.3f %6.3f %6.3f %7.3f %7.3f\n", "geo. mean",
           mean_value(&means[SPACE_A]), mean_value(&means[SPACE_B]), "", "", "", "",
           mean_value(&means[A_TO_LIBC]), mean_value(&means[B_TO_LIBC]), mean_value(&means[B_TO_A]),
           mean_value(&means[B_TO_A_FASTEST]), mean_value(&means[B_TO_A_WHOLE]));
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
