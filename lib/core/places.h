/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where an address lies: the pools, and the blocks of a pool, for functions that must be safe on a
 * corrupted heap. They follow a size or a link only after they have found that its target lies
 * inside, and no walk meets a pool or a block twice. They take linear time.
 */
#ifndef TLSF_PLACES_H
#define TLSF_PLACES_H

#include "hardening_2_corruption.h"

/* ---- pools -------------------------------------------------------------------------- */

/* The pool behind `before` in the list of pools, which begins behind its anchor. Each descriptor
 * must name the one before it, so a loop meets none twice.
 * Returns NULL at the end, and where the list is broken. */
static inline const pool_descriptor *pools_next(const control *t, const pool_descriptor *before) {
    const pool_descriptor *descriptor = pool_linked(t, before->next);
    const bool is_sound = descriptor != &t->pools && descriptor_is_plausible(t, descriptor) &&
                          pool_linked(t, descriptor->previous) == before;
    return is_sound ? descriptor : NULL;
}

/* A pool whose size was checked. */
typedef struct {
    const pool_descriptor *descriptor;
    const block *first;
    const block *end; /* the end marker */
} pool_view;

static inline pool_view pool_view_of(const pool_descriptor *descriptor) {
    pool_view pool;
    pool.descriptor = descriptor;
    pool.first = descriptor_first_block(descriptor);
    pool.end = block_at(pool.first, descriptor->size);
    return pool;
}

/* The pool that contains the address, descriptor and end marker included; NULL if none does. */
static inline const pool_descriptor *pools_find(const control *t, uintptr_t address) {
    const pool_descriptor *descriptor = pools_next(t, &t->pools);
    while (descriptor != NULL &&
           (address < (uintptr_t)descriptor ||
            address > (uintptr_t)pool_view_of(descriptor).end + (sizeof(header_word) - 1))) {
        descriptor = pools_next(t, descriptor);
    }
    return descriptor;
}

/* ---- headers ------------------------------------------------------------------------ */

/* Whether the address, which lies in the pool, can be a payload: a header can lie in front of it.
 * That is not the end marker, as the pool ends with it. */
static inline bool pool_has_place(const pool_view *pool, uintptr_t address) {
    return address > (uintptr_t)pool->first && address % GRANULE == 0;
}

/* Whether b has the size of a block that ends inside the pool. */
static inline bool size_fits_pool(const pool_view *pool, const block *b) {
    return block_size(b) >= BLOCK_MIN &&
           block_size(b) <= ((uintptr_t)pool->end - (uintptr_t)b) / SIZE_UNIT;
}

/* Whether b's header, or end marker, can stand behind a block that is free or not. */
static inline bool header_agrees(const pool_view *pool, const block *b, bool is_previous_free) {
    if (block_is_previous_free(b) != is_previous_free) {
        return false;
    }
    if (b == pool->end) {
        return block_is_end(b);
    }
    return size_fits_pool(pool, b) &&
           (!block_is_free(b) ||
            (!is_previous_free && block_footer_before(block_next(b)) == b->header));
}

/* The free block before b, whose header says that there is one; NULL if the footer before b and the
 * header of that block do not agree. In front of the first block there is room for none. */
static inline const block *previous_in_pool(const pool_view *pool, const block *b) {
    TLSF_ASSERT(block_is_previous_free(b));
    const header_word footer = block_footer_before(b);
    const outer_size n = header_size(footer);
    if (n < BLOCK_MIN || n > ((uintptr_t)b - (uintptr_t)pool->first) / SIZE_UNIT) {
        return NULL;
    }
    const block *before = (const block *)((uintptr_t)b - size_bytes(n));
    return before->header == footer && block_is_free(before) ? before : NULL;
}

/* ---- blocks ------------------------------------------------------------------------- */

/* The block that contains the address, as a walk from the pool's first block meets it; NULL if none
 * does, or if a broken size ends the walk before. */
static inline const block *pool_find_block(const pool_view *pool, uintptr_t address) {
    if (address < (uintptr_t)pool->first) {
        return NULL;
    }
    const block *b = pool->first;
    while (b != pool->end && size_fits_pool(pool, b)) {
        if (address < (uintptr_t)block_next(b)) {
            return b;
        }
        b = block_next(b);
    }
    return NULL;
}

/* Describes b: zeros if b is NULL or the end marker. */
static inline tlsf_block_t block_described(const pool_view *pool, const block *b) {
    tlsf_block_t seen;
    seen.block = b == NULL || b == pool->end ? NULL : block_payload(b);
    seen.size = seen.block != NULL && size_fits_pool(pool, b) ? size_inner_bytes(block_size(b)) : 0;
    seen.used = seen.block != NULL && !block_is_free(b);
    return seen;
}

#endif
