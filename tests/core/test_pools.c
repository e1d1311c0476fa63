/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_add_pool, tlsf_remove_pool, tlsf_get_pool: regions that are added and removed.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { SPARE = 65536 };

/* ---- tlsf_add_pool ------------------------------------------------------------------ */

/* Verifies T76. */
static void add_pool_null_gives_null(void **state) {
    heap h = heap_make_empty(SPARE);
    (void)state;
    assert_null(tlsf_add_pool(h.t, NULL, 0));
    assert_null(tlsf_add_pool(h.t, NULL, 4096));
    assert_null(tlsf_add_pool(h.t, NULL, SIZE_MAX));
    heap_end(&h);
}

/* The outer size of the block that the rounded region holds, from the documented overhead. 0: the
 * region is no larger than the overhead. */
static size_t outer_in(const uint8_t *begin, size_t bytes) {
    const uintptr_t low = round_up((uintptr_t)begin, tlsf_align_size());
    const uintptr_t high = round_down((uintptr_t)begin + bytes, tlsf_align_size());
    return high > low + tlsf_pool_overhead() ? high - low - tlsf_pool_overhead() : 0;
}

/* The memory of a removed pool becomes part of a larger pool, which begins below all others. */
/* Verifies T72, T96. */
static void add_pool_around_a_removed_one_serves_all_of_it(void **state) {
    (void)state;
    heap h = heap_make_empty(SPARE);
    uint8_t *begin = heap_spare(&h);
    const pool_t removed = tlsf_add_pool(h.t, begin + 4000, 2000);
    assert_non_null(removed);
    assert_non_null(tlsf_add_pool(h.t, begin + 10000, 2000));
    assert_int_equal(tlsf_remove_pool(h.t, removed), 0);
    const pool_t around = tlsf_add_pool(h.t, begin, 8000);
    assert_non_null(around);
    faults_watch(h.t);
    uint8_t *p = tlsf_malloc(h.t, tlsf_largest(h.t));
    assert_true(p > begin && p < begin + 4000);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    tlsf_free(h.t, p);
    assert_int_equal(faults_seen(), 0);
    assert_int_equal(tlsf_remove_pool(h.t, around), 0);
    heap_end(&h);
}

/* The library may use bytes of the first granule that the rounding in outer_in gives up. */
/* Verifies T72, T73, T74, T76, T77. */
static void add_pool_every_size_and_misalignment_is_refused_or_served(void **state) {
    (void)state;
    for (size_t misalignment = 0; misalignment < 64; misalignment += 3) {
        size_t smallest = 0;
        for (size_t bytes = 0; bytes < tlsf_pool_overhead() + outer_min() + 130; bytes++) {
            heap h = heap_make_empty(bytes + misalignment);
            uint8_t *begin = heap_spare(&h) + misalignment;
            uint8_t copy[1024];
            memcpy(copy, begin, bytes);
            pool_t pool = tlsf_add_pool(h.t, begin, bytes);
            if (pool == NULL) {
                assert_int_equal(smallest, 0);
                assert_true(outer_in(begin, bytes) < outer_min());
                assert_memory_equal(copy, begin, bytes);
            } else {
                smallest = smallest == 0 ? bytes : smallest;
                assert_true(pool_outer(pool) >= outer_min());
                assert_true(pool_outer(pool) >= outer_in(begin, bytes));
                assert_true(pool_outer(pool) + tlsf_alloc_overhead() < bytes);
                void *p = tlsf_malloc(h.t, tlsf_largest(h.t));
                assert_non_null(p);
                memset(p, 0x11, tlsf_block_size(p));
            }
            heap_end(&h);
        }
        assert_true(smallest > outer_min());
    }
}

/* Verifies T76, T161. */
static void add_pool_aligned_region_has_documented_largest(void **state) {
    (void)state;
    for (size_t granules = 8; granules < 300; granules++) {
        const size_t bytes = granules * tlsf_align_size();
        heap h = heap_make_empty(bytes);
        pool_t pool = tlsf_add_pool(h.t, heap_spare(&h), bytes);
        const size_t kept = tlsf_pool_overhead() + tlsf_alloc_overhead();
        if (bytes >= kept + tlsf_block_size_min()) {
            assert_non_null(pool);
            assert_int_equal(pool_largest_free(pool), bytes - kept);
            assert_int_equal(tlsf_largest(h.t), bytes - kept);
            assert_non_null(tlsf_malloc(h.t, bytes - kept));
        } else {
            assert_null(pool);
        }
        heap_end(&h);
    }
}

