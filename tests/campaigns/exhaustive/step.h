/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One step: an operation in a state, and everything that the contract says of its outcome.
 */
#ifndef STEP_H
#define STEP_H

#include "operation.h"
#include "survey.h"

/* What steps came to, so that a run can show what it has met. */
typedef enum {
    OUTCOME_SERVED,
    OUTCOME_NO_ROOM,
    OUTCOME_GROWN,  /* realloc: in place, */
    OUTCOME_SHRUNK, /* */
    OUTCOME_KEPT,   /* of the same size, */
    OUTCOME_SLID,   /* into the free block before it, */
    OUTCOME_MOVED,  /* or elsewhere */
    OUTCOMES
} outcome;

const char *outcome_name(outcome result);

/* A state before its operations are tried. */
typedef struct {
    const uint8_t *saved; /* world_save */
    survey blocks;
    tlsf_stats_t stats;
} moment;

/* Looks at the world, which was just loaded from `saved`. */
void moment_take(moment *m, const uint8_t *saved);

/* Does the operation, and requires all that must hold after it. The world is as in `before`. */
outcome step_take(const moment *before, const operation *o);

#endif
