/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The operations that can follow a state, four bytes each.
 */
#ifndef OPERATION_H
#define OPERATION_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "scope.h"

typedef enum {
    OPERATION_MALLOC,
    OPERATION_MALLOC_LARGEST,
    OPERATION_MEMALIGN,
    OPERATION_REALLOC,
    OPERATION_REALLOC_ALIGNED,
    OPERATION_FREE,
    OPERATION_FREE_BY_REALLOC, /* to 0 bytes */
    OPERATION_ADD_POOL,
    OPERATION_REMOVE_POOL,
    OPERATION_RESET,
    OPERATION_REFUSED, /* a request that no heap can serve */
    OPERATION_KINDS
} operation_kind;

typedef struct {
    uint8_t kind;
    uint8_t block; /* number of the live block, pool or refused request */
    uint8_t size;  /* index of the size */
    uint8_t align; /* index of the alignment */
} operation;

enum { OPERATIONS_MAX = 16384, REFUSED_REQUESTS = 9 };

/* Computes the sizes of the scope. */
void operations_prepare(const scope *s);

/* Lists the operations that are possible now.
 * Returns  their number. */
unsigned operations_list(const scope *s, operation *list);

size_t operation_size(const operation *o);
size_t operation_align(const operation *o);

const char *operation_name(operation_kind kind);
void operation_print(FILE *to, const operation *o);

#endif