/* Verifies T76, T77. */
static void add_pool_wrapping_region_is_refused_and_untouched(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    uint8_t *inside = h.memory.begin + h.memory.bytes / 2;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_null(tlsf_add_pool(h.t, inside, SIZE_MAX - i));
        assert_null(tlsf_add_pool(h.t, inside, SIZE_MAX - (uintptr_t)inside + 2 + i));
    }
    for (size_t below = 0; below < 200; below++) {
        void *last = (void *)(UINTPTR_MAX - below);
        assert_null(tlsf_add_pool(h.t, last, below < outer_min() ? below : 0));
        assert_null(tlsf_add_pool(h.t, last, below + 2));
        assert_null(tlsf_add_pool(h.t, last, SIZE_MAX));
    }
    snapshot_expect_unchanged(&h, &before, 0);
    heap_end(&h);
}

/* The heap does not forget where a pool lies when the next one lies below or above it. */
/* Verifies T72, T73. */
static void add_pool_below_and_above_others_blocks_can_be_freed(void **state) {
    static const size_t orders[][3] = {{1, 0, 2}, {2, 1, 0}, {0, 1, 2}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        heap h = heap_make_empty(3 * 2048);
        for (size_t k = 0; k < 3; k++) {
            assert_non_null(tlsf_add_pool(h.t, heap_spare(&h) + orders[i][k] * 2048, 2048));
        }
        void *blocks[3];
        for (size_t k = 0; k < 3; k++) {
            blocks[k] = tlsf_malloc(h.t, tlsf_largest(h.t));
            assert_non_null(blocks[k]);
        }
        faults_watch(h.t);
        for (size_t k = 0; k < 3; k++) {
            tlsf_free(h.t, blocks[k]);
            assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        }
        assert_int_equal(faults_seen(), 0);
        assert_int_equal(stats_of(h.t).live_blocks, 0);
        heap_end(&h);
    }
}

/* Verifies T35, T76, T77. */
static void add_pool_larger_than_planned_is_refused_and_untouched(void **state) {
    region r = region_make(200000, 0);
    (void)state;
    tlsf_t t = tlsf_create_sized(r.begin, 8192, 20000);
    uint8_t *spare = r.begin + 16384;
    uint8_t *copy = malloc(100000);
    assert_non_null(t);
    assert_non_null(copy);
    memcpy(copy, spare, 100000);
    assert_null(tlsf_add_pool(t, spare, 100000));
    assert_null(tlsf_add_pool(t, spare, 2 * 20000));
    assert_memory_equal(copy, spare, 100000);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    assert_non_null(tlsf_add_pool(t, spare, 20000));
    assert_non_null(tlsf_malloc(t, tlsf_largest(t)));
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    free(copy);
    region_free(&r);
}

/* For every plan, a region as large as planned can be used to the last byte. */
/* Verifies T35, T76. */
static void add_pool_as_large_as_planned_is_served(void **state) {
    (void)state;
    for (size_t plan = 8192; plan < 60000; plan += 997) {
        region r = region_make(8192 + plan, 0);
        tlsf_t t = tlsf_create_sized(r.begin, 8192, plan);
        assert_non_null(t);
        pool_t pool = tlsf_add_pool(t, r.begin + 8192, plan);
        assert_non_null(pool);
        assert_int_equal(tlsf_largest(t), pool_largest_free(pool));
        assert_non_null(tlsf_malloc(t, tlsf_largest(t)));
        assert_int_equal(tlsf_check(t), TLSF_SOUND);
        assert_true(region_is_guarded(&r));
        region_free(&r);
    }
}

/* Verifies T25, T68, T72, T163. */
static void add_pool_to_create_serves_what_create_with_pool_serves(void **state) {
    heap h = heap_make_empty(SPARE);
    (void)state;
    pool_t pool = tlsf_add_pool(h.t, heap_spare(&h), SPARE);
    assert_non_null(pool);
    assert_ptr_equal(tlsf_get_pool(h.t), pool);
    assert_int_equal(stats_of(h.t).pool_bytes, pool_outer(pool));
    void *p = tlsf_malloc(h.t, 100);
    assert_non_null(p);
    tlsf_free(h.t, p);
    assert_int_equal(tlsf_largest(h.t), pool_largest_free(pool));
    heap_end(&h);
}

