/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a function that can go wrong in every way.
 */
#ifndef PROTECT_H
#define PROTECT_H

typedef enum {
    CAME_BACK,
    CRASHED, /* a signal: an access to what is not mapped, a wild jump */
    HUNG     /* half a second of processor time, where a call takes microseconds */
} ending;

void protect_begin(void);
ending protect_run(void (*function)(void *argument), void *argument);

#endif
