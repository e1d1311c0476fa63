/* SPDX-License-Identifier: BSD-3-Clause */
/* Times allocators side by side on a workload. */
#ifndef TIMING_H
#define TIMING_H

#include "../allocators/allocator.h"
#include "workload.h"

enum { ALLOCATORS_MAX = 8, ROUNDS_MAX = 101 };

/* Times in nanoseconds of an operation. */
typedef struct {
    size_t count; /* allocators */
    unsigned rounds;
    double times[ALLOCATORS_MAX][ROUNDS_MAX];
    double harness[ROUNDS_MAX];
} timings;

/* Whether a time is that of the allocator alone, or also holds the harness. */
typedef enum { NET, WHOLE } timing_scope;

/* Times `count` allocators, `rounds` times each, in turn, and the harness by itself. Each time
 * in a process of its own, in which the allocator serves the whole workload twice, each time from
 * an empty heap; what is timed is the second, in processor time.
 * Returns NULL, or what went wrong. */
const char *allocators_time(const allocator *const allocators[], size_t count,
                            const workload *timed, unsigned rounds, timings *result);

double harness_median(const timings *measured);
double time_median(const timings *measured, size_t index, timing_scope scope);

/* The median of the ratios of two allocators' times in the same round. */
double ratio_median(const timings *measured, size_t index, size_t base, timing_scope scope);

/* How far these ratios lie apart: from the first quartile to the third, divided by the median. */
double ratio_spread(const timings *measured, size_t index, size_t base, timing_scope scope);

/* The ratio of the two allocators' shortest times. Where it differs much from the median, others
 * were at work on the machine. */
double ratio_fastest(const timings *measured, size_t index, size_t base, timing_scope scope);

#endif