/* Two neighbouring regions are two pools: their blocks do not coalesce. */
/* Verifies T94. */
static void add_pool_neighbouring_regions_do_not_coalesce(void **state) {
    heap h = heap_make_empty(8192);
    (void)state;
    pool_t low = tlsf_add_pool(h.t, heap_spare(&h), 4096);
    pool_t high = tlsf_add_pool(h.t, heap_spare(&h) + 4096, 4096);
    assert_non_null(low);
    assert_non_null(high);
    void *a = tlsf_malloc(h.t, pool_largest_free(low));
    void *b = tlsf_malloc(h.t, pool_largest_free(high));
    assert_non_null(a);
    assert_non_null(b);
    tlsf_free(h.t, a);
    tlsf_free(h.t, b);
    assert_int_equal(pool_blocks(low), 1);
    assert_int_equal(pool_blocks(high), 1);
    assert_true(tlsf_largest(h.t) < 4096);
    heap_end(&h);
}

/* ---- tlsf_get_pool ------------------------------------------------------------------ */

/* Verifies T68. */
static void get_pool_is_oldest_pool(void **state) {
    heap h = heap_make(4096);
    region r = region_make(3 * 4096, 0);
    (void)state;
    tlsf_t t = tlsf_create_sized(r.begin, 4096, 4096);
    assert_non_null(t);
    pool_t first = tlsf_get_pool(t);
    pool_t second = tlsf_add_pool(t, r.begin + 4096, 4096);
    pool_t third = tlsf_add_pool(t, r.begin + 8192, 4096);
    assert_ptr_equal(tlsf_get_pool(t), first);
    assert_int_equal(tlsf_remove_pool(t, first), 0);
    assert_ptr_equal(tlsf_get_pool(t), second);
    pool_t fourth = tlsf_add_pool(t, first, 2048);
    assert_ptr_equal(tlsf_get_pool(t), second);
    assert_int_equal(tlsf_remove_pool(t, second), 0);
    assert_ptr_equal(tlsf_get_pool(t), third);
    assert_int_equal(tlsf_remove_pool(t, third), 0);
    assert_ptr_equal(tlsf_get_pool(t), fourth);
    assert_int_equal(tlsf_remove_pool(t, fourth), 0);
    assert_null(tlsf_get_pool(t));
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    region_free(&r);
    heap_end(&h);
}

/* ---- tlsf_remove_pool --------------------------------------------------------------- */

/* Verifies T97, T100. */
static void remove_pool_null_gives_error(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    (void)state;
    assert_int_not_equal(tlsf_remove_pool(h.t, NULL), 0);
    snapshot_expect_unchanged(&h, &before, 0);
    heap_end(&h);
}

/* Verifies T95, T99, T100. */
static void remove_pool_with_live_block_gives_error_and_changes_nothing(void **state) {
    heap h = heap_make(4096);
    (void)state;
    pool_t pool = tlsf_get_pool(h.t);
    void *first = tlsf_malloc(h.t, 10);
    void *second = tlsf_malloc(h.t, 10);
    void *rest = tlsf_malloc(h.t, tlsf_largest(h.t));
    assert_non_null(rest);

    snapshot before = snapshot_take(&h);
    assert_int_not_equal(tlsf_remove_pool(h.t, pool), 0);
    snapshot_expect_unchanged(&h, &before, 0);

    tlsf_free(h.t, first); /* the pool begins with a free block */
    before = snapshot_take(&h);
    assert_int_not_equal(tlsf_remove_pool(h.t, pool), 0);
    snapshot_expect_unchanged(&h, &before, 0);

    tlsf_free(h.t, rest);
    before = snapshot_take(&h);
    assert_int_not_equal(tlsf_remove_pool(h.t, pool), 0);
    snapshot_expect_unchanged(&h, &before, 0);

    tlsf_free(h.t, second);
    assert_int_equal(tlsf_remove_pool(h.t, pool), 0);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    heap_end(&h);
}

