/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drivers make counted calls (count.h): worst cases by construction, calls at random, and calls
 * as a program made them.
 */
#ifndef DRIVERS_H
#define DRIVERS_H

#include "../../support/random.h"
#include "../machine/machine.h"

/* The heaps whose maxima must be equal. */
typedef struct {
    size_t pool_bytes;  /* including the control structure */
    size_t live_blocks; /* beside the few that a call works on */
} heap_shape;

/*
 * Worst cases by construction. The end of a pool is a workspace of a few blocks:
 *
 *     [ live blocks ... ][s][A][X][B][s][C][s][D][s][tail]
 *
 * X and the separators s are live. A state says which of A, B, C and D are free, in which order
 * they were freed, their sizes, whether the tail is free, and so on. Each choice is a digit of
 * the state; so are the call to be made and its arguments. The search tries states at random, and
 * states close to the costliest ones so far.
 */

/* Prepares a heap of this shape in `memory`. */
void crafted_prepare(machine_memory memory, heap_shape shape);

/* Makes the calls of `samples` states, and of the costliest states that searches of other heaps
 * have found. Each call counts for the maxima. */
void crafted_search(random_stream *random, unsigned samples);

/* Counts the costliest state of each function once more, by stepping. Fails when the counts
 * differ. Needs machine_can_step. */
void crafted_confirm(void);

/* Makes `steps` calls at random among about shape.live_blocks live blocks. */
void walk_run(machine_memory memory, heap_shape shape, random_stream *random, size_t steps);

/* Serves a recorded load (bench/loads/load_format.h) from a pool of pool_bytes. Returns the largest
 * number of blocks that were live together. */
size_t load_serve(machine_memory memory, size_t pool_bytes, const unsigned char *load,
                  size_t load_bytes);

#endif
