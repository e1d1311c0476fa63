/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* What a library's file gives: a piece of its usual work, which allocates from the pool alone. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    SCENARIO_DONE = 1,  /* and the result is right */
    SCENARIO_NO_MEMORY, /* the library said so, and everything else holds */
    SCENARIO_WRONG      /* a result is wrong */
} scenario_outcome;

/* Does the work, always the same, in one thread. Returns  with every block given back, whatever the
 * outcome is, but for those that the library keeps for ever. */
scenario_outcome scenario_run(void);

/* The most blocks that the library keeps for ever. */
extern const size_t scenario_blocks_kept;

/* Whether the library itself ends the program with abort() at some requests that fail. */
extern const bool scenario_may_abort;

#endif
