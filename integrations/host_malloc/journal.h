/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports on a process: to standard error if something is wrong; and a line for each event to the
 * file that FMEMP_JOURNAL names in the environment at the start, if it does:
 *
 *     start PID PROGRAM          a program began, in a new process or in place of another program
 *     fork PID PROGRAM           a child of a fork began
 *     end PID PROGRAM operations=N peak=BYTES pools=N checks=N verdict=NAME
 *     fault PID PROGRAM TEXT     the heap reported a mistake; the process stops
 *
 * operations: calls served since the start or fork. verdict: "sound", or the name of the first
 * invariant that the check at the end finds broken.
 */
#ifndef HOST_MALLOC_JOURNAL_H
#define HOST_MALLOC_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "tlsf.h"

typedef struct {
    size_t operations, peak, pools, checks;
    const char *verdict;
} journal_summary;

/* A program that runs with another user's rights keeps no journal. */
void journal_start(char *const *environment);

/* Returns whether the process keeps a journal. Without one the functions below that write to it do
 * nothing. */
bool journal_is_kept(void);

void journal_fork(void);

/* Call it once a process, but not in a child of vfork, which runs in its parent's memory. */
void journal_end(const journal_summary *summary);
bool journal_expects_end(void);

/* The fault hook. Reports kind and block, and stops the program. */
_Noreturn void journal_fault(tlsf_t heap, const tlsf_fault_t *fault);

/* Reports what is wrong, and stops the program. */
_Noreturn void journal_stop(const char *what);

#endif
