/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one lock of the process heap. It does not allocate. It is valid in the child of a fork,
 * whatever the other threads were doing.
 */
#ifndef HOST_MALLOC_LOCK_H
#define HOST_MALLOC_LOCK_H

#include <stdbool.h>

/* Waits for the lock. If the thread holds it already, a signal handler has interrupted a call of
 * its own thread: then the program stops. */
void lock_take(void);
void lock_release(void);

/* Returns whether the calling thread holds the lock. */
bool lock_is_held(void);

/* Makes forks hold the lock, and call `in_child` under it in the child. Call it once, before any
 * other library installs fork handlers: then those handlers run while the lock is free. */
void lock_survives_fork(void (*in_child)(void));

#endif
