/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fields of a heap, each with a kind: every byte of the control structure, of the pools'
 * descriptors, and of blocks what is not their user's.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include "specimen.h"

typedef struct {
    const char *kind;
    uint8_t *begin;
    size_t bytes;
} field;

enum { FIELDS_MAX = 1200 };

/* Lists the fields of a sound heap. Ends the program when there are more, or when a part of the
 * control structure is in none.
 * Returns their number. */
size_t fields_of(const specimen *s, field fields[FIELDS_MAX]);

#endif
