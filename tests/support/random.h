/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random numbers that can be had again: a generator, and where seed and length of a random
 * test come from.
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

/* A number below `bound`, which is not 0. */
size_t random_below(random_source *source, size_t bound);

/* The seed of this run, printed with `subject`, so that a failure can be repeated. */
uint64_t random_seed(const char *subject, uint64_t otherwise);

/* The steps of this run. */
size_t random_steps(size_t otherwise);

#endif
