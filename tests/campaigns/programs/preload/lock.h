/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one lock of the process heap. It allocates nothing, and is whole in the child of a fork,
 * whatever the other threads were doing.
 */
#ifndef PRELOAD_LOCK_H
#define PRELOAD_LOCK_H

#include <stdbool.h>

/* Waits for the lock. A thread that holds it already is a signal handler inside a call of its
 * own thread: the program is stopped. */
void lock_take(void);
void lock_release(void);

/* Whether the calling thread holds it. */
bool lock_is_held(void);

/* Lets forks hold the lock, and call `in_child` under it in the child. To be called once, before
 * any other library asks for the same: then the handlers of others run with the lock free. */
void lock_survives_fork(void (*in_child)(void));

#endif
