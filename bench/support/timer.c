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

double timer_nanoseconds(void) {
    uint64_t clock_start = time_now();
    uint64_t start = timer_start();
    while (time_now() - clock_start < CALIBRATION_NANOSECONDS) {
    }
    uint64_t ticks = timer_stop() - start;
    return (double)(time_now() - clock_start) / (double)ticks;
}

uint64_t time_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
