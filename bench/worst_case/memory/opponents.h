/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The heaps that the adversaries play against.
 */
#ifndef OPPONENTS_H
#define OPPONENTS_H

#include "contest.h"

/* A heap of the core with one pool. The contest's bytes are those of its blocks. */
extern const opponent_kind default_heap;

/* A bounded heap. The contest's bytes are those of its region. */
extern const opponent_kind bounded_heap_kind;

/* Returns  bytes of the region of a bounded heap that never refuse a request of such a program; 0
 *          if there is no such heap. */
size_t bound_of_bounded(const limits *l);

#endif
