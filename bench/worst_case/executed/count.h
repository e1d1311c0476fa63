/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counted calls of the core, and the largest count of each function since the last report.
 */
#ifndef COUNT_H
#define COUNT_H

#include "machine.h"
#include "tlsf.h"

typedef enum {
    CALL_MALLOC,
    CALL_FREE,
    CALL_MEMALIGN,
    CALL_REALLOC,        /* that leaves the block in place */
    CALL_REALLOC_FAILED, /* that finds no room; one that copies is not counted */
    CALL_ADD_POOL,
    CALL_REMOVE_POOL,
    CALL_STATS,
    CALL_LARGEST,
    CALL_KINDS
} call_kind;

/* A call that is still to be made. */
typedef struct {
    call_kind kind;
    tlsf_t heap;
    uintptr_t a, b; /* the arguments behind the heap, in their order */
} call;

/* Makes the call. Returns what it returned; *cost: what it took. A call that copies, or turns
 * out to be of another kind, costs 0 instructions, and does not count for the maxima. */
uintptr_t call_count(const call *made, machine_cost *cost);

/* Makes the call, and has the processor step through it. Returns its instructions. */
unsigned call_step(const call *made);

/* For drivers that make calls as a program would. One in `step_every` is stepped through where
 * the machine can (0: none), and one in `count_every` counted (others are made all the same). */
void count_rates(unsigned count_every, unsigned step_every);
void *count_malloc(tlsf_t t, size_t bytes);
void *count_memalign(tlsf_t t, size_t align, size_t bytes);
void *count_realloc(tlsf_t t, void *ptr, size_t bytes);
void count_free(tlsf_t t, void *ptr);

/* Prints one line for each function that was counted since the last report. `load`: a name or "-". */
void count_report(const char *driver, const char *load, size_t live_blocks, size_t pool_bytes);

const char *call_name(call_kind kind);

#endif
