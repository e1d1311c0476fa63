/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a function that may crash or hang.
 */
#ifndef PROTECT_H
#define PROTECT_H

typedef enum {
    CAME_BACK,
    CRASHED, /* a signal: an access to unmapped memory, a wild jump */
    HUNG     /* no end in half a second of processor time; a call takes microseconds */
} ending;

void protect_begin(void);
ending protect_run(void (*function)(void *argument), void *argument);

#endif
