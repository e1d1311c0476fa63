/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A load in memory, decoded so that a replay spends its time in the allocator. Blocks that are
 * never live together share a slot, so that the table of live blocks stays small.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "../load_format.h"

typedef struct {
    size_t size;        /* requested bytes; all but LOAD_FREE */
    uint32_t slot;      /* which block */
    uint8_t kind;       /* load_kind */
    uint8_t align_log2; /* LOAD_MEMALIGN */
} operation;

typedef struct {
    operation *operations;
    size_t count;
    size_t slots;      /* the most blocks that are live together */
    size_t peak_bytes; /* the most requested bytes that are live together */
} load;

/* Reads the load in file `path`. Returns NULL if the whole load is valid and fits into memory;
 * else what is wrong, as a static text. */
const char *load_read(load *result, const char *path);

void load_release(load *released);

#endif
