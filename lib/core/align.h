/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Alignment: the free gap before a used block that puts its payload at a multiple of `align`, which
 * is a power of two.
 *
 *     | gap                  | header | payload, at a multiple of align ...
 */
#ifndef TLSF_ALIGN_H
#define TLSF_ALIGN_H

#include "heap.h"

/* Whether align is a power of two, or 0. */
static inline bool align_is_valid(size_t align) { return (align & (align - 1)) == 0; }

/* The gap before the used block that puts its payload at a multiple of align: 0, or enough for a
 * block. */
static inline outer_size align_gap(const block *b, size_t align) {
    TLSF_ASSERT(align_is_valid(align) && align > GRANULE);
    const uintptr_t payload = (uintptr_t)block_payload(b);
    const outer_size gap = size_of_bytes((0 - payload) & (align - 1));
    if (GRANULE_IS_BLOCK || gap == 0 || gap >= BLOCK_MIN) {
        return gap;
    }
    /* Both are powers of two, so the larger is a multiple of the smaller. */
    const outer_size step = size_of_bytes(align);
    return gap + size_larger(step, BLOCK_MIN);
}

/* The largest gap of align_gap, in bytes. A power of two does not overflow here. */
static inline size_t align_gap_max(size_t align) { return align + size_bytes(BLOCK_MIN) - GRANULE; }

/* Whether the plan allows a search for the bytes and the largest gap. */
static inline bool align_fits_plan(const control *t, size_t align, size_t bytes) {
    const size_t gap_max = align_gap_max(align);
    const size_t least = gap_max + size_inner_bytes(BLOCK_MIN); /* searched for 0 bytes */
    return least <= t->request_max && bytes <= t->request_max - gap_max;
}

/* A size that holds n after any gap. */
static inline outer_size align_room(size_t align, outer_size n) {
    return n + size_of_bytes(align_gap_max(align));
}

/* The size that tlsf_memalign will search for, or 0 if it will not. The plan allows the bytes. */
static outer_size memalign_room(const control *t, size_t align, size_t bytes) {
    const outer_size n = size_for_request(bytes);
    if (align <= GRANULE) {
        return n;
    }
    return align_fits_plan(t, align, bytes) ? align_room(align, n) : 0;
}

#endif
