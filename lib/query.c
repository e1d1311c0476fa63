/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a block and a heap can tell, and the constants of the build.
 */
#include "free_blocks.h"

size_t tlsf_block_size(void *ptr) {
    return ptr == NULL ? 0 : granules_inner_bytes(block_granules(block_of_payload(ptr)));
}

size_t tlsf_largest(tlsf_t t) {
    granules largest = t->pending_size;
    if (t->first_level != 0) {
        const unsigned row = bits_last_set(t->first_level);
        const unsigned class = row * CLASSES_PER_ROW + bits_last_set(t->second_level[row]);
        largest = granules_larger(largest, list_largest(t, class));
    }
    return largest == 0 ? 0 : granules_inner_bytes(largest);
}

int tlsf_stats(tlsf_t t, tlsf_stats_t *stats) {
    stats->pool_bytes = granules_bytes(t->pool_size);
    stats->used_bytes = granules_bytes(t->used);
    stats->peak_bytes = granules_bytes(t->peak);
    stats->free_bytes = TLSF_STATISTICS ? granules_bytes(t->pool_size - t->used) : 0;
    stats->largest = tlsf_largest(t);
    stats->live_blocks = t->allocations - t->frees;
    stats->allocations = t->allocations;
    stats->frees = t->frees;
    stats->failures = t->failures;
    return TLSF_STATISTICS;
}

size_t tlsf_align_size(void) { return GRANULE; }

size_t tlsf_block_size_min(void) { return granules_inner_bytes(BLOCK_MIN); }

size_t tlsf_block_size_max(void) { return granules_inner_bytes(GRANULES_MAX); }

size_t tlsf_alloc_overhead(void) { return BLOCK_OVERHEAD; }
