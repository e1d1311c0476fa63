/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Observers follow what happens to blocks. The algorithm works without them. They are the
 * statistics, the fill patterns and guards of hardening 3, the memory checker, and the trace. An
 * algorithm has one line for all of them: block_allocated, block_resized, block_freed or
 * request_failed.
 */
#ifndef TLSF_OBSERVE_H
#define TLSF_OBSERVE_H

#include "hardening_3_debugging.h"
#include "trace.h"

/* ---- statistics --------------------------------------------------------------------- */

static inline void statistics_resized(control *t, outer_size before, outer_size after) {
    if (TLSF_STATISTICS) {
        TLSF_ASSERT(before <= t->used && t->used - before <= t->pool_size - after);
        const size_t used = t->used + (size_t)after - (size_t)before;
        t->used = used;
        if (used > t->peak) {
            t->peak = used;
        }
    }
}

static inline void statistics_allocated(control *t, outer_size n) {
    if (TLSF_STATISTICS) {
        statistics_resized(t, 0, n);
        t->allocations++;
    }
}

static inline void statistics_freed(control *t, outer_size n) {
    if (TLSF_STATISTICS) {
        TLSF_ASSERT(n <= t->used);
        t->used -= (size_t)n;
        t->frees++;
    }
}

/* ---- what observers learn ------------------------------------------------------------ */

/* A used block before it changes. */
typedef struct {
    const block *place;
    outer_size size;
    size_t bytes; /* of the payload */
} block_before;

static inline block_before block_before_change(const block *b) {
    const block_before before = {b, block_size(b), block_payload_bytes(b)};
    return before;
}

/* b is a new used block of size n for a request of `bytes` bytes, aligned to `align` if that is not
 * 0.
 * Returns its payload. */
static inline void *block_allocated(control *t, const block *b, outer_size n, size_t bytes,
                                    size_t align) {
    TLSF_ASSERT(block_size(b) == n && !block_is_free(b));
    statistics_allocated(t, n);
    guard_write(t, b, 0, bytes);
    payload_hand_out(t, block_payload(b), block_payload_bytes(b));
    trace_allocated(t, block_payload(b), size_bytes(n), bytes, align);
    return block_payload(b);
}

/* The used block `before` has become b of size n, for a request of `bytes` bytes. Its content is
 * already in place.
 * Returns b's payload. */
static inline void *block_resized(control *t, const block *b, outer_size n, size_t bytes,
                                  block_before before) {
    TLSF_ASSERT(block_size(b) == n && !block_is_free(b));
    statistics_resized(t, before.size, n);
    fill_freed(block_next(b), before.place, before.size);
    guard_write(t, b, before.bytes, bytes);
    payload_moved(t, block_payload(before.place), before.bytes, block_payload(b),
                  block_payload_bytes(b));
    trace_resized(t, block_payload(before.place), size_bytes(before.size), block_payload(b),
                  size_bytes(n), bytes);
    return block_payload(b);
}

/* The used block `before` lies in b of size n now. Its content stays where it is until the caller
 * has moved it.
 * Returns b's payload. */
static inline void *block_joined(control *t, const block *b, outer_size n, block_before before) {
    const size_t bytes = size_inner_bytes(n);
    TLSF_ASSERT(block_size(b) == n && !block_is_free(b));
    statistics_resized(t, before.size, n);
    fill_freed(block_next(b), before.place, before.size);
    guard_write(t, b, bytes, bytes);
    trace_joined(t, block_payload(before.place), size_bytes(before.size), block_payload(b),
                 size_bytes(n));
    return block_payload(b);
}

/* The caller has moved the content that lay in the joined block `before`, which has become b of
 * size n. */
static inline void block_unjoined(control *t, const block *b, outer_size n, block_before before,
                                  const tlsf_move_t *move) {
    TLSF_ASSERT(block_size(b) == n && !block_is_free(b));
    statistics_resized(t, before.size, n);
    fill_freed(block_next(b), before.place, before.size);
    guard_write(t, b, move->bytes, move->request);
    payload_moved(t, move->from, move->bytes, block_payload(b), block_payload_bytes(b));
    trace_resized(t, block_payload(b), size_bytes(before.size), block_payload(b), size_bytes(n),
                  move->request);
}

/* Used block b is about to be freed. Nothing else of b has been used yet: at hardening 0 a memory
 * checker reports here what is no live block.
 * Returns b as it was. */
static inline block_before block_before_free(const control *t, const block *b) {
    const block_before before = block_before_change(b);
    payload_take_back(t, block_payload(b), before.bytes);
    (void)t;
    return before;
}

/* The used block `before` has become part of free block b. */
static inline void block_freed(control *t, const block *b, block_before before) {
    TLSF_ASSERT(block_is_free(b));
    fill_freed(b, before.place, before.size);
    statistics_freed(t, before.size);
    trace_freed(t, block_payload(before.place), size_bytes(before.size));
}

/* Counts a failed request for `bytes` bytes, aligned to `align` if that is not 0.
 * Returns NULL, so that a request can return its result. */
static inline void *request_failed(control *t, size_t bytes, size_t align) {
    CHECKER_PAUSE();
    trace_failed(t, bytes, align);
    if (TLSF_STATISTICS) {
        t->failures++;
    }
    return NULL;
}

#endif