/* Verifies T98, T100. */
static void remove_pool_twice_gives_error_and_changes_nothing(void **state) {
    enum { POOL_BYTES = 1024 };
    heap h = heap_make_empty(2 * POOL_BYTES);
    (void)state;
    assert_non_null(tlsf_add_pool(h.t, heap_spare(&h), POOL_BYTES));
    pool_t pool = tlsf_add_pool(h.t, heap_spare(&h) + POOL_BYTES, POOL_BYTES);
    assert_int_equal(tlsf_remove_pool(h.t, pool), 0);
    for (size_t i = 0; i < 2; i++) {
        snapshot before = snapshot_take(&h);
        assert_int_not_equal(tlsf_remove_pool(h.t, pool), 0);
        snapshot_expect_unchanged(&h, &before, 0);
        pool_first_block(pool)->header = BLOCK_FREE; /* as if a free pool had size 0 */
    }
    heap_end(&h);
}

/* Wherever a region begins, the pool and everything that the heap writes around it lie inside. */
/* Verifies T10, T73, T74, D10. */
static void add_pool_any_misalignment_stays_inside_region(void **state) {
    enum { POOL_BYTES = 1024 };
    (void)state;
    for (size_t misalignment = 0; misalignment <= 2 * 64; misalignment++) {
        heap h = heap_make_empty(4 * POOL_BYTES);
        uint8_t *begin = heap_spare(&h) + POOL_BYTES + misalignment;
        memset(heap_spare(&h), 0x5A, 4 * (size_t)POOL_BYTES);
        assert_non_null(tlsf_add_pool(h.t, begin, POOL_BYTES));
        tlsf_free(h.t, tlsf_malloc(h.t, tlsf_largest(h.t)));
        for (size_t i = 1; i <= POOL_BYTES; i++) {
            assert_int_equal(begin[-(ptrdiff_t)i], 0x5A);
            assert_int_equal(begin[POOL_BYTES - 1 + i], 0x5A);
        }
        heap_end(&h);
    }
}

/* At the lowest addresses, below and around the first granules, rounding could wrap. */
/* Verifies T76. */
static void add_pool_tiny_region_at_lowest_addresses_gives_null(void **state) {
    heap h = heap_make(4096);
    (void)state;
    snapshot before = snapshot_take(&h);
    for (uintptr_t begin = 1; begin < 2 * tlsf_align_size(); begin++) {
        for (size_t bytes = 0; bytes < tlsf_pool_overhead(); bytes++) {
            assert_null(tlsf_add_pool(h.t, (void *)begin, bytes));
        }
    }
    snapshot_expect_unchanged(&h, &before, 0);
    heap_end(&h);
}

/* Three pools in a list; the record of the second has a wrong link. */
/* Verifies T13, T100, T298. */
static void remove_pool_with_a_broken_link_gives_error_and_changes_nothing(void **state) {
    (void)state;
    enum { POOLS = 3, POOL_BYTES = SPARE / 4 };
    heap h = heap_make_empty(SPARE);
    pool_t pools[POOLS];
    for (size_t i = 0; i < POOLS; i++) {
        pools[i] = tlsf_add_pool(h.t, heap_spare(&h) + i * POOL_BYTES, POOL_BYTES / 2);
        assert_non_null(pools[i]);
    }
    faults_watch(h.t);
    pool_descriptor *second = pool_describe(pools[1]);
    const control *t = control_of(h.t);
    const block_link wrong[] = {pool_link(t, second), pool_link(t, second) + 4 * GRANULE, 1};
    block_link *const links[] = {&second->next, &second->previous};
    uint8_t *sound = malloc(h.memory.bytes), *broken = malloc(h.memory.bytes);
    memcpy(sound, h.memory.begin, h.memory.bytes);
    for (size_t i = 0; i < COUNT_OF(links) * COUNT_OF(wrong); i++) {
        *links[i % 2] = wrong[i / 2];
        memcpy(broken, h.memory.begin, h.memory.bytes);
        assert_int_not_equal(tlsf_remove_pool(h.t, pools[1]), 0);
        assert_int_equal(tlsf_extend_pool(h.t, pools[1], POOL_BYTES / 2, POOL_BYTES), 0);
        assert_memory_equal(broken, h.memory.begin, h.memory.bytes);
        memcpy(h.memory.begin, sound, h.memory.bytes);
    }
    assert_true(TLSF_HARDENING < 2 || faults_seen() > 0);
    assert_int_equal(tlsf_remove_pool(h.t, pools[1]), 0);
    free(sound);
    free(broken);
    heap_end(&h);
}

