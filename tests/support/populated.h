/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap of two pools with listed free blocks of several classes, a pending one, and used ones
 * of known content, for tests that break it; and a way back.
 */
#ifndef POPULATED_H
#define POPULATED_H

#include "heap.h"
#include "size_class.h"

enum { POPULATED_BLOCKS = 24 };

typedef struct {
    heap h;
    control *t;
    uint8_t *sound; /* a copy of the whole region as it was */
    /* The blocks of the first pool in address order; those of odd number are free, and the
     * last one is the pending block, with TLSF_PENDING. */
    block *blocks[POPULATED_BLOCKS];
    pool_t first, second;
} populated;

populated populated_make(void);
void populated_restore(populated *p);
void populated_end(populated *p);

/* Fails the case unless tlsf_check gives `expected` and writes nothing; then restores. */
void populated_expect(populated *p, int expected);

#endif
