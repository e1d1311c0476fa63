/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exact capacity. The documented overheads alone give the number of blocks that fit. Nothing of a
 * pool is lost, whatever was allocated and freed before.
 */
#include "support/guarded_heap.h"
#include "support/random.h"
#include "support/suite.h"
#include <stdlib.h>

enum { BLOCKS_MAX = 20000 };

static void *blocks[BLOCKS_MAX];

static size_t fill_with(tlsf_t t, size_t bytes) {
    size_t count = 0;
    while (count < BLOCKS_MAX && (blocks[count] = tlsf_malloc(t, bytes)) != NULL) {
        count++;
    }
    assert_true(count < BLOCKS_MAX);
    return count;
}

/* How many blocks a pool has for such requests. What rounding to a class takes, the last does
 * without. */
static size_t blocks_in(size_t pool_bytes, size_t bytes) {
    const size_t left = pool_bytes % outer_for(bytes);
    return pool_bytes / outer_for(bytes) + (left >= outer_needed(bytes) ? 1 : 0);
}

static void expect_whole_pool_free(const heap *h, size_t pool_bytes) {
    assert_int_equal(tlsf_check(h->t), TLSF_SOUND);
    assert_int_equal(pool_blocks(tlsf_get_pool(h->t)), 1);
    assert_int_equal(tlsf_largest(h->t), pool_bytes - tlsf_alloc_overhead());
    void *whole = tlsf_malloc(h->t, pool_bytes - tlsf_alloc_overhead());
    assert_non_null(whole);
    tlsf_free(h->t, whole);
}

/* A pool of exactly `granules` granules of blocks. */
static heap heap_of_granules(size_t granules) {
    const size_t bytes = tlsf_pool_overhead() + granules * tlsf_align_size();
    heap h = heap_make_empty(bytes);
    assert_non_null(tlsf_add_pool(h.t, heap_spare(&h), bytes));
    assert_int_equal(pool_outer(tlsf_get_pool(h.t)), granules * tlsf_align_size());
    return h;
}

/* Verifies T3, T161, T162. */
static void capacity_blocks_of_every_size_is_exact(void **state) {
    (void)state;
    for (size_t bytes = 0; bytes < 600; bytes++) {
        const size_t granules = 700 + bytes * 3 % 41;
        heap h = heap_of_granules(granules);
        const size_t pool_bytes = granules * tlsf_align_size();
        assert_int_equal(fill_with(h.t, bytes), blocks_in(pool_bytes, bytes));
        heap_end(&h);
    }
}

/* Verifies T161, T162. */
static void capacity_many_pool_sizes_is_exact(void **state) {
    const size_t sizes[] = {0, 1, 24, 100, 1000, 5000};
    (void)state;
    for (size_t granules = 10; granules < 5000; granules += granules / 9 + 1) {
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            heap h = heap_of_granules(granules);
            const size_t pool_bytes = granules * tlsf_align_size();
            assert_int_equal(fill_with(h.t, sizes[i]), blocks_in(pool_bytes, sizes[i]));
            heap_end(&h);
        }
    }
}

/* ---- orders of freeing -------------------------------------------------------------- */

typedef size_t (*order)(size_t i, size_t count);

static size_t order_forwards(size_t i, size_t count) {
    (void)count;
    return i;
}

static size_t order_backwards(size_t i, size_t count) { return count - 1 - i; }

/* Every second block first, then the rest. */
static size_t order_alternating(size_t i, size_t count) {
    const size_t even = (count + 1) / 2;
    return i < even ? 2 * i : 2 * (i - even) + 1;
}

static size_t order_from_the_middle(size_t i, size_t count) {
    return i % 2 == 0 ? count / 2 + i / 2 : count / 2 - 1 - i / 2;
}

static void expect_nothing_lost(order nth) {
    const size_t sizes[] = {0, 30, 100, 999};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        heap h = heap_make(20000);
        const size_t pool_bytes = pool_outer(tlsf_get_pool(h.t));
        size_t count = fill_with(h.t, sizes[i]);
        count -= count % 2; /* of an odd number, the last one goes first */
        tlsf_free(h.t, blocks[count]);
        for (size_t j = 0; j < count; j++) {
            tlsf_free(h.t, blocks[nth(j, count)]);
            assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        }
        expect_whole_pool_free(&h, pool_bytes);
        heap_end(&h);
    }
}

/* Verifies T147. */
static void capacity_freed_forwards_whole_pool_is_free(void **state) {
    (void)state;
    expect_nothing_lost(order_forwards);
}

/* Verifies T147. */
static void capacity_freed_backwards_whole_pool_is_free(void **state) {
    (void)state;
    expect_nothing_lost(order_backwards);
}

/* Verifies T147. */
static void capacity_freed_alternating_whole_pool_is_free(void **state) {
    (void)state;
    expect_nothing_lost(order_alternating);
}

/* Verifies T147. */
static void capacity_freed_from_the_middle_whole_pool_is_free(void **state) {
    (void)state;
    expect_nothing_lost(order_from_the_middle);
}

