/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* The pool as a trial sees it: made, counted, and judged at the end. */
#ifndef MEASURED_POOL_H
#define MEASURED_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POOL_BYTES_MAX = 1 << 20, POOL_CALLS_MAX = 1 << 17 };

typedef enum { CALL_MALLOC, CALL_CALLOC, CALL_REALLOC, CALL_FREE } call_kind;

typedef struct {
    uint32_t nanoseconds; /* with the clock's own time */
    uint32_t bytes;       /* of the request; 0: a free */
    call_kind kind;
} pool_call;

typedef struct {
    size_t calls;    /* that allocate, resize or free; more than POOL_CALLS_MAX stop the program */
    size_t requests; /* those that may fail */
    size_t peak_bytes;
    size_t live_blocks; /* at the end */
    bool is_sound;      /* at the end */
    pool_call call[POOL_CALLS_MAX];
} pool_record;

/* Makes the pool, and writes its calls to *record until pool_end.
 * fail_at      the number of the request that fails, from 0 on; SIZE_MAX: none
 * fail_after   whether all requests after it fail, too
 * Returns  false if the bytes hold no pool. */
bool pool_begin(size_t bytes, size_t fail_at, bool fail_after, pool_record *record);

/* Fills in the rest of the record. */
void pool_end(void);

/* Whether a pool is there, and whether `ptr` lies in its memory. */
bool pool_is_open(void);
bool pool_holds(const void *ptr);

#endif
