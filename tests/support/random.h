/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random numbers that a later run can repeat: a generator, and the seed and the length of random
 * tests, which come from the environment.
 *
 *   TLSF_TEST_SEED    the seed; without it, each suite's own default
 *   TLSF_TEST_STEPS   steps of each random test; without it, each test's own default
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

/* A random number below `bound`. `bound` is not 0. */
size_t random_below(random_source *source, size_t bound);

/* The seed of this run. Prints it with `subject`, so that a failure can be repeated. */
uint64_t random_seed(const char *subject, uint64_t otherwise);

/* The number of steps of a random test in this run. */
size_t random_steps(size_t otherwise);

#endif
