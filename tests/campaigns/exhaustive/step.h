/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One step: an operation in a state, and everything that the contract promises of its outcome.
 */
#ifndef STEP_H
#define STEP_H

#include "operation.h"
#include "survey.h"

/* The outcomes of steps. A run counts them to show what it has met. */
typedef enum {
    OUTCOME_SERVED,
    OUTCOME_NO_ROOM,
    OUTCOME_GROWN,  /* realloc in place: larger, */
    OUTCOME_SHRUNK, /* smaller, */
    OUTCOME_KEPT,   /* or of the same size; */
    OUTCOME_SLID,   /* realloc into the free block before it, */
    OUTCOME_MOVED,  /* or elsewhere */
    OUTCOMES
} outcome;

const char *outcome_name(outcome result);

/* A state before its operations are tried. */
typedef struct {
    const uint8_t *saved; /* from world_save */
    survey blocks;
    tlsf_stats_t stats;
} moment;

/* Surveys the world, which the caller has just loaded from `saved`. */
void moment_take(moment *m, const uint8_t *saved);

/* Performs the operation, and requires everything that must hold after it. The world has to be as
 * in `before`. */
outcome step_take(const moment *before, const operation *o);

#endif
