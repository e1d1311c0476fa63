/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that a call of FMemp and an interrupt can change, in one object, so that two outcomes are
 * equal if and only if their bytes are; and every call there is, on it.
 */
#ifndef WORLD_H
#define WORLD_H

#include "fmemory_pool.h"

enum {
    WORLD_BLOCKS = 12,
    WORLD_REGION_BYTES = 1200,
    WORLD_FIRST_BYTES = 8000,
    WORLD_TEXT_BYTES = 8000
};

/* What a call gave back. */
typedef struct {
    void *block;
    FError error;
    u32 total, used, max_used;
    FMempStats stats;
    tlsf_fault_hook hook;
} outcome;

typedef struct {
    _Alignas(64) u8 first[WORLD_FIRST_BYTES];     /* the region of the init */
    _Alignas(64) u8 added[WORLD_REGION_BYTES];    /* a region with no live block */
    _Alignas(64) u8 used[WORLD_REGION_BYTES];     /* a region with live blocks */
    _Alignas(64) u8 spare[2][WORLD_REGION_BYTES]; /* for the call and the interrupt to add */
    FMemp memp;
    FMemp *shared; /* &memp, or NULL */
    /* Those of even number are the call's, those of odd number the interrupt's: neighbours. */
    u8 *blocks[WORLD_BLOCKS];
    outcome of_call, of_interrupt;
    size_t faults;
    size_t text_length;
    char text[WORLD_TEXT_BYTES]; /* what was printed */
} world;

typedef struct {
    const char *name;
    void (*make)(world *w);
} world_state;

typedef struct {
    const char *name; /* the public function's, and what is special */
    void (*run)(void *world);
} world_call;

/* What an FMemp can be like. */
extern const world_state world_states[];
extern const size_t world_state_count;

/* Every public function, with each of its error paths; and what interrupts do. */
extern const world_call world_calls[];
extern const size_t world_call_count;
extern const world_call world_interrupts[];
extern const size_t world_interrupt_count;

/* The one world that there is: blocks know their addresses. */
extern world the_world;

#endif
