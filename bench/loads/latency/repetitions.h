/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Separates slow calls from disturbed ones. The same sequence of calls is made several times, each
 * time from the same state; the time of a call is the median of its repetitions. A slow call is
 * slow in most repetitions, while an interrupt hits one.
 */
#ifndef REPETITIONS_H
#define REPETITIONS_H

#include "runner.h"

enum { REPETITIONS_MAX = 9 };

typedef struct {
    uint32_t *ticks; /* of each call, without the timer's own time; sorted */
    double mean;     /* of these */
    size_t count;
    /* Of the count * repetitions executions: those that took more than twice the median of their
     * call, and disturbance_ticks more. */
    size_t disturbed;
} latencies;

/* Sums up the calls of one function. samples[r * calls + i] is call i of repetition r.
 * Repetition 0 says which function a call was of. result->ticks has room for `calls`. */
void repetitions_sum_up(const sample *samples, size_t calls, size_t repetitions, function summed,
                        uint32_t timer_overhead, uint32_t disturbance_ticks, latencies *result);

#endif
