/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include "timer.h"

#include <stdlib.h>
#include <time.h>

enum { OVERHEAD_SAMPLES = 10001, CALIBRATION_NANOSECONDS = 50000000 };

static int ticks_compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

uint32_t timer_overhead(void) {
    static uint32_t ticks[OVERHEAD_SAMPLES];
    for (int i = 0; i < OVERHEAD_SAMPLES; i++) {
        uint64_t start = timer_start();
        ticks[i] = (uint32_t)(timer_stop() - start);
    }
    qsort(ticks, OVERHEAD_SAMPLES, sizeof *ticks, ticks_compare);
    return ticks[OVERHEAD_SAMPLES / 2];
}

static uint64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double timer_nanoseconds(void) {
    uint64_t clock_start = clock_now();
    uint64_t start = timer_start();
    while (clock_now() - clock_start < CALIBRATION_NANOSECONDS) {
    }
    uint64_t ticks = timer_stop() - start;
    return (double)(clock_now() - clock_start) / (double)ticks;
}
