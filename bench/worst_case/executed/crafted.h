/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Worst cases by construction. At the end of a pool is a workspace of a few blocks:
 *
 *     [ live blocks ... ][s][A][X][B][s][C][s][D][s][tail]
 *
 * X and the separators s are live. Of A, B, C and D any are freed, in any order; each has one of
 * some sizes; the tail is free or not; and so on. Each such choice is a digit of a state, and
 * the call to be made and its arguments are digits as well. The search makes calls in random
 * states, and in states near to the costliest that it has found.
 */
#ifndef CRAFTED_H
#define CRAFTED_H

#include "heap_shape.h"
#include "machine.h"
#include "random.h"

/* Prepares a heap of this shape in `memory` for the states. */
void crafted_prepare(machine_memory memory, heap_shape shape);

/* Makes the call of `samples` states, and of the costliest of each function that earlier searches
 * have found in other heaps. All count for the maxima. */
void crafted_search(random_source *random, unsigned samples);

/* Where the machine can step: the costliest state of each function, counted both ways, gives the
 * same. */
void crafted_confirm(void);

#endif
