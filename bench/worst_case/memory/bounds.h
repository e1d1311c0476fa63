/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bounds of docs/memory-bound.md for the default heap, in outer sizes.
 */
#ifndef BOUNDS_H
#define BOUNDS_H

#include "contest.h"

/* Returns  `bytes`, rounded up to the outer size of a block. */
size_t bound_outer(size_t bytes);

/* Returns  the most bytes that a block has beyond the outer size of its request. */
size_t bound_unsplit(void);

/* Returns  the outer size that a program's largest request is searched for. */
size_t bound_searched(const limits *l);

/* Returns  the largest free block there can be when a request of this outer size is refused. */
size_t bound_hole(size_t outer);

/* Returns  bytes of blocks in `pools` pools that never refuse a request of such a program. */
size_t bound_of_default(const limits *l, size_t pools);

#endif
