/* SPDX-License-Identifier: BSD-3-Clause */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>

static int double_compare(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

double median(double *values, size_t count) {
    qsort(values, count, sizeof *values, double_compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static int ticks_compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

void ticks_sort(uint32_t *ticks, size_t count) {
    qsort(ticks, count, sizeof *ticks, ticks_compare);
}

uint32_t ticks_percentile(const uint32_t *sorted, size_t count, double percent) {
    /* Percentages such as 99.9 are not exact; their error must not add a rank. */
    double rank = ceil((double)count * percent / 100 - 1e-6);
    return sorted[rank < 1 ? 0 : (size_t)rank - 1];
}

void mean_add(mean *sum, double ratio) {
    sum->logarithms += log(ratio);
    sum->count++;
}

double mean_value(const mean *sum) {
    return sum->count == 0 ? 0 : exp(sum->logarithms / sum->count);
}

/* The index of the highest set bit; value is not 0. */
static unsigned highest_bit(uint32_t value) {
    unsigned bit = 0;
    while (value >>= 1) {
        bit++;
    }
    return bit;
}

size_t bucket_of(uint32_t value) {
    unsigned shift = highest_bit(value | 1u << BUCKET_BITS) - BUCKET_BITS;
    return ((size_t)shift << BUCKET_BITS) + (value >> shift);
}

uint32_t bucket_begin(size_t bucket) {
    size_t octave = bucket >> BUCKET_BITS;
    if (octave == 0) {
        return (uint32_t)bucket;
    }
    uint32_t leading = (uint32_t)(bucket & ((1u << BUCKET_BITS) - 1)) | 1u << BUCKET_BITS;
    return leading << (octave - 1);
}
