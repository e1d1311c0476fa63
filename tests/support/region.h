/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A memory region for a heap, at a chosen misalignment, between guard bytes that nobody may
 * touch. Under address sanitizer the guard bytes cannot be read either.
 */
#ifndef REGION_H
#define REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGION_ALIGN = 4096 }; /* misalignments are counted from a multiple of it */

typedef struct {
    uint8_t *begin;
    size_t bytes;
    void *allocation; /* what malloc returned */
} region;

/* Makes a region of `bytes` bytes. It begins `misalignment` bytes, less than REGION_ALIGN, above a
 * multiple of REGION_ALIGN. Ends the program when malloc fails. */
region region_make(size_t bytes, size_t misalignment);

/* Whether every guard byte is unchanged. */
bool region_is_guarded(const region *r);

void region_free(region *r);

#endif
