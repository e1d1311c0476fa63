/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A timer for single calls: the time-stamp counter on x86-64, elsewhere the monotonic clock.
 * Nothing moves across timer_start and timer_stop.
 */
#ifndef TIMER_H
#define TIMER_H

#include <stdint.h>

#ifdef __x86_64__
#include <x86intrin.h>

#define TIMER_UNIT "cycles of the time-stamp counter"

static inline uint64_t timer_start(void) {
    _mm_lfence();
    uint64_t now = __rdtsc();
    _mm_lfence();
    return now;
}

static inline uint64_t timer_stop(void) {
    unsigned processor;
    uint64_t now = __rdtscp(&processor);
    _mm_lfence();
    return now;
}
#else
#include <time.h>

#define TIMER_UNIT "nanoseconds of the monotonic clock"

static inline uint64_t timer_start(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t timer_stop(void) { return timer_start(); }
#endif

/* The median time between a start and a stop with nothing between them. */
uint32_t timer_overhead(void);

/* Nanoseconds of one unit of the timer. */
double timer_nanoseconds(void);

#endif
