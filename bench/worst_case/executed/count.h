/* SPDX-License-Identifier: BSD-3-Clause */
/* Counted calls of the core, and the largest count of each function since the last report. */
#ifndef COUNT_H
#define COUNT_H

#include "../machine/machine.h"
#include "tlsf.h"

typedef enum {
    CALL_MALLOC,
    CALL_FREE,
    CALL_MEMALIGN,
    CALL_REALLOC,        /* leaves the block in place */
    CALL_REALLOC_FAILED, /* finds no room */
    CALL_ADD_POOL,
    CALL_REMOVE_POOL,
    CALL_STATS,
    CALL_LARGEST,
    CALL_KINDS
} call_kind;

/* A call to be made. */
typedef struct {
    call_kind kind;
    tlsf_t heap;
    uintptr_t a, b; /* the arguments behind the heap, in their order */
} call;

/* Makes the call. Returns its result, and its cost in *cost. A call that copies, or that turns out
 * to be of another kind, costs 0 instructions and does not count for the maxima. */
uintptr_t call_count(const call *made, machine_cost *cost);

/* Makes the call step by step. Returns its instructions. */
unsigned call_step(const call *made);

/* For calls as a program makes them: counts one call in `count_every`, and of these steps through
 * one in `step_every` where the machine can step (0: none). Other calls are made uncounted. */
void count_rates(unsigned count_every, unsigned step_every);
void *count_malloc(tlsf_t t, size_t bytes);
void *count_memalign(tlsf_t t, size_t align, size_t bytes);
void *count_realloc(tlsf_t t, void *ptr, size_t bytes);
void count_free(tlsf_t t, void *ptr);

/* Prints a line for each function that was counted since the last report. `load`: a name or "-". */
void count_report(const char *driver, const char *load, size_t live_blocks, size_t pool_bytes);

const char *call_name(call_kind kind);

#endif
