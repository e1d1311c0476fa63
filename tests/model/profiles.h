/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random request streams. A profile says which kinds of requests, sizes and alignments a load has.
 */
#ifndef PROFILES_H
#define PROFILES_H

#include "stream.h"
#include "support/random.h"

typedef struct {
    const char *name;
    size_t first_bytes, region_bytes, planned;
    /* Percent of requests. The rest are frees. */
    unsigned malloc, calloc, memalign, realloc, realloc_aligned, largest, pools;
    unsigned reset_per_mille, renew_per_mille;
    /* Small sizes are below small_limit, which is at most 1024. The others are percent: of sizes in
     * the larger forms, and of long requests. */
    unsigned small_limit, medium, every_order, hostile, exact;
    /* Percent of alignments: those up to 64 KiB, and those of any form. */
    unsigned wide_align, any_align;
    unsigned slots;
} profile;

enum { PROFILES = 8 };

extern const profile profiles[PROFILES];

/* Writes request number `step` of a load, at most STREAM_LONG_BYTES bytes.
 * Returns the number of bytes. */
size_t profile_request(random_source *source, const profile *p, size_t step, uint8_t *bytes);

/* Writes a stream of `capacity` bytes or a few less: a shape of its own and requests of the load.
 * `corrupting` percent of the requests overwrite metadata.
 * Returns the number of bytes. */
size_t profile_stream(random_source *source, const profile *p, unsigned corrupting, uint8_t *bytes,
                      size_t capacity);

#endif
