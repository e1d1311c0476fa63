/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The heaps that the adversaries play against.
 */
#ifndef OPPONENTS_H
#define OPPONENTS_H

#include "contest.h"

/* A heap of the core with one pool. The contest's bytes are those of its blocks. */
extern const opponent_kind default_heap;

#endif
