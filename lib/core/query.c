/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queries: the size of a block, the state of a heap, and the constants of the build.
 */
#include "hardening_2_corruption.h"

size_t tlsf_block_size(void *ptr) {
    CHECKER_PAUSE();
    return ptr == NULL ? 0 : block_payload_bytes(block_of_payload(ptr));
}

size_t tlsf_largest(tlsf_t handle) {
    ENTER_HEAP(t, handle);
    if (!verify_largest(t)) {
        return 0;
    }
    outer_size largest = header_size(t->pending_header);
    if (t->first_level != 0) {
        const size_t row = bits_last_set(t->first_level);
        const size_t size_class = row * CLASSES_PER_ROW + bits_last_set(t->second_level[row]);
        largest = size_larger(largest, list_largest(t, size_class));
    }
    return largest == 0 ? 0 : size_inner_bytes(largest);
}

int tlsf_stats(tlsf_t handle, tlsf_stats_t *stats) {
    ENTER_HEAP(t, handle);
    stats->pool_bytes = t->pool_size * SIZE_UNIT;
    stats->used_bytes = t->used * SIZE_UNIT;
    stats->peak_bytes = t->peak * SIZE_UNIT;
    stats->free_bytes = TLSF_STATISTICS ? (t->pool_size - t->used) * SIZE_UNIT : 0;
    stats->largest = tlsf_largest(t);
    stats->live_blocks = t->allocations - t->frees;
    stats->allocations = t->allocations;
    stats->frees = t->frees;
    stats->failures = t->failures;
    return TLSF_STATISTICS;
}

void tlsf_reset_peak(tlsf_t handle) {
    ENTER_HEAP(t, handle);
    t->peak = t->used;
}

size_t tlsf_align_size(void) { return GRANULE; }

size_t tlsf_block_size_min(void) { return size_inner_bytes(BLOCK_MIN); }

size_t tlsf_block_size_max(void) { return size_inner_bytes(OUTER_SIZE_MAX); }

size_t tlsf_alloc_overhead(void) { return BLOCK_OVERHEAD + GUARD_BYTES; }