/* Verifies T95, T96, T99. */
static void remove_pool_gives_memory_back_to_caller(void **state) {
    heap h = heap_make(4096);
    (void)state;
    pool_t pool = tlsf_get_pool(h.t);
    const size_t from_pool = (size_t)((uint8_t *)(void *)pool - h.memory.begin);
    assert_int_equal(tlsf_remove_pool(h.t, pool), 0);
    memset(h.memory.begin + from_pool, 0xFF, h.memory.bytes - from_pool);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    assert_int_equal(tlsf_largest(h.t), 0);
    assert_int_equal(stats_of(h.t).pool_bytes, 0);
    assert_null(tlsf_malloc(h.t, 1));
    tlsf_reset(h.t);
    assert_non_null(tlsf_add_pool(h.t, h.memory.begin + from_pool, h.memory.bytes - from_pool));
    assert_non_null(tlsf_malloc(h.t, 1));
    heap_end(&h);
}

/* Removes four pools in every order. Each has one free block, which is listed or pending. */
/* Verifies T95, T99, T163. */
static void remove_pool_any_order_leaves_sound_heap(void **state) {
    enum { POOLS = 4, POOL_BYTES = 1024 };
    (void)state;
    for (unsigned order = 0; order < POOLS * POOLS * POOLS; order++) {
        heap h = heap_make_empty(POOLS * POOL_BYTES);
        pool_t pools[POOLS];
        for (size_t i = 0; i < POOLS; i++) {
            pools[i] = tlsf_add_pool(h.t, heap_spare(&h) + i * POOL_BYTES, POOL_BYTES - i * 64);
            assert_non_null(pools[i]);
        }
        unsigned number = order;
        for (size_t left = POOLS; left > 0; left--) {
            const size_t i = number % left;
            const size_t bytes = stats_of(h.t).pool_bytes - pool_outer(pools[i]);
            number /= POOLS;
            assert_int_equal(tlsf_remove_pool(h.t, pools[i]), 0);
            assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
            assert_int_equal(stats_of(h.t).pool_bytes, bytes);
            pools[i] = pools[left - 1];
        }
        assert_int_equal(tlsf_largest(h.t), 0);
        heap_end(&h);
    }
}

/* The pools of two heaps lie between each other, some of them at equal distances from their heaps,
 * and some had been the other heap's before. */
/* Verifies T8, T98, T100. */
static void remove_pool_of_another_heap_gives_error_and_changes_neither(void **state) {
    enum { POOLS = 6, POOL_BYTES = 512, HEAPS = 2 };
    static const size_t coprime[] = {5, 7, 11}; /* to the number of pools */
    (void)state;
    region r = region_make(tlsf_size() * 4 + HEAPS * POOLS * (size_t)POOL_BYTES, 0);
    const size_t stride = round_up(tlsf_size(), POOL_BYTES);
    uint8_t *spare = r.begin + HEAPS * stride;
    uint8_t *copy = malloc(r.bytes);
    assert_non_null(copy);
    for (unsigned order = 0; order < 64; order++) {
        tlsf_t heaps[HEAPS] = {tlsf_create(r.begin), tlsf_create(r.begin + stride)};
        pool_t pools[HEAPS * POOLS];
        faults_watch(heaps[0]);
        faults_watch(heaps[1]);
        for (size_t i = 0; i < HEAPS * POOLS; i++) {
            const size_t place = (i * coprime[order % 3] + order) % (HEAPS * POOLS);
            uint8_t *mem = spare + place * POOL_BYTES;
            if (order % 2 == 0) {
                assert_int_equal(
                    tlsf_remove_pool(heaps[i % 2], tlsf_add_pool(heaps[i % 2], mem, POOL_BYTES)),
                    0);
            }
            pools[i] = tlsf_add_pool(heaps[(i + 1) % 2], mem, POOL_BYTES);
            assert_non_null(pools[i]);
        }
        memcpy(copy, r.begin, r.bytes);
        for (size_t i = 0; i < HEAPS * POOLS; i++) {
            assert_int_not_equal(tlsf_remove_pool(heaps[i % 2], pools[i]), 0);
            assert_int_equal(tlsf_extend_pool(heaps[i % 2], pools[i], POOL_BYTES, POOL_BYTES), 0);
            assert_null(tlsf_add_to_pool(heaps[i % 2], pools[i], spare, 0));
            assert_memory_equal(copy, r.begin, r.bytes);
        }
        for (size_t i = 0; i < HEAPS * POOLS; i++) {
            assert_int_equal(tlsf_remove_pool(heaps[(i + 1) % 2], pools[i]), 0);
            assert_int_equal(tlsf_check(heaps[0]), TLSF_SOUND);
            assert_int_equal(tlsf_check(heaps[1]), TLSF_SOUND);
        }
        assert_int_equal(faults_seen(), 0);
    }
    free(copy);
    region_free(&r);
}

