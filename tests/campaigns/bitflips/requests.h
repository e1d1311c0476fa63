/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is asked of a damaged specimen, and what comes out of it.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "specimen.h"

enum { RECORD_MAX = 1024, REQUESTS_MAX = 600 };

/* Everything that a caller can see: results, figures, contents. */
typedef struct {
    size_t count;
    uint64_t values[RECORD_MAX];
} record;

typedef struct request {
    const char *kind;
    void (*run)(specimen *s, const struct request *r, record *seen);
    size_t which; /* of the live blocks or pools */
    size_t align, bytes;
    bool is_read_only; /* changes nothing: it has to end on every heap */
} request;

/* Lists each request that there is on the specimen.
 * Returns their number. */
size_t requests_on(const specimen *s, request requests[REQUESTS_MAX]);

/* Runs a request, and brings s->live and s->pools up to date. */
void request_run(specimen *s, const request *r, record *seen);

/* What a program goes on with: reads what its blocks hold, allocates, resizes, frees, gives a pool
 * back and adds it again, and at last frees everything. */
void program_go_on(specimen *s, record *seen);

bool records_are_equal(const record *a, const record *b);

/* Calls that told the hook twice, or that told it and nevertheless changed the heap; and of these
 * the reallocs that gave NULL and left their block as it was. Those, with TLSF_PENDING 0 alone, have
 * found the damage in the free that ends a move, and could not give the new block back. */
extern size_t requests_told_with_effect, requests_told_late;

#endif
