/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random request streams against the model heap, verified after each request. Each profile
 * asks for one kind of load; TLSF_TEST_SEED repeats a run, TLSF_TEST_STEPS sets its length.
 */
#include "drive.h"
#include "support/random.h"
#include "support/suite.h"

#include <stdio.h>

typedef struct {
    const char *name;
    size_t first_bytes, region_bytes, planned;
    /* Percent of requests; the rest frees. */
    unsigned malloc, calloc, memalign, realloc, realloc_aligned, largest, pools, reset_per_mille;
    /* Sizes: small ones are below small_limit (at most 1024); percent of larger forms. */
    unsigned small_limit, medium, every_order, hostile;
    /* Percent of alignments that are up to 64 KiB, or of any form. */
    unsigned wide_align, any_align;
    unsigned slots;
} profile;

enum { DEFAULT_STEPS = 12000, PHASE_STEPS = 400 };

static const profile profiles[] = {
    {"small", 6000, 2048, 0, 45, 5, 0, 8, 0, 0, 0, 1, 96, 0, 0, 0, 0, 0, 200},
    {"mixed", 65536, 4096, SIZE_MAX, 35, 5, 8, 12, 4, 1, 0, 1, 1024, 10, 2, 1, 20, 2, 120},
    {"large", 200000, 4096, 0, 40, 5, 5, 15, 5, 1, 0, 1, 1024, 60, 5, 1, 30, 2, 40},
    {"alignments", 300000, 4096, 0, 10, 0, 40, 5, 15, 1, 0, 1, 512, 5, 1, 1, 60, 20, 60},
    {"realloc", 32768, 4096, 0, 15, 0, 3, 50, 12, 1, 0, 1, 700, 4, 2, 1, 20, 3, 60},
    {"pools", 4096, 12000, 0, 30, 4, 6, 10, 4, 2, 22, 2, 400, 5, 1, 2, 20, 3, 60},
    {"hostile", 24000, 3000, SIZE_MAX, 20, 10, 15, 15, 10, 2, 6, 2, 256, 10, 20, 20, 20, 50, 120},
    {"tiny", 600, 400, 0, 40, 3, 4, 14, 4, 2, 10, 4, 64, 0, 0, 1, 5, 2, 16},
};

static bool chance(random_source *source, unsigned percent) {
    return random_below(source, 100) < percent;
}

/* Kinds by the profile's weights. The heap fills in one phase and empties in the next. */
static request_kind random_kind(random_source *source, const profile *p, size_t step) {
    const bool filling = step / PHASE_STEPS % 2 == 0;
    size_t dice = random_below(source, filling ? 100 : 130);
    if (random_below(source, 1000) < p->reset_per_mille / (filling ? 1u : 2u)) {
        return REQUEST_RESET;
    }
    const struct {
        unsigned weight;
        request_kind kind;
    } kinds[] = {
        {p->malloc, REQUEST_MALLOC},
        {p->calloc, REQUEST_CALLOC},
        {p->memalign, REQUEST_MEMALIGN},
        {p->realloc, REQUEST_REALLOC},
        {p->realloc_aligned, REQUEST_REALLOC_ALIGNED},
        {p->largest, REQUEST_LARGEST},
        {p->pools / 2, REQUEST_ADD_POOL},
        {p->pools / 2, REQUEST_REMOVE_POOL},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (dice < kinds[i].weight) {
            return kinds[i].kind;
        }
        dice -= kinds[i].weight;
    }
    return REQUEST_FREE;
}

static void random_size(random_source *source, const profile *p, uint8_t bytes[2]) {
    uint16_t code = (uint16_t)random_below(source, p->small_limit);
    const uint16_t value = (uint16_t)(random_bits(source) & 0x3FFFu);
    const size_t dice = random_below(source, 100);
    if (dice < p->medium) {
        code = (uint16_t)(0x4000u | value);
    } else if (dice < p->medium + p->every_order) {
        code = (uint16_t)(0x8000u | value);
    } else if (dice < p->medium + p->every_order + p->hostile) {
        code = (uint16_t)(0xC000u | value);
    }
    bytes[0] = (uint8_t)(code & 0xFFu);
    bytes[1] = (uint8_t)(code >> 8);
}

