/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The states met so far, the ones of them whose operations are still to be tried, first in first
 * out, and how each was reached.
 *
 * A state met before is known by 128 bits of hash over all of its bytes: that two of some millions
 * of states share one has a probability of about 10^-25.
 */
#ifndef STATES_H
#define STATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "operation.h"

#define STATES_START UINT32_MAX /* what the first state was reached from */

/* bytes: of each state. Ends the program when there is no memory, as the rest does. */
void states_prepare(size_t bytes);

/* Takes a state in, unless it was met before. `from` is the number of the state, and `by` the
 * operation, that led to it. */
void states_meet(const uint8_t *state, uint32_t from, operation by, uint32_t depth);

/* Copies the next one into *state. Returns false when there is none left. */
bool states_next(uint8_t *state, uint32_t *number, uint32_t *depth);

uint32_t states_count(void);

/* Prints the operations that lead to a state, one a line. Returns how many. */
unsigned states_print_path(FILE *to, uint32_t number);

#endif
