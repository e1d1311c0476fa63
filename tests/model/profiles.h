/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random request streams: what kinds of requests, sizes and alignments a load asks for.
 */
#ifndef PROFILES_H
#define PROFILES_H

#include "stream.h"
#include "support/random.h"

typedef struct {
    const char *name;
    size_t first_bytes, region_bytes, planned;
    /* Percent of requests; the rest frees. */
    unsigned malloc, calloc, memalign, realloc, realloc_aligned, largest, pools;
    unsigned reset_per_mille, renew_per_mille;
    /* Sizes: small ones are below small_limit (at most 1024); percent of larger forms, and of
     * requests that are long ones. */
    unsigned small_limit, medium, every_order, hostile, exact;
    /* Percent of alignments that are up to 64 KiB, or of any form. */
    unsigned wide_align, any_align;
    unsigned slots;
} profile;

enum { PROFILES = 8 };

extern const profile profiles[PROFILES];

/* Writes the request that is number `step` of a load, at most STREAM_LONG_BYTES bytes.
 * Returns its bytes. */
size_t profile_request(random_source *source, const profile *p, size_t step, uint8_t *bytes);

/* Writes a stream with a shape of its own and requests of the load, of `capacity` bytes or a few
 * less; `corrupting` percent of them overwrite metadata.
 * Returns its bytes. */
size_t profile_stream(random_source *source, const profile *p, unsigned corrupting, uint8_t *bytes,
                      size_t capacity);

#endif
