/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The set of states met so far, the queue of states whose operations are still to try, and the path
 * to each state.
 *
 * A hash of 128 bits over all bytes identifies a state. The probability that two of some millions
 * of states share a hash is about 10^-25.
 */
#ifndef STATES_H
#define STATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "operation.h"

#define STATES_START UINT32_MAX /* the origin of the first state */

/* bytes: the size of a state. This and the other functions end the program if there is no
 * memory. */
void states_prepare(size_t bytes);

/* Adds a state, unless it was met before. The operation `by` led to it from the state number
 * `from`. */
void states_meet(const uint8_t *state, uint32_t from, operation by, uint32_t depth);

/* Copies the next state into *state. Returns false if none is left. */
bool states_next(uint8_t *state, uint32_t *number, uint32_t *depth);

uint32_t states_count(void);

/* Prints the operations that lead to a state, one a line. Returns their number. */
unsigned states_print_path(FILE *to, uint32_t number);

#endif
