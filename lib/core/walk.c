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
