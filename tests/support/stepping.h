/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counts the instructions of a call, one by one: on x86-64 under Linux.
 */
#ifndef STEPPING_H
#define STEPPING_H

#include <stddef.h>

/* Returns how many instructions `call` runs; 0 where they cannot be counted: on another processor,
 * under an emulator, with a sanitizer. */
size_t instructions_of(void (*call)(void *argument), void *argument);

#endif
