/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells what a library needs, and whether it survives when memory runs out.
 *
 *     PROGRAM [SAMPLES [SEED]]
 *
 * About that many requests are made to fail, each alone and with all after it; without SAMPLES,
 * every request. Exit status 0 if and only if every trial ended as it must.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "trial.h"

enum { REPETITIONS = 9, UNIT = 8, CONTROL_BYTES = 4096 };

static const char *const call_names[] = {"malloc", "calloc", "realloc", "free"};
static size_t ample = POOL_BYTES_MAX; /* bytes of a pool in which no request fails by itself */

/* The calls of the scenario. An interrupt of the program is not a call's own time: of each call the
 * fastest of several runs counts. */
static pool_call fastest[POOL_CALLS_MAX];
static size_t calls;

static void fastest_keep(bool is_first) {
    calls = trial_record->calls;
    for (size_t n = 0; n < calls; n++) {
        if (is_first || trial_record->call[n].nanoseconds < fastest[n].nanoseconds) {
            fastest[n] = trial_record->call[n];
        }
    }
}

static void slowest_print(void) {
    const pool_call *slowest = fastest;
    for (size_t n = 0; n < calls; n++) {
        slowest = fastest[n].nanoseconds > slowest->nanoseconds ? &fastest[n] : slowest;
    }
    printf("worst call: %u ns, %s", slowest->nanoseconds, call_names[slowest->kind]);
    printf(slowest->bytes == 0 ? "\n" : " of %u bytes\n", slowest->bytes);
}

/* Prints the calls, the peak and the slowest call. Returns the requests; 0: it failed. */
static size_t needs_print(void) {
    for (unsigned i = 0; i < REPETITIONS; i++) {
        if (trial_run(ample, SIZE_MAX, false) != TRIAL_DONE) {
            return 0;
        }
        fastest_keep(i == 0);
        ample = trial_record->peak_bytes * 2 + CONTROL_BYTES;
    }
    printf("calls: %zu\npeak: %zu bytes\n", trial_record->calls, trial_record->peak_bytes);
    slowest_print();
    return trial_record->requests;
}

/* The smallest pool by bisection: UNIT bytes less end in an error of the library. Returns 0 if a
 * trial failed. */
static size_t smallest_pool(void) {
    size_t too_small = 0;
    size_t enough = ample;
    while (enough - too_small > UNIT) {
        const size_t middle = (too_small + (enough - too_small) / 2) / UNIT * UNIT;
        switch (trial_run(middle, SIZE_MAX, false)) {
        case TRIAL_DONE:
            enough = middle;
            break;
        case TRIAL_FAILED:
            return 0;
        default:
            too_small = middle;
        }
    }
    return enough;
}

/* Makes requests fail. Returns false if a trial failed, or if no failure was noticed. */
static bool failures_survived(size_t requests, size_t stride, size_t first) {
    size_t counts[TRIAL_FAILED + 1] = {0};
    for (size_t n = first; n < requests; n += stride) {
        for (int more = 0; more < 2; more++) {
            const trial_outcome outcome = trial_run(ample, n, more == 1);
            if (outcome == TRIAL_FAILED) {
                fprintf(stderr, "request %zu fails%s\n", n, more == 1 ? ", and all after it" : "");
                return false;
            }
            counts[outcome]++;
        }
    }
    printf("requests made to fail: %zu; done all the same: %zu; ended with an error: %zu",
           counts[TRIAL_DONE] + counts[TRIAL_NO_MEMORY] + counts[TRIAL_ABORTED], counts[TRIAL_DONE],
           counts[TRIAL_NO_MEMORY]);
    if (scenario_may_abort) {
        printf("; aborted by the library: %zu", counts[TRIAL_ABORTED]);
    }
    printf("\n");
    return counts[TRIAL_NO_MEMORY] + counts[TRIAL_ABORTED] > 0;
}

int main(int argc, char **argv) {
    const size_t samples = argc > 1 ? strtoul(argv[1], NULL, 10) : SIZE_MAX;
    const size_t seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    const size_t requests = needs_print();
    if (requests == 0 || samples == 0) {
        fprintf(stderr, "usage: PROGRAM [SAMPLES [SEED]]; or the scenario failed\n");
        return EXIT_FAILURE;
    }
    const size_t stride = samples < requests ? requests / samples : 1;
    const size_t smallest = smallest_pool();
    printf("smallest pool: %zu bytes\n", smallest);
    return smallest > 0 && failures_survived(requests, stride, seed % stride) ? EXIT_SUCCESS
                                                                              : EXIT_FAILURE;
}
