/* SPDX-License-Identifier: BSD-3-Clause */
#include "random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

random_source random_from(uint64_t seed) {
    const random_source source = {seed};
    return source;
}

/* SplitMix64: every seed, including 0, starts a sequence of full period. */
uint64_t random_bits(random_source *source) {
    uint64_t mixed = source->state += UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

size_t random_below(random_source *source, size_t bound) {
    return (size_t)(random_bits(source) % bound);
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    if (text == NULL || *text == '\0') {
        return otherwise;
    }
    char *end = NULL;
    const uint64_t number = strtoull(text, &end, 0);
    if (*end != '\0') {
        fprintf(stderr, "%s=%s is not a number\n", name, text);
        exit(2);
    }
    return number;
}

uint64_t random_seed(const char *subject, uint64_t otherwise) {
    const uint64_t seed = number_from_environment("TLSF_TEST_SEED", otherwise);
    fprintf(stderr, "%s: TLSF_TEST_SEED=%" PRIu64 "\n", subject, seed);
    return seed;
}

size_t random_steps(size_t otherwise) {
    return (size_t)number_from_environment("TLSF_TEST_STEPS", otherwise);
}
