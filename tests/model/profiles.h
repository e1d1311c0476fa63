/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random request streams: a profile says which kinds of requests, sizes and alignments a load has.
 */
#ifndef PROFILES_H
#define PROFILES_H

#include "stream.h"
#include "support/random.h"

typedef struct {
    const char *name;
    size_t first_bytes, region_bytes, planned;
    /* Percent of requests; the others are frees. */
    unsigned malloc, calloc, memalign, realloc, realloc_aligned, largest, pools;
    unsigned reset_per_mille, renew_per_mille;
    /* Sizes: small ones are below small_limit (at most 1024). Percent of larger forms, and of
     * long requests. */
    unsigned small_limit, medium, every_order, hostile, exact;
    /* Percent of alignments up to 64 KiB, and of any form. */
    unsigned wide_align, any_align;
    unsigned slots;
} profile;

enum { PROFILES = 8 };

extern const profile profiles[PROFILES];

/* Writes request number `step` of a load, at most STREAM_LONG_BYTES bytes. Returns its bytes. */
size_t profile_request(random_source *source, const profile *p, size_t step, uint8_t *bytes);

/* Writes a stream with a random shape and requests of the load, of `capacity` bytes or a few
 * less. `corrupting` percent of the requests overwrite metadata. Returns its bytes. */
size_t profile_stream(random_source *source, const profile *p, unsigned corrupting, uint8_t *bytes,
                      size_t capacity);

#endif
