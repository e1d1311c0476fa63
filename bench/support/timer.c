/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include "timer.h"

#include <time.h>

#include "statistics.h"

enum { OVERHEAD_SAMPLES = 10001, CALIBRATION_NANOSECONDS = 50000000 };

uint32_t timer_overhead(void) {
    static uint32_t ticks[OVERHEAD_SAMPLES];
    for (int i = 0; i < OVERHEAD_SAMPLES; i++) {
        uint64_t start = timer_start();
        ticks[i] = timer_ticks(start, timer_stop());
    }
    ticks_sort(ticks, OVERHEAD_SAMPLES);
    return ticks_percentile(ticks, OVERHEAD_SAMPLES, 50);
}

static uint64_t clock_read(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_now(void) { return clock_read(CLOCK_MONOTONIC); }

double timer_nanoseconds(void) {
    uint64_t clock_start = clock_now();
    uint64_t start = timer_start();
    while (clock_now() - clock_start < CALIBRATION_NANOSECONDS) {
    }
    uint64_t ticks = timer_stop() - start;
    return (double)(clock_now() - clock_start) / (double)ticks;
}

uint64_t thread_time(void) { return clock_read(CLOCK_THREAD_CPUTIME_ID); }
