/* SPDX-License-Identifier: BSD-3-Clause */
/* Pseudo-random numbers (xorshift), the same on every machine. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

typedef struct {
    uint32_t state; /* not 0 */
} random_source;

static inline uint32_t random_next(random_source *source) {
    uint32_t x = source->state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return source->state = x;
}

/* 0 .. below - 1 */
static inline uint32_t random_below(random_source *source, uint32_t below) {
    return (uint32_t)(((uint64_t)random_next(source) * below) >> 32);
}

#endif
