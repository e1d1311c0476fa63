/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A memory region for a heap, at a chosen misalignment, between guard bytes that must not change.
 * Under address sanitizer they must not be read either.
 */
#ifndef REGION_H
#define REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGION_ALIGN = 4096 }; /* misalignments count from a multiple of it */

typedef struct {
    uint8_t *begin;
    size_t bytes;
    void *allocation; /* as allocated */
} region;

/* Makes a region of `bytes` bytes, `misalignment` (below REGION_ALIGN) bytes above a multiple of
 * REGION_ALIGN. Ends the program when there is no memory. */
region region_make(size_t bytes, size_t misalignment);

/* Whether all guard bytes are unchanged. */
bool region_is_guarded(const region *r);

void region_free(region *r);

#endif
