/* SPDX-License-Identifier: BSD-3-Clause */
#include "figures.h"

#include <string.h>

#include "../../support/statistics.h"

static double median_of(const double *times, unsigned rounds) {
    double sorted[ROUNDS_MAX];
    memcpy(sorted, times, rounds * sizeof *times);
    return median(sorted, rounds);
}

static double smallest_of(const double *times, unsigned rounds) {
    double smallest = times[0];
    for (unsigned round = 1; round < rounds; round++) {
        smallest = times[round] < smallest ? times[round] : smallest;
    }
    return smallest;
}

/* Fills in the paired ratios. Subtracts the median of the harness, which differs less from round
 * to round than disturbances do. */
static void ratios_fill(const timings *measured, size_t index, size_t base, timing_scope scope,
                        double ratios[ROUNDS_MAX]) {
    double harness = scope == NET ? harness_median(measured) : 0;
    for (unsigned round = 0; round < measured->rounds; round++) {
        ratios[round] =
            (measured->times[index][round] - harness) / (measured->times[base][round] - harness);
    }
}

double harness_median(const timings *measured) {
    return median_of(measured->harness, measured->rounds);
}

double time_median(const timings *measured, size_t index, timing_scope scope) {
    double whole = median_of(measured->times[index], measured->rounds);
    return scope == NET ? whole - harness_median(measured) : whole;
}

double ratio_median(const timings *measured, size_t index, size_t base, timing_scope scope) {
    double ratios[ROUNDS_MAX];
    ratios_fill(measured, index, base, scope, ratios);
    return median(ratios, measured->rounds);
}

double ratio_spread(const timings *measured, size_t index, size_t base, timing_scope scope) {
    double ratios[ROUNDS_MAX];
    ratios_fill(measured, index, base, scope, ratios);
    double middle = median(ratios, measured->rounds); /* sorts them, too */
    return (ratios[3 * (measured->rounds - 1) / 4] - ratios[(measured->rounds - 1) / 4]) / middle;
}

double ratio_fastest(const timings *measured, size_t index, size_t base, timing_scope scope) {
    unsigned rounds = measured->rounds;
    double harness = scope == NET ? smallest_of(measured->harness, rounds) : 0;
    return (smallest_of(measured->times[index], rounds) - harness) /
           (smallest_of(measured->times[base], rounds) - harness);
}

bool timings_are_credible(const timings *measured) {
    unsigned rounds = measured->rounds;
    bool is_slower = true;
    for (size_t i = 0; i < measured->count; i++) {
        is_slower &= time_median(measured, i, NET) > 0;
        is_slower &=
            smallest_of(measured->times[i], rounds) > smallest_of(measured->harness, rounds);
    }
    return is_slower;
}
