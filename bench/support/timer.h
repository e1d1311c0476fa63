/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A timer for single calls: the time-stamp counter on x86-64, the virtual counter on aarch64, the
 * monotonic clock elsewhere. timer_start reads the time after all earlier instructions have
 * finished, and timer_stop after all those between the two.
 */
#ifndef TIMER_H
#define TIMER_H

#include <stdint.h>

/* Monotonic time in nanoseconds. */
uint64_t clock_now(void);

#if defined __x86_64__
#include <x86intrin.h>

#define TIMER_UNIT "cycles"
#define TIMER_NAME "time-stamp counter"

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
#elif defined __aarch64__
#define TIMER_UNIT "ticks"
#define TIMER_NAME "virtual counter"

static inline uint64_t timer_start(void) {
    uint64_t now;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(now) : : "memory");
    return now;
}

static inline uint64_t timer_stop(void) { return timer_start(); }
#else
#define TIMER_UNIT "nanoseconds"
#define TIMER_NAME "monotonic clock"

static inline uint64_t timer_start(void) { return clock_now(); }

static inline uint64_t timer_stop(void) { return clock_now(); }
#endif

static inline uint32_t timer_ticks(uint64_t start, uint64_t stop) {
    return stop - start > UINT32_MAX ? UINT32_MAX : (uint32_t)(stop - start);
}

/* The median time between a start and a stop with nothing between them. */
uint32_t timer_overhead(void);

/* Nanoseconds of one unit of the timer. */
double timer_nanoseconds(void);

/* The processor time of this thread in nanoseconds. */
uint64_t thread_time(void);

#endif
