/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The walk over a pool's blocks in address order.
 */
#include "hardening_3_debugging.h"

void tlsf_walk_blocks(pool_t pool, tlsf_walker walker, void *user) {
    if (pool == NULL || walker == NULL) {
        return;
    }
    CHECKER_PAUSE();
    const block *b = pool_first_block(pool);
    outer_size left = pool_describe(pool)->size;
    /* A corrupted size ends the walk: it is smaller than a block, or leaves the pool. */
    while (block_size(b) >= BLOCK_MIN && block_size(b) <= left) {
        const block *next = block_next(b);
        left -= block_size(b);
        const block seen = *b; /* read while the checker pauses */
        CHECKER_RESUME();
        walker(block_payload(b), size_inner_bytes(block_size(&seen)), !block_is_free(&seen), user);
        b = next;
    }
}

/* Whether b is a block of `pool` that ends inside it. b may be any address. */
static bool block_ends_inside(pool_t pool, const block *b) {
    const uintptr_t offset = (uintptr_t)b - (uintptr_t)pool_first_block(pool);
    const size_t bytes = (uintptr_t)pool_end(pool) - (uintptr_t)pool_first_block(pool);
    return offset < bytes && block_size(b) >= BLOCK_MIN &&
           block_size(b) <= size_of_bytes(bytes - offset);
}

int tlsf_next_block(pool_t pool, const void *ptr, tlsf_block_t *found) {
    CHECKER_PAUSE();
    const block *b = NULL;
    if (pool != NULL) {
        b = ptr == NULL ? pool_first_block(pool) : block_of_payload(ptr);
    }
    bool is_found = pool != NULL && block_ends_inside(pool, b);
    if (is_found && ptr != NULL) {
        b = block_next(b);
        is_found = block_ends_inside(pool, b);
    }
    found->block = is_found ? block_payload(b) : NULL;
    found->size = is_found ? size_inner_bytes(block_size(b)) : 0;
    found->used = is_found && !block_is_free(b);
    return is_found;
}
