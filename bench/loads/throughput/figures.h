/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of times that were measured side by side. */
#ifndef FIGURES_H
#define FIGURES_H

#include <stdbool.h>
#include <stddef.h>

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

double harness_median(const timings *measured);
double time_median(const timings *measured, size_t index, timing_scope scope);

/* The median of the ratios of two allocators' times in the same round. */
double ratio_median(const timings *measured, size_t index, size_t base, timing_scope scope);

/* The spread of these ratios: from the first quartile to the third, divided by the median. */
double ratio_spread(const timings *measured, size_t index, size_t base, timing_scope scope);

/* The ratio of the two allocators' shortest times. If it differs much from the median, the
 * machine was busy. */
double ratio_fastest(const timings *measured, size_t index, size_t base, timing_scope scope);

/* Whether every allocator took longer than the harness alone, as it must. */
bool timings_are_credible(const timings *measured);

#endif
