/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening of pools: whether what a call that adds, grows, removes or looks up a pool will use is
 * sound. Below level 2 `verify_...` returns true at once, but for what leaves a list when a pool
 * grows or is removed: that is asked from level 1 on.
 *
 *     public call                      asks, in this order
 *     tlsf_add_pool                    verify_plan, verify_pool_addition
 *     tlsf_remove_pool                 verify_pool_removal
 *     tlsf_extend_pool,                verify_plan, then
 *     ... tlsf_add_to_pool             verify_growth_behind or verify_growth_before
 *     tlsf_get_pool                    verify_pool_list
 *     tlsf_reset                       verify_reset
 */
#ifndef TLSF_HARDENING_POOLS_H
#define TLSF_HARDENING_POOLS_H

#include "hardening_1_caller.h"
#include "hardening_2_corruption.h"

/* ---- the list of pools -------------------------------------------------------------- */

/* Whether a link of the list names the anchor, or a place where a descriptor can lie. */
static inline bool pool_link_is_sound(const control *t, block_link link) {
    const pool_descriptor *descriptor = pool_linked(t, link);
    return descriptor == &t->pools || block_is_in_span(t, descriptor_first_block(descriptor));
}

/* Whether the first link of the list names the anchor, or a pool that links back to the anchor. */
static inline bool pool_list_begin_is_sound(const control *t) {
    return pool_link_is_sound(t, t->pools.next) &&
           pool_linked(t, t->pools.next)->previous == pool_link(t, &t->pools);
}

/* Whether the last link of the list is sound, so that a pool can be appended. */
static inline bool pool_list_can_append(const control *t) {
    return pool_link_is_sound(t, t->pools.previous) &&
           pool_linked(t, t->pools.previous)->next == pool_link(t, &t->pools);
}

/* Whether the pool's link to the next pool leads to one that links back. */
static inline bool pool_next_is_sound(const control *t, const pool_descriptor *descriptor) {
    return pool_link_is_sound(t, descriptor->next) &&
           pool_linked(t, descriptor->next)->previous == pool_link(t, descriptor);
}

/* The same of the previous pool. */
static inline bool pool_previous_is_sound(const control *t, const pool_descriptor *descriptor) {
    return pool_link_is_sound(t, descriptor->previous) &&
           pool_linked(t, descriptor->previous)->next == pool_link(t, descriptor);
}

/* Whether the pool's links lead to its neighbours in the list, and theirs lead back. */
static inline bool pool_links_are_sound(const control *t, const pool_descriptor *descriptor) {
    return pool_next_is_sound(t, descriptor) && pool_previous_is_sound(t, descriptor);
}

/* Whether the descriptor is that of a pool of this heap: both neighbours in the list name it. From
 * level 2 on one is enough, because a pool that only one of them names is ours and has corrupted
 * links, which is a fault to report. */
static inline bool pool_is_listed(const control *t, const pool_descriptor *descriptor) {
    if (!descriptor_is_plausible(t, descriptor)) {
        return false;
    }
    return HARDENING_CORRUPTION
               ? pool_next_is_sound(t, descriptor) || pool_previous_is_sound(t, descriptor)
               : pool_links_are_sound(t, descriptor);
}

/* ---- the checks: each returns false after a call of the fault hook -------------------- */

/* Before every pool becomes one free block. */
static inline bool verify_reset(control *t) {
    return !HARDENING_CORRUPTION ||
           verify(t, &t->null, control_is_sound(t) && pool_list_is_sound(t));
}

/* Before the plan is used. */
static inline bool verify_plan(control *t) {
    return !HARDENING_CORRUPTION || verify(t, &t->null, control_is_sound(t));
}

/* Before the first link of the pool list is followed. */
static inline bool verify_pool_list(control *t) {
    return !HARDENING_CORRUPTION || verify(t, &t->null, pool_list_begin_is_sound(t));
}

/* Before a pool of size n, which the plan allows, is added. */
static inline bool verify_pool_addition(control *t, outer_size n) {
    return !HARDENING_CORRUPTION ||
           verify(t, &t->null, pool_list_can_append(t) && free_blocks_can_put(t, n));
}

/* Before a pool, which is one free block, is removed. */
static inline bool verify_pool_removal(control *t, const pool_descriptor *descriptor,
                                       const block *first) {
    if (!HARDENING_CORRUPTION) {
        return !HARDENING_CALLER || verify(t, first, free_block_can_leave(t, first));
    }
    return verify(t, first,
                  control_is_sound(t) && pool_links_are_sound(t, descriptor) &&
                      free_block_is_whole(t, first));
}

/* Before n join the pool behind its last block. */
static inline bool verify_growth_behind(control *t, const pool_descriptor *descriptor,
                                        outer_size n) {
    if (!HARDENING_CALLER) {
        return true;
    }
    const block *end = descriptor_end(descriptor);
    if (!HARDENING_CORRUPTION) {
        return verify(t, end, previous_is_ready(t, end));
    }
    if (!verify(t, end, pool_links_are_sound(t, descriptor) && block_is_end(end))) {
        return false;
    }
    if (!block_is_previous_free(end)) {
        return verify(t, end, free_blocks_can_put(t, n));
    }
    return verify(t, end,
                  free_block_is_whole(t, block_previous(end)) &&
                      free_blocks_can_put(t, n + block_previous_size(end)));
}

/* Before n join the pool before its first block. */
static inline bool verify_growth_before(control *t, const pool_descriptor *descriptor,
                                        outer_size n) {
    if (!HARDENING_CALLER) {
        return true;
    }
    const block *first = descriptor_first_block(descriptor);
    if (!HARDENING_CORRUPTION) {
        return verify(t, first, next_is_ready(t, first));
    }
    if (!verify(t, first, pool_links_are_sound(t, descriptor))) {
        return false;
    }
    if (!block_is_free(first)) {
        return verify(t, first, used_block_is_sound(t, first) && free_blocks_can_put(t, n));
    }
    return verify(t, first,
                  free_block_is_whole(t, first) && free_blocks_can_put(t, n + block_size(first)));
}

#endif