/* ---- the handle --------------------------------------------------------------------- */

static void count_block(void *ptr, size_t size, int used, void *user) {
    (void)ptr, (void)size, (void)used;
    ++*(size_t *)user;
}

/* A caller that keeps `mem` instead of the handle gets the same. */
/* Verifies T70, T71. */
static void pool_is_named_by_its_handle_and_by_its_memory(void **state) {
    enum { POOL_BYTES = 2048 };
    (void)state;
    for (size_t misalignment = 0; misalignment < 2 * TLSF_GRANULE; misalignment++) {
        heap h = heap_make_empty(2 * POOL_BYTES);
        uint8_t *mem = (uint8_t *)round_up((uintptr_t)heap_spare(&h), 64) + misalignment;
        const pool_t pool = tlsf_add_pool(h.t, mem, POOL_BYTES);
        assert_ptr_equal(pool, (pool_t)round_up((uintptr_t)mem, TLSF_GRANULE));
        assert_ptr_equal(tlsf_get_pool(h.t), pool);
        void *p = tlsf_malloc(h.t, 100);
        size_t blocks = 0;
        tlsf_walk_pool((pool_t)mem, count_block, &blocks);
        assert_int_equal(blocks, 2);
        assert_int_equal(tlsf_check_pool((pool_t)mem), TLSF_SOUND);
        assert_int_not_equal(tlsf_remove_pool(h.t, (pool_t)mem), 0);
        tlsf_free(h.t, p);
        assert_int_equal(tlsf_remove_pool(h.t, (pool_t)mem), 0);
        memset(mem, 0xFF, POOL_BYTES); /* the caller's again */
        assert_null(tlsf_malloc(h.t, 1));
        heap_end(&h);
    }
}

/* ---- many pools --------------------------------------------------------------------- */

/* Verifies T95, T163. */
static void pools_thousands_added_and_removed_leave_nothing_behind(void **state) {
    enum { POOLS = 3000 };
    const size_t stride = round_up(tlsf_pool_overhead() + outer_min() + 64, 64);
    heap h = heap_make_empty(POOLS * stride);
    pool_t *pools = calloc(POOLS, sizeof(*pools));
    (void)state;
    assert_non_null(pools);
    for (size_t round = 0; round < 2; round++) {
        size_t total = 0;
        for (size_t i = 0; i < POOLS; i++) {
            pools[i] = tlsf_add_pool(h.t, heap_spare(&h) + i * stride, stride - i % 64);
            assert_non_null(pools[i]);
            total += pool_outer(pools[i]);
        }
        assert_int_equal(stats_of(h.t).pool_bytes, total);
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        for (size_t i = 0; i < POOLS; i++) {
            assert_int_equal(tlsf_remove_pool(h.t, pools[i * 7 % POOLS]), 0);
        }
        assert_int_equal(stats_of(h.t).pool_bytes, 0);
        assert_null(tlsf_get_pool(h.t));
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    }
    free(pools);
    heap_end(&h);
}

