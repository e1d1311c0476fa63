/* SPDX-License-Identifier: BSD-3-Clause */
/* The lock of the C library, as a program with threads defines it. This one counts. */
#ifndef LOCKS_H
#define LOCKS_H

#include <stdbool.h>

/* Returns whether the lock was taken since the last call, and is free now. */
bool was_locked(void);

#endif
