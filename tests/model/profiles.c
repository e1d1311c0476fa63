/* SPDX-License-Identifier: BSD-3-Clause */
#include "profiles.h"

#include <stdbool.h>

enum { PHASE_STEPS = 400 };

const profile profiles[PROFILES] = {
    {"small", 6000, 2048, 0, 45, 5, 0, 8, 0, 0, 0, 1, 0, 96, 0, 0, 0, 0, 0, 0, 200},
    {"mixed", 65536, 4096, SIZE_MAX, 35, 5, 8, 12, 4, 1, 0, 1, 0, 1024, 10, 2, 1, 1, 20, 2, 120},
    {"large", 200000, 4096, 0, 40, 5, 5, 15, 5, 1, 0, 1, 0, 1024, 60, 5, 1, 0, 30, 2, 40},
    {"alignments", 300000, 4096, 0, 10, 0, 40, 5, 15, 1, 0, 1, 0, 512, 5, 1, 1, 1, 60, 20, 60},
    {"realloc", 32768, 4096, 0, 15, 0, 3, 50, 12, 1, 0, 1, 0, 700, 4, 2, 1, 1, 20, 3, 60},
    {"pools", 4096, 12000, 0, 30, 4, 6, 10, 4, 2, 22, 2, 2, 400, 5, 1, 2, 2, 20, 3, 60},
    {"hostile", 24000, 3000, SIZE_MAX, 20, 10, 15, 15, 10, 2,  6,
     2,         1,     256,  10,       20, 20, 20, 20, 50, 120},
    {"tiny", 600, 400, 0, 40, 3, 4, 14, 4, 2, 10, 4, 4, 64, 0, 0, 1, 1, 5, 2, 16},
};

static bool chance(random_source *source, unsigned percent) {
    return random_below(source, 100) < percent;
}

/* Draws a kind by the weights of the profile. The heap fills in one phase and empties in the
 * next. */
static request_kind random_kind(random_source *source, const profile *p, size_t step) {
    const bool filling = step / PHASE_STEPS % 2 == 0;
    const unsigned rarely = filling ? 1 : 2;
    size_t dice = random_below(source, filling ? 100 : 130);
    const size_t rare = random_below(source, 1000 * rarely);
    if (rare < p->reset_per_mille + p->renew_per_mille) {
        return rare < p->reset_per_mille ? REQUEST_RESET : REQUEST_RENEW;
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
        {1, REQUEST_QUERY},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
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

/* A number of any magnitude, or near a power of two. */
static size_t random_number(random_source *source) {
    const unsigned width = sizeof(size_t) * 8;
    const size_t bits = (size_t)random_bits(source);
    const size_t power = (size_t)1 << random_below(source, width);
    switch (random_below(source, 4)) {
    case 0:
        return bits >> random_below(source, width);
    case 1:
        return power - bits % 40;
    case 2:
        return power + bits % 40;
    default:
        return power;
    }
}

static size_t random_long(random_source *source, request_kind kind, uint8_t *bytes) {
    const request r = {
        .kind = kind,
        .slot = (unsigned)random_below(source, STREAM_SLOTS),
        .size = random_number(source),
        .align = random_number(source),
        .count = random_number(source),
    };
    stream_write_long(&r, bytes);
    return STREAM_LONG_BYTES;
}

size_t profile_request(random_source *source, const profile *p, size_t step, uint8_t *bytes) {
    const request_kind kind = random_kind(source, p, step);
    if (chance(source, p->exact)) {
        return random_long(source, kind, bytes);
    }
    bytes[0] = stream_kind_byte(kind);
    bytes[1] = (uint8_t)random_below(source, p->slots);
    random_size(source, p, &bytes[2]);
    if (kind == REQUEST_ADD_POOL && !chance(source, p->hostile)) {
        bytes[3] = (uint8_t)(0x40u | (bytes[3] & 0x3Fu)); /* a region of some size */
    }
    bytes[4] = random_align(source, p);
    bytes[5] = (uint8_t)(random_bits(source) & (p->hostile > 5 ? 0xFFu : 0x7Fu));
    return STREAM_SHORT_BYTES;
}

/* Draws a shape near the load's own. Its sizes lie between a quarter and five quarters of the
 * load's. */
static void random_shape(random_source *source, const profile *p, uint8_t *bytes) {
    size_t first = p->first_bytes / 4 + random_below(source, p->first_bytes);
    const size_t region = p->region_bytes / 4 + random_below(source, p->region_bytes);
    unsigned shift = 0;
    while (first >> shift > 0x3FFFu && shift < 3) {
        shift++;
    }
    first >>= shift;
    bytes[0] = (uint8_t)(random_bits(source) & 0xFFu);
    bytes[1] = (uint8_t)(first & 0xFFu);
    bytes[2] = (uint8_t)((first >> 8 & 0x3Fu) | shift << 6);
    bytes[3] = (uint8_t)(region & 0xFFu);
    bytes[4] = (uint8_t)(region >> 8 & 0x3Fu);
    bytes[5] = (uint8_t)(random_bits(source) & 0xFFu);
}

static size_t corrupting_request(random_source *source, uint8_t *bytes) {
    if (chance(source, 50)) {
        return random_long(source, REQUEST_CORRUPT, bytes);
    }
    for (size_t i = 1; i < STREAM_SHORT_BYTES; i++) {
        bytes[i] = (uint8_t)(random_bits(source) & 0xFFu);
    }
    bytes[0] = stream_kind_byte(REQUEST_CORRUPT);
    return STREAM_SHORT_BYTES;
}

size_t profile_stream(random_source *source, const profile *p, unsigned corrupting, uint8_t *bytes,
                      size_t capacity) {
    size_t length = STREAM_SHAPE_BYTES;
    random_shape(source, p, bytes);
    for (size_t step = 0; capacity - length >= STREAM_LONG_BYTES; step++) {
        length += chance(source, corrupting) ? corrupting_request(source, bytes + length)
                                             : profile_request(source, p, step, bytes + length);
    }
    return length;
}