/* Verifies T20, T147. */
static void capacity_freed_at_random_whole_pool_is_free(void **state) {
    random_source source = random_from(random_seed("capacity", 5));
    heap h = heap_make(40000);
    const size_t pool_bytes = pool_outer(tlsf_get_pool(h.t));
    (void)state;
    for (size_t round = 0; round < 30; round++) {
        size_t count = 0;
        while ((blocks[count] = tlsf_malloc(h.t, random_below(&source, 400))) != NULL) {
            count++;
        }
        while (count > 0) {
            const size_t i = random_below(&source, count);
            tlsf_free(h.t, blocks[i]);
            blocks[i] = blocks[--count];
        }
        expect_whole_pool_free(&h, pool_bytes);
    }
    heap_end(&h);
}

/* ---- no block too large ------------------------------------------------------------- */

/* A block keeps more than it gets only where the rest is too small for a block of its own. */
/* Verifies T102, C26. */
static void capacity_block_is_never_larger_than_needed(void **state) {
    random_source source = random_from(random_seed("block sizes", 6));
    heap h = heap_make(60000);
    void *live[100] = {NULL};
    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        const size_t slot = random_below(&source, 100);
        const size_t bytes = random_below(&source, 1000);
        tlsf_free(h.t, live[slot]);
        live[slot] = tlsf_malloc(h.t, bytes);
        if (live[slot] != NULL) {
            assert_true(outer_of(live[slot]) >= outer_needed(bytes));
            assert_true(outer_of(live[slot]) < outer_for(bytes) + outer_min());
        }
    }
    heap_end(&h);
}

/* Every second block of a full heap is freed. The holes serve the same number of blocks of the same
 * size again. */
/* Verifies T105. */
static void capacity_freed_holes_are_had_again(void **state) {
    (void)state;
    for (size_t bytes = 0; bytes < 500; bytes += 7) {
        heap h = heap_make(20000);
        const size_t count = fill_with(h.t, bytes) / 2 * 2;
        for (size_t i = 0; i < count; i += 2) {
            tlsf_free(h.t, blocks[i]);
        }
        for (size_t i = 0; i < count; i += 2) {
            assert_non_null(tlsf_malloc(h.t, bytes));
        }
        assert_null(tlsf_malloc(h.t, bytes));
        heap_end(&h);
    }
}

/* ---- the bound of docs/worst-case.md ------------------------------------------------ */

enum { LIVE_COUNT = 60, LIVE_BYTES = 30000, LARGEST = 2000 }; /* outer sizes */

/* A pool with this many bytes of blocks never refuses a malloc of a program of these sizes. */
static size_t bytes_that_suffice(void) {
    const size_t hole = LARGEST + (LARGEST >> TLSF_SL_BITS) - tlsf_align_size();
    return LIVE_BYTES + (LIVE_COUNT + 1) * hole;
}

/* Frees and allocates at random, many small blocks for some time, then many large ones. Live blocks
 * never exceed the program's sizes.
 * Returns how many requests were refused. */
static size_t refused_by_pool_of(size_t bytes) {
    heap h = heap_of_granules(bytes / tlsf_align_size());
    random_source source = random_from(random_seed("bound of memory", 7));
    void *live[LIVE_COUNT] = {NULL};
    size_t live_bytes = 0, refused = 0;
    for (size_t i = 0; i < 20000; i++) {
        void **slot = &live[random_below(&source, LIVE_COUNT)];
        const bool is_small = i / 200 % 2 == 0 && random_below(&source, 3) != 0;
        const size_t asked = random_below(&source, is_small ? 40 : LARGEST - 100);
        if (*slot != NULL) {
            live_bytes -= outer_of(*slot);
            tlsf_free(h.t, *slot);
            *slot = NULL;
        } else if (live_bytes + outer_for(asked) + outer_min() <= LIVE_BYTES) {
            assert_true(outer_for(asked) <= LARGEST);
            *slot = tlsf_malloc(h.t, asked);
            live_bytes += *slot != NULL ? outer_of(*slot) : 0;
            refused += *slot == NULL;
        }
    }
    heap_end(&h);
    return refused;
}

/* Verifies T19, T21, D8. */
static void capacity_pool_of_the_bound_refuses_nothing(void **state) {
    (void)state;
    assert_int_equal(refused_by_pool_of(bytes_that_suffice()), 0);
    assert_true(refused_by_pool_of(LIVE_BYTES) > 0); /* the program can be refused */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacity_blocks_of_every_size_is_exact),
        cmocka_unit_test(capacity_many_pool_sizes_is_exact),
        cmocka_unit_test(capacity_freed_forwards_whole_pool_is_free),
        cmocka_unit_test(capacity_freed_backwards_whole_pool_is_free),
        cmocka_unit_test(capacity_freed_alternating_whole_pool_is_free),
        cmocka_unit_test(capacity_freed_from_the_middle_whole_pool_is_free),
        cmocka_unit_test(capacity_freed_at_random_whole_pool_is_free),
        cmocka_unit_test(capacity_block_is_never_larger_than_needed),
        cmocka_unit_test(capacity_freed_holes_are_had_again),
        cmocka_unit_test(capacity_pool_of_the_bound_refuses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
