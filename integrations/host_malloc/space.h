/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The address space of the process heap. space_open reserves all of it, as far as links of the
 * compact layout reach, with the control structure in its middle.
 *
 *     reserved      own regions       shared regions      reserved
 *     |.............|-------|--|--|  t  |--|----|--------|...........|
 *                   low                                  high
 *
 * Shared regions grow upwards and stay. An own region holds one large block; own regions grow
 * downwards, and the heap can give them back. Then they are vacant, and read as zero. Everything
 * from low to high stays readable, because the checks of a heap read between its pools.
 */
#ifndef HOST_MALLOC_SPACE_H
#define HOST_MALLOC_SPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "tlsf.h"

typedef struct {
    char *begin;
    size_t bytes;
    pool_t pool; /* NULL: vacant, that is, given back */
} own_region;

/* Reserves address space, less of it if the process may not have so much.
 * Returns  memory of at least control_bytes; NULL if there is none. */
void *space_open(size_t control_bytes);

/* Takes *bytes, and rounds them up to pages. Returns NULL if there is no room. */
void *space_take_shared(size_t *bytes);

/* Takes an own region of at least this many bytes. Its pool is NULL until the caller sets it. */
own_region *space_take_own(size_t bytes);

/* Returns the own region that ptr lies in, or NULL. O(log regions). */
own_region *space_find_own(const void *ptr);

/* Gives the region's memory back to the system. Later own regions can use its addresses. */
void space_give_back(own_region *region);

#endif
