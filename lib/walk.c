/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The walk over a pool's blocks in address order.
 */
#include "control.h"

void tlsf_walk_pool(pool_t pool, tlsf_walker walker, void *user) {
    if (pool == NULL || walker == NULL) {
        return;
    }
    CHECKER_PAUSE();
    const block *b = pool_first_block(pool);
    quarters left = pool_describe(pool)->size;
    /* Corrupted sizes end the walk: none is smaller than a block or leaves the pool. */
    while (block_quarters(b) >= BLOCK_MIN && block_quarters(b) <= left) {
        const block *next = block_next(b);
        left -= block_quarters(b);
        const block seen = *b; /* read in the pause */
        CHECKER_RESUME();
        walker(block_payload(b), quarters_inner_bytes(block_quarters(&seen)), !block_is_free(&seen),
               user);
        b = next;
    }
}