/* Verifies T72, T103. */
static void pools_several_are_used_as_one_heap(void **state) {
    enum { POOLS = 5, POOL_BYTES = 2048 };
    heap h = heap_make_empty(POOLS * POOL_BYTES);
    void *blocks[1000];
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < POOLS; i++) {
        assert_non_null(tlsf_add_pool(h.t, heap_spare(&h) + i * POOL_BYTES, POOL_BYTES));
    }
    const size_t per_pool = (POOL_BYTES - tlsf_pool_overhead()) / outer_for(100);
    while ((blocks[count] = tlsf_malloc(h.t, 100)) != NULL) {
        count++;
    }
    assert_int_equal(count, POOLS * per_pool);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    while (count > 0) {
        tlsf_free(h.t, blocks[--count]);
    }
    assert_int_equal(stats_of(h.t).used_bytes, 0);
    heap_end(&h);
}

/* Only rounding lies between the control structure and the descriptor of the first pool. */
/* Verifies T36, T156. */
static void pool_first_begins_right_behind_control_structure(void **state) {
    (void)state;
    for (size_t misalignment = 0; misalignment < 2 * GRANULE; misalignment += 4) {
        for (size_t planned = 4096; planned < 200000; planned += planned / 3) {
            region r = region_make(16384, misalignment);
            control *t = control_of(tlsf_create_sized(r.begin, r.bytes, planned));
            assert_non_null(t);
            const uintptr_t end = (uintptr_t)&t->heads[t->class_end - CLASS_FIRST];
            const uintptr_t pool = (uintptr_t)pool_describe(tlsf_get_pool(t));
            assert_true(pool >= end && pool - end < GRANULE);
            region_free(&r);
        }
    }
}

/* The heap keeps a plan to the granule, up to the largest size that the layout can hold. */
/* Verifies T37, T38. */
static void pool_plan_near_largest_is_kept(void **state) {
    const size_t most = size_bytes(OUTER_SIZE_MAX);
    const size_t plans[] = {most / 4, most / 2, most - GRANULE, most - 1, most, SIZE_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        const size_t kept = plans[i] < most ? round_down(plans[i], GRANULE) : most;
        region r = region_make(16384, 0);
        control *t = control_of(tlsf_create_sized(r.begin, r.bytes, plans[i]));
        assert_non_null(t);
        assert_int_equal(t->request_max, kept - tlsf_alloc_overhead());
        assert_int_equal(t->class_end, class_floor(size_of_bytes(kept)) + 1);
        region_free(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_pool_null_gives_null),
        cmocka_unit_test(add_pool_around_a_removed_one_serves_all_of_it),
        cmocka_unit_test(add_pool_every_size_and_misalignment_is_refused_or_served),
        cmocka_unit_test(add_pool_aligned_region_has_documented_largest),
        cmocka_unit_test(add_pool_wrapping_region_is_refused_and_untouched),
        cmocka_unit_test(add_pool_below_and_above_others_blocks_can_be_freed),
        cmocka_unit_test(add_pool_larger_than_planned_is_refused_and_untouched),
        cmocka_unit_test(add_pool_as_large_as_planned_is_served),
        cmocka_unit_test(add_pool_to_create_serves_what_create_with_pool_serves),
        cmocka_unit_test(add_pool_neighbouring_regions_do_not_coalesce),
        cmocka_unit_test(get_pool_is_oldest_pool),
        cmocka_unit_test(remove_pool_null_gives_error),
        cmocka_unit_test(add_pool_tiny_region_at_lowest_addresses_gives_null),
        cmocka_unit_test(add_pool_any_misalignment_stays_inside_region),
        cmocka_unit_test(remove_pool_twice_gives_error_and_changes_nothing),
        cmocka_unit_test(remove_pool_with_live_block_gives_error_and_changes_nothing),
        cmocka_unit_test(remove_pool_with_a_broken_link_gives_error_and_changes_nothing),
        cmocka_unit_test(remove_pool_gives_memory_back_to_caller),
        cmocka_unit_test(remove_pool_of_another_heap_gives_error_and_changes_neither),
        cmocka_unit_test(pool_is_named_by_its_handle_and_by_its_memory),
        cmocka_unit_test(remove_pool_any_order_leaves_sound_heap),
        cmocka_unit_test(pools_thousands_added_and_removed_leave_nothing_behind),
        cmocka_unit_test(pools_several_are_used_as_one_heap),
        cmocka_unit_test(pool_first_begins_right_behind_control_structure),
        cmocka_unit_test(pool_plan_near_largest_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
