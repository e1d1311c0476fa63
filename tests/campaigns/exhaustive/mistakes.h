/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The caller's mistakes that hardening 1 finds in every state: misaligned pointers, and double
 * frees of ghosts. A ghost is a freed block whose place was not allocated again.
 */
#ifndef MISTAKES_H
#define MISTAKES_H

#include "step.h"

/* Sets a fault hook that counts faults. A fault without a mistake is a finding. */
void mistakes_watch(void);

/* Makes each mistake in the state. Requires that the heap reports it and does not change.
 * Returns  the number of mistakes. */
unsigned long long mistakes_take(const moment *before, const scope *s);

#endif
