/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells calls that are slow from calls that were disturbed: the same sequence of calls is made
 * several times, each time from the same state, and the time of a call is the median of its
 * repetitions. A call that is slow is slow in most of them; an interrupt hits one.
 */
#ifndef REPETITIONS_H
#define REPETITIONS_H

#include "runner.h"

enum { REPETITIONS_MAX = 9 };

typedef struct {
    uint32_t *ticks; /* of each call, the timer's own time taken off; sorted */
    double mean;     /* of these */
    size_t count;
    size_t disturbed; /* executions, of count * repetitions, that took over twice their call's
                         median and disturbance_ticks more */
} latencies;

/* Sums up the calls of one function. samples[r * calls + i] is call i of repetition r; which
 * function it was, repetition 0 decides. result->ticks has room for `calls`. */
void repetitions_sum_up(const sample *samples, size_t calls, size_t repetitions, function summed,
                        uint32_t timer_overhead, uint32_t disturbance_ticks, latencies *result);

#endif
