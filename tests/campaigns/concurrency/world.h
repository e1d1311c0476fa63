/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One object holds everything that a call of FMemp and an interrupt can change: two outcomes are
 * equal if and only if their bytes are. The tables list every call on it.
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

/* The results of a call. */
typedef struct {
    void *block;
    FError error;
    u32 total, used, max_used;
    FMempStats stats;
    FMempSurvey survey;
    FMempReport report;
    FMempBlock found;
    fsize_t size;
    int answer;
    tlsf_fault_hook hook;
    FMempFailureHook failure_hook;
} outcome;

typedef struct {
    _Alignas(64) u8 first[WORLD_FIRST_BYTES];     /* the region that FMempInit gets */
    _Alignas(64) u8 added[WORLD_REGION_BYTES];    /* a region with no live block */
    _Alignas(64) u8 used[WORLD_REGION_BYTES];     /* a region with live blocks */
    _Alignas(64) u8 spare[2][WORLD_REGION_BYTES]; /* for the call and the interrupt to add */
    FMemp memp;
    FMemp *shared; /* &memp, or NULL */
    /* Blocks of even number belong to the call, those of odd number to the interrupt. A call's
     * block and an interrupt's block are neighbours. */
    u8 *blocks[WORLD_BLOCKS];
    outcome of_call, of_interrupt;
    size_t faults;
    size_t failures; /* of which the failure hook has heard */
    size_t walked;   /* blocks */
    size_t text_length;
    char text[WORLD_TEXT_BYTES]; /* what FMemp has printed */
} world;

typedef struct {
    const char *name;
    void (*make)(world *w);
} world_state;

typedef struct {
    const char *name; /* of the public function, then what is special about the call */
    void (*run)(void *world);
} world_call;

/* The states of an FMemp. */
extern const world_state world_states[];
extern const size_t world_state_count;

/* Every public function with each of its error paths, and the calls of interrupts. */
extern const world_call world_calls[];
extern const size_t world_call_count;
extern const world_call world_interrupts[];
extern const size_t world_interrupt_count;

/* The only world: blocks depend on their addresses, so it must not move. */
extern world the_world;

#endif
