/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap for tests to break, and a way to restore it. It has two pools with listed free blocks of
 * several classes, a pending block, and used blocks of known content.
 */
#ifndef POPULATED_H
#define POPULATED_H

#include "guarded_heap.h"
#include "internals.h"

enum { POPULATED_BLOCKS = 24 };

typedef struct {
    heap h;
    control *t;
    uint8_t *sound; /* a copy of the whole region before a test breaks it */
    /* The blocks of the first pool in address order. Those of odd number are free. With
     * TLSF_PENDING, the last one is the pending block. */
    block *blocks[POPULATED_BLOCKS];
    pool_t first, second;
} populated;

populated populated_make(void);
void populated_restore(populated *p);
void populated_end(populated *p);

/* Fails the case unless tlsf_check and tlsf_check_report return `expected` and write nothing. Then
 * restores the heap. */
void populated_expect(populated *p, int expected);

#endif
