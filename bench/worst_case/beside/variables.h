/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All variables of an image, those of its C library included, so that one run of the emulator
 * makes many fresh heaps.
 */
#ifndef VARIABLES_H
#define VARIABLES_H

#include "../machine/machine.h"

/* Saves the variables at the beginning of the memory. Returns the rest of it, for a heap. */
machine_memory variables_save(machine_memory all);

/* Gives all variables the values that they had when they were saved. */
void variables_restore(machine_memory all);

#endif
