/* SPDX-License-Identifier: BSD-3-Clause */
/* Medians, percentiles, geometric means, histograms. */
#ifndef STATISTICS_H
#define STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/* The median of `count` values; count is not 0. Sorts the values. */
double median(double *values, size_t count);

void ticks_sort(uint32_t *ticks, size_t count);

/* The smallest of `count` sorted values that at least `percent` percent of them do not exceed;
 * count is not 0, percent above 0 and at most 100. */
uint32_t ticks_percentile(const uint32_t *sorted, size_t count, double percent);

/* The geometric mean so far: start with zeros, add ratios above 0. */
typedef struct {
    double logarithms;
    unsigned count;
} mean;

void mean_add(mean *sum, double ratio);
double mean_value(const mean *sum); /* 0: nothing was added */

/* Buckets of a histogram: each value below 32 has its own; above, every power of two has 16. */
enum { BUCKET_BITS = 4, BUCKETS = (33 - BUCKET_BITS) << BUCKET_BITS };

size_t bucket_of(uint32_t value);
uint32_t bucket_begin(size_t bucket); /* the smallest value in it */

#endif
