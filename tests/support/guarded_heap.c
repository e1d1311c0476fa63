/* SPDX-License-Identifier: BSD-3-Clause */
#include "guarded_heap.h"

#include <stdlib.h>
#include <string.h>

#include "internals.h"
#include "suite.h"

/* ---- heaps -------------------------------------------------------------------------- */

heap heap_make(size_t bytes) {
    heap h = {region_make(tlsf_size() + tlsf_pool_overhead() + bytes + 2 * TLSF_GRANULE, 0), NULL};
    h.t = tlsf_create_with_pool(h.memory.begin, h.memory.bytes);
    assert_non_null(h.t);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    return h;
}

heap heap_make_empty(size_t bytes) {
    const size_t front = round_up(tlsf_size(), REGION_ALIGN);
    heap h = {region_make(front + bytes, 0), NULL};
    h.t = tlsf_create(h.memory.begin);
    assert_non_null(h.t);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    return h;
}

uint8_t *heap_spare(const heap *h) { return h->memory.begin + round_up(tlsf_size(), REGION_ALIGN); }

/* The size of the next block of those that become a hole: all that is left, or a small part of it
 * where a block of that size would be rounded. */
static size_t part_of_hole(size_t left) {
    const bool is_whole = outer_for(inner_for(left)) == left;
    return is_whole ? left : outer_min();
}

void heap_make_holes(const heap *h, const size_t *outer, size_t count, void **holes) {
    for (size_t i = 0; i < count; i++) {
        holes[i] = NULL;
        for (size_t left = outer[i]; left != 0; left -= part_of_hole(left)) {
            void *part = tlsf_malloc(h->t, inner_for(part_of_hole(left)));
            assert_non_null(part);
            assert_int_equal(outer_of(part), part_of_hole(left));
            holes[i] = holes[i] == NULL ? part : holes[i];
            assert_ptr_equal(part, (uint8_t *)holes[i] + outer[i] - left);
        }
        assert_non_null(tlsf_malloc(h->t, 0));
    }
    assert_non_null(tlsf_malloc(h->t, tlsf_largest(h->t)));
    for (size_t i = 0; i < count; i++) {
        for (size_t left = outer[i]; left != 0; left -= part_of_hole(left)) {
            tlsf_free(h->t, (uint8_t *)holes[i] + outer[i] - left);
        }
    }
}

void heap_end(heap *h) {
    assert_int_equal(tlsf_check(h->t), TLSF_SOUND);
    assert_true(region_is_guarded(&h->memory));
    tlsf_destroy(h->t);
    region_free(&h->memory);
}

/* ---- sizes -------------------------------------------------------------------------- */

size_t round_up(size_t bytes, size_t multiple) {
    return (bytes + multiple - 1) / multiple * multiple;
}

size_t round_down(size_t bytes, size_t multiple) { return bytes / multiple * multiple; }

size_t outer_min(void) { return tlsf_block_size_min() + tlsf_alloc_overhead(); }

size_t outer_of(void *ptr) { return size_bytes(block_size(block_of_payload(ptr))); }

size_t inner_for(size_t outer) { return outer - tlsf_alloc_overhead(); }

size_t inner_of(void *ptr) { return inner_for(outer_of(ptr)); }

size_t header_bytes(void) { return BLOCK_OVERHEAD; }

size_t usable_for(size_t inner, size_t bytes) { return TLSF_HARDENING >= 3 ? bytes : inner; }

size_t outer_needed(size_t bytes) {
    const size_t outer = round_up(bytes + tlsf_alloc_overhead(), tlsf_align_size());
    return outer < outer_min() ? outer_min() : outer;
}

size_t outer_for(size_t bytes) {
    const size_t outer = outer_needed(bytes);
    size_t width = tlsf_align_size(); /* of its class */
    while (TLSF_ROUND_TO_CLASS && width << (TLSF_SL_BITS + 1) <= outer) {
        width *= 2;
    }
    return round_up(outer, width);
}

typedef struct {
    size_t blocks, free_blocks, outer, largest_free;
} walk_totals;

static void walk_total(void *ptr, size_t size, int used, void *user) {
    walk_totals *totals = user;
    (void)ptr;
    totals->blocks++;
    totals->outer += size + tlsf_alloc_overhead();
    if (!used) {
        totals->free_blocks++;
        totals->largest_free = size > totals->largest_free ? size : totals->largest_free;
    }
}

static walk_totals pool_totals(pool_t pool) {
    walk_totals totals = {0, 0, 0, 0};
    tlsf_walk_pool(pool, walk_total, &totals);
    return totals;
}

size_t pool_outer(pool_t pool) { return pool_totals(pool).outer; }

size_t pool_blocks(pool_t pool) { return pool_totals(pool).blocks; }

size_t pool_free_blocks(pool_t pool) { return pool_totals(pool).free_blocks; }

size_t pool_largest_free(pool_t pool) { return pool_totals(pool).largest_free; }

tlsf_stats_t stats_of(tlsf_t t) {
    tlsf_stats_t stats;
    assert_int_equal(tlsf_stats(t, &stats), TLSF_STATISTICS);
    return stats;
}

size_t counted(size_t n) { return TLSF_STATISTICS ? n : 0; }

bool is_aligned(const void *ptr, size_t align) { return (uintptr_t)ptr % align == 0; }

/* ---- snapshots ---------------------------------------------------------------------- */

static const uint8_t *pool_begin(const heap *h) {
    return (const uint8_t *)(const void *)tlsf_get_pool(h->t);
}

static size_t pool_bytes_to_end(const heap *h) {
    return (size_t)(h->memory.begin + h->memory.bytes - pool_begin(h));
}

snapshot snapshot_take(const heap *h) {
    const snapshot before = {malloc(pool_bytes_to_end(h)), stats_of(h->t)};
    assert_non_null(before.pool);
    memcpy(before.pool, pool_begin(h), pool_bytes_to_end(h));
    return before;
}

void snapshot_expect_unchanged(const heap *h, snapshot *before, size_t failures) {
    const tlsf_stats_t after = stats_of(h->t);
    before->stats.failures += counted(failures);
    assert_memory_equal(&after, &before->stats, sizeof(after));
    assert_memory_equal(pool_begin(h), before->pool, pool_bytes_to_end(h));
    assert_int_equal(tlsf_check(h->t), TLSF_SOUND);
    free(before->pool);
    before->pool = NULL;
}

/* ---- faults ------------------------------------------------------------------------- */

static size_t seen;
static tlsf_fault_t last_fault;

static void fault_count(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    seen++;
    last_fault = *fault;
}

void faults_watch(tlsf_t t) {
    seen = 0;
    memset(&last_fault, 0, sizeof(last_fault));
    tlsf_set_fault_hook(t, fault_count);
}

size_t faults_seen(void) { return seen; }

tlsf_fault_t faults_last(void) { return last_fault; }
