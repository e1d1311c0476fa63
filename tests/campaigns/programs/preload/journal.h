/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports on a process: to standard error if something is wrong, and a line for each event to the
 * file that FMEMP_JOURNAL names:
 *
 *     start PID PROGRAM          a program began, in a new process or in place of another program
 *     fork PID PROGRAM           a child of a fork began
 *     end PID PROGRAM operations=N peak=BYTES pools=N checks=N verdict=NAME
 *     fault PID PROGRAM TEXT     the heap reported a mistake; the process stops
 *
 * operations: calls served since the start or fork. verdict: "sound", or the name of the first
 * invariant that the check at the end finds broken.
 */
#ifndef PRELOAD_JOURNAL_H
#define PRELOAD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "tlsf.h"

typedef struct {
    size_t operations, peak, pools, checks;
    const char *verdict;
} journal_summary;

void journal_start(char *const *environment);
void journal_fork(void);

/* Call it once a process, but not in a child of vfork, which runs in its parent's memory. */
void journal_end(const journal_summary *summary);
bool journal_expects_end(void);

/* The fault hook. Reports kind and block, and stops the program. */
_Noreturn void journal_fault(tlsf_t heap, const tlsf_fault_t *fault);

/* Reports what is wrong, and stops the program. */
_Noreturn void journal_stop(const char *what);

#endif
