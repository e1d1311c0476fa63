/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whose an address is: its pool, its block, and whether it looks like a live one.
 */
#include "places.h"

pool_t tlsf_owner(tlsf_t handle, const void *ptr) {
    CHECKER_PAUSE();
    const pool_descriptor *pool = pools_find(control_of(handle), (uintptr_t)ptr);
    return pool == NULL ? NULL : pool_of_descriptor(pool);
}

/* Whether the headers around b, at which a header can lie, are those of a live block. */
static bool headers_look_live(const pool_view *pool, const block *b) {
    const bool is_previous_free = block_is_previous_free(b);
    return !block_is_free(b) && header_agrees(pool, b, is_previous_free) &&
           (!is_previous_free || previous_in_pool(pool, b) != NULL) &&
           header_agrees(pool, block_next(b), false);
}

int tlsf_looks_live(tlsf_t handle, const void *ptr) {
    CHECKER_PAUSE();
    const pool_descriptor *descriptor = pools_find(control_of(handle), (uintptr_t)ptr);
    if (descriptor == NULL) {
        return 0;
    }
    const pool_view pool = pool_view_of(descriptor);
    return pool_has_place(&pool, (uintptr_t)ptr) && headers_look_live(&pool, block_of_payload(ptr));
}

int tlsf_locate(tlsf_t handle, const void *ptr, tlsf_block_t *found) {
    CHECKER_PAUSE();
    const pool_descriptor *descriptor = pools_find(control_of(handle), (uintptr_t)ptr);
    memset(found, 0, sizeof(*found));
    if (descriptor != NULL) {
        const pool_view pool = pool_view_of(descriptor);
        *found = block_described(&pool, pool_find_block(&pool, (uintptr_t)ptr));
    }
    return found->block != NULL;
}