static uint8_t random_align(random_source *source, const profile *p) {
    if (chance(source, p->any_align)) {
        return (uint8_t)(random_bits(source) & 0xFFu);
    }
    return (uint8_t)random_below(source, chance(source, p->wide_align) ? 17 : 8);
}

static void random_request(random_source *source, const profile *p, size_t step, uint8_t *bytes) {
    const request_kind kind = random_kind(source, p, step);
    bytes[0] = stream_kind_byte(kind);
    bytes[1] = (uint8_t)random_below(source, p->slots);
    random_size(source, p, &bytes[2]);
    if (kind == REQUEST_ADD_POOL && !chance(source, p->hostile)) {
        bytes[3] = (uint8_t)(0x40u | (bytes[3] & 0x3Fu)); /* a region of some size */
    }
    bytes[4] = random_align(source, p);
    bytes[5] = (uint8_t)(random_bits(source) & (p->hostile > 5 ? 0xFFu : 0x7Fu));
}

static void run_profile(const profile *p) {
    const uint64_t seed = random_seed(p->name, 20240607);
    const size_t steps = random_steps(DEFAULT_STEPS);
    random_source source = random_from(seed);
    static model m;
    model_make(&m, p->first_bytes, p->region_bytes, p->planned);
    for (size_t step = 0; step < steps; step++) {
        uint8_t bytes[STREAM_REQUEST_BYTES];
        random_request(&source, p, step, bytes);
        drive_bytes(&m, bytes, sizeof(bytes));
    }
    fprintf(stderr, "%s: %zu steps, %zu allocations, %zu failures, peak %zu of %zu bytes\n",
            p->name, m.step, m.allocations, m.failures, m.peak, m.survey.pool_bytes);
    assert_int_equal(m.step, steps);
    assert_true(steps < 1000 || m.allocations > steps / 20);
    model_end(&m);
}

#define PROFILE_CASE(index, name) \
    static void random_stream_##name##_agrees_with_model(void **state) { \
        (void)state; \
        run_profile(&profiles[index]); \
    }

PROFILE_CASE(0, small)
PROFILE_CASE(1, mixed)
PROFILE_CASE(2, large)
PROFILE_CASE(3, alignments)
PROFILE_CASE(4, realloc)
PROFILE_CASE(5, pools)
PROFILE_CASE(6, hostile)
PROFILE_CASE(7, tiny)

/* What a fuzzer starts from: bytes without any bias. */
static void random_stream_raw_bytes_agrees_with_model(void **state) {
    random_source source = random_from(random_seed("raw bytes", 7));
    const size_t steps = random_steps(DEFAULT_STEPS);
    static model m;
    (void)state;
    model_make(&m, 20000, 5000, 0);
    for (size_t step = 0; step < steps; step++) {
        const uint64_t bits = random_bits(&source);
        uint8_t bytes[STREAM_REQUEST_BYTES];
        for (unsigned i = 0; i < STREAM_REQUEST_BYTES; i++) {
            bytes[i] = (uint8_t)(bits >> i * 8 & 0xFFu);
        }
        drive_bytes(&m, bytes, sizeof(bytes));
    }
    assert_int_equal(m.step, steps);
    model_end(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_stream_small_agrees_with_model),
        cmocka_unit_test(random_stream_mixed_agrees_with_model),
        cmocka_unit_test(random_stream_large_agrees_with_model),
        cmocka_unit_test(random_stream_alignments_agrees_with_model),
        cmocka_unit_test(random_stream_realloc_agrees_with_model),
        cmocka_unit_test(random_stream_pools_agrees_with_model),
        cmocka_unit_test(random_stream_hostile_agrees_with_model),
        cmocka_unit_test(random_stream_tiny_agrees_with_model),
        cmocka_unit_test(random_stream_raw_bytes_agrees_with_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
