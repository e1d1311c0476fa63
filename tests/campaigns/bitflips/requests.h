/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The requests on a damaged specimen, and their results.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "specimen.h"

enum { RECORD_MAX = 1024, REQUESTS_MAX = 600 };

/* Everything that a caller sees: results, figures, contents. */
typedef struct {
    size_t count;
    uint64_t values[RECORD_MAX];
} record;

typedef struct request {
    const char *kind;
    void (*run)(specimen *s, const struct request *r, record *seen);
    size_t which; /* index of a live block or pool */
    size_t align, bytes;
    bool is_read_only; /* changes nothing: has to return on every heap */
} request;

/* Lists every request on the specimen.
 * Returns  their number. */
size_t requests_on(const specimen *s, request requests[REQUESTS_MAX]);

/* Runs a request, and updates s->live and s->pools. */
void request_run(specimen *s, const request *r, record *seen);

/* Goes on as a program would: reads its blocks, allocates, resizes, frees, removes a pool and adds
 * it again, and in the end frees everything. */
void program_go_on(specimen *s, record *seen);

bool records_are_equal(const record *a, const record *b);

/* requests_told_with_effect counts calls that reported twice, or that reported and still changed
 * the heap. requests_told_late counts those of them that are reallocs which returned NULL and left
 * their block unchanged. They exist with TLSF_PENDING 0 alone: the free at the end of a move found
 * the damage, and the realloc could not free the new block. */
extern size_t requests_told_with_effect, requests_told_late;

#endif
