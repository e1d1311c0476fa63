/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random numbers that can be repeated: a generator, and the seed and length of random tests.
 *
 *   TLSF_TEST_SEED    the seed; default: each suite has its own
 *   TLSF_TEST_STEPS   steps of each random test; default: each test has its own
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} random_source;

random_source random_from(uint64_t seed);
uint64_t random_bits(random_source *source);

/* A number below `bound`, which is not 0. */
size_t random_below(random_source *source, size_t bound);

/* The seed of this run, printed with `subject`, so that a failure can be repeated. */
uint64_t random_seed(const char *subject, uint64_t otherwise);

/* The steps of this run. */
size_t random_steps(size_t otherwise);

#endif
