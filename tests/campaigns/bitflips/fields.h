/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fields of a heap, each with a kind. They cover every byte of the control structure, of the
 * pool descriptors, and of the blocks except the user's bytes.
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

/* Lists the fields of a sound heap. Ends the program if there are more than FIELDS_MAX, or if a
 * part of the control structure belongs to no field.
 * Returns  their number. */
size_t fields_of(const specimen *s, field fields[FIELDS_MAX]);

#endif
