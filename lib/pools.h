/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where pools are: their span, their list, and whether a block lies in one. Nothing outside the
 * span is read, whatever sizes and links hold.
 */
#ifndef TLSF_POOLS_H
#define TLSF_POOLS_H

#include "guard.h"

/* ---- the span: from the lowest header of all pools to the highest end marker --------- */

static inline bool block_is_in_span(const control *t, const block *b) {
    const uintptr_t address = (uintptr_t)b;
    return (uintptr_t)block_payload(b) % GRANULE == 0 && address >= t->span_begin &&
           address < t->span_end;
}

/* Whether a size that b claims leads to a place in the span, the highest end marker included. The
 * room is counted in quarters, as the size in bytes could wrap. */
static inline bool size_is_in_span(const control *t, const block *b, quarters n) {
    return n <= (t->span_end - (uintptr_t)b) / QUARTER;
}

/* ---- the list: linear in pools ------------------------------------------------------ */

/* Whether a descriptor at this address, its pool's blocks and end marker are in the span. */
static inline bool descriptor_is_plausible(const control *t, const pool_descriptor *descriptor) {
    const block *first = pool_first_block(pool_of_descriptor(descriptor));
    return block_is_in_span(t, first) && descriptor->size >= BLOCK_MIN &&
           size_is_in_span(t, first, descriptor->size);
}

/* Invariant 2 of tlsf.h. No descriptor is met twice, as each names the one before it. */
static inline bool pool_list_is_sound(const control *t) {
    size_t total = 0;
    const pool_descriptor *before = &t->pools;
    while (pool_linked(t, before->next) != &t->pools) {
        const pool_descriptor *descriptor = pool_linked(t, before->next);
        if (!descriptor_is_plausible(t, descriptor) ||
            pool_linked(t, descriptor->previous) != before) {
            return false;
        }
        total += descriptor->size;
        before = descriptor;
    }
    return pool_linked(t, t->pools.previous) == before && total == t->pool_size;
}

/* Whether what b names could be a block: it and its header lie in a pool. The list is sound. */
static inline bool block_is_in_a_pool(const control *t, const block *b) {
    if ((uintptr_t)block_payload(b) % GRANULE != 0) {
        return false;
    }
    for (block_link link = t->pools.next; pool_linked(t, link) != &t->pools;) {
        const pool_descriptor *descriptor = pool_linked(t, link);
        const uintptr_t offset = (uintptr_t)b - (uintptr_t)(descriptor + 1);
        if (offset <= quarters_bytes(descriptor->size - BLOCK_MIN)) {
            return true;
        }
        link = descriptor->next;
    }
    return false;
}

#endif
