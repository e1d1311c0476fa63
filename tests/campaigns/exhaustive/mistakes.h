/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The caller's mistakes that hardening 1 finds in every state: a second free of whatever was freed
 * and whose place was not handed out again (the ghosts), and pointers that are not aligned.
 */
#ifndef MISTAKES_H
#define MISTAKES_H

#include "step.h"

/* Has faults of the heap counted; one that no mistake has caused is a finding. */
void mistakes_watch(void);

/* Makes each mistake in the state, and requires that it is reported and changes nothing.
 * Returns how many there were. */
unsigned long long mistakes_take(const moment *before, const scope *s);

#endif
