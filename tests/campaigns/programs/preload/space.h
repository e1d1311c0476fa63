/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The address space of the process heap: reserved whole at the start, as far as links of the
 * compact layout reach, with the control structure in its middle.
 *
 *     reserved      own regions       shared regions      reserved
 *     |.............|-------|--|--|  t  |--|----|--------|...........|
 *                   low                                  high
 *
 * Shared regions are taken upwards and stay. Own regions, of one large block each, are taken
 * downwards, and can be given back. Everything from low to high can be read at any time, for the
 * checks of a heap read between its pools: what is given back reads zero.
 */
#ifndef PRELOAD_SPACE_H
#define PRELOAD_SPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "tlsf.h"

typedef struct {
    char *begin;
    size_t bytes;
    pool_t pool; /* NULL: given back */
} own_region;

/* Reserves address space, less where the process may not have so much.
 * Returns  memory of at least control_bytes; NULL when there is none. */
void *space_open(size_t control_bytes);

/* bytes, rounded up to pages. NULL when there is no room. */
void *space_take_shared(size_t *bytes);

/* The same as an own region of at least so many bytes, whose pool is NULL until the caller fills
 * it in. */
own_region *space_take_own(size_t bytes);

/* The own region that ptr lies in; NULL when there is none. O(log regions). */
own_region *space_find_own(const void *ptr);

/* The region's memory goes back to the system, its addresses to later own regions. */
void space_give_back(own_region *region);

#endif
