/* SPDX-License-Identifier: BSD-3-Clause */
/* Pseudo-random numbers that are the same everywhere (xorshift64*). */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t state; /* not 0 */
} random_stream;

static inline random_stream random_start(uint64_t seed) {
    return (random_stream){.state = seed * 2 + 1};
}

/* 32 bits. */
static inline uint32_t random_next(random_stream *stream) {
    stream->state ^= stream->state >> 12;
    stream->state ^= stream->state << 25;
    stream->state ^= stream->state >> 27;
    return (uint32_t)((stream->state * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}

/* 0 to bound - 1; bound is above 0 and below 2^32. */
static inline size_t random_below(random_stream *stream, size_t bound) {
    return (size_t)(((uint64_t)random_next(stream) * bound) >> 32);
}

/* low to high. */
static inline size_t random_between(random_stream *stream, size_t low, size_t high) {
    return low + random_below(stream, high - low + 1);
}

#endif
