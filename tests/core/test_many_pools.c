/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ten thousand regions, added and removed in various orders. Statistics are tested after each step,
 * and the whole heap is checked along the way.
 *
 * Each case verifies T72, T95, T99, T163.
 */
#include "support/guarded_heap.h"
#include "support/random.h"
#include "support/suite.h"
#include <stdlib.h>

/* At hardening 3 each call is linear in pools. */
enum { POOLS = TLSF_HARDENING >= 3 ? 1000 : 10000, BETWEEN_CHECKS = POOLS / 20, STRIDE = 384 };

typedef struct {
    heap h;
    pool_t pools[POOLS];
    void *blocks[POOLS];
    size_t bytes; /* of all pools */
} many;

/* Adds a region that is large enough for a block. Its begin and its size follow no alignment. */
static void many_add(many *m, size_t i) {
    uint8_t *begin = heap_spare(&m->h) + i * STRIDE + i % 7;
    m->pools[i] = tlsf_add_pool(m->h.t, begin, STRIDE - 7 - i % 50);
    assert_non_null(m->pools[i]);
    m->bytes += pool_outer(m->pools[i]);
    assert_int_equal(stats_of(m->h.t).pool_bytes, m->bytes);
}

static void many_allocate(many *m, size_t i) {
    m->blocks[i] = tlsf_malloc(m->h.t, tlsf_largest(m->h.t));
    assert_non_null(m->blocks[i]);
    assert_int_equal(tlsf_largest(m->h.t), 0);
    assert_int_equal(stats_of(m->h.t).used_bytes, counted(m->bytes));
}

static void many_remove(many *m, size_t i) {
    assert_int_not_equal(tlsf_remove_pool(m->h.t, m->pools[i]), 0);
    tlsf_free(m->h.t, m->blocks[i]);
    m->bytes -= pool_outer(m->pools[i]);
    assert_int_equal(tlsf_remove_pool(m->h.t, m->pools[i]), 0);
    assert_int_not_equal(tlsf_remove_pool(m->h.t, m->pools[i]), 0);
    assert_int_equal(stats_of(m->h.t).pool_bytes, m->bytes);
    assert_int_equal(stats_of(m->h.t).used_bytes, counted(m->bytes));
    assert_int_equal(tlsf_largest(m->h.t), 0);
}

static many *many_make(void) {
    many *m = calloc(1, sizeof(*m));
    assert_non_null(m);
    m->h = heap_make_empty((size_t)POOLS * STRIDE);
    return m;
}

static void many_end(many *m) {
    assert_int_equal(m->bytes, 0);
    assert_null(tlsf_get_pool(m->h.t));
    assert_int_equal(stats_of(m->h.t).live_blocks, 0);
    heap_end(&m->h);
    free(m);
}

static void check_along_the_way(const many *m, size_t step) {
    if (step % BETWEEN_CHECKS == 0) {
        assert_int_equal(tlsf_check(m->h.t), TLSF_SOUND);
    }
}

/* `order` gives the number of the region that is removed as the i-th. */
static void expect_all_go(size_t (*order)(size_t i)) {
    many *m = many_make();
    for (size_t i = 0; i < POOLS; i++) {
        many_add(m, i);
        many_allocate(m, i);
        check_along_the_way(m, i);
    }
    assert_ptr_equal(tlsf_get_pool(m->h.t), m->pools[0]);
    for (size_t i = 0; i < POOLS; i++) {
        many_remove(m, order(i));
        check_along_the_way(m, i);
    }
    many_end(m);
}

static size_t oldest_first(size_t i) { return i; }

static size_t newest_first(size_t i) { return POOLS - 1 - i; }

static size_t from_both_ends(size_t i) { return i % 2 == 0 ? i / 2 : POOLS - 1 - i / 2; }

static size_t all_over(size_t i) { return i * 7919 % POOLS; } /* 7919 is a prime */

static void pools_ten_thousand_removed_oldest_first(void **state) {
    (void)state;
    expect_all_go(oldest_first);
}

static void pools_ten_thousand_removed_newest_first(void **state) {
    (void)state;
    expect_all_go(newest_first);
}

static void pools_ten_thousand_removed_from_both_ends(void **state) {
    (void)state;
    expect_all_go(from_both_ends);
}

static void pools_ten_thousand_removed_all_over(void **state) {
    (void)state;
    expect_all_go(all_over);
}

/* Adds and removes regions at random. About half of them are there at a time. */
static void pools_ten_thousand_coming_and_going_at_random(void **state) {
    random_source source = random_from(random_seed("many pools", 11));
    many *m = many_make();
    (void)state;
    for (size_t step = 0; step < 2 * (size_t)POOLS; step++) {
        const size_t i = random_below(&source, POOLS);
        if (m->blocks[i] == NULL) {
            many_add(m, i);
            many_allocate(m, i);
        } else {
            many_remove(m, i);
            m->blocks[i] = NULL;
        }
        check_along_the_way(m, step);
    }
    for (size_t i = 0; i < POOLS; i++) {
        if (m->blocks[i] != NULL) {
            many_remove(m, i);
        }
    }
    many_end(m);
}

/* Allocates one block in each region, frees all blocks, and removes the regions. */
static void pools_ten_thousand_free_ones_are_one_heap(void **state) {
    many *m = many_make();
    (void)state;
    size_t smallest = STRIDE; /* every region holds one block of this size, and none holds two */
    for (size_t i = 0; i < POOLS; i++) {
        many_add(m, i);
        const size_t largest = pool_largest_free(m->pools[i]);
        smallest = largest < smallest ? largest : smallest;
    }
    for (size_t i = 0; i < POOLS; i++) {
        m->blocks[i] = tlsf_malloc(m->h.t, smallest);
        assert_non_null(m->blocks[i]);
    }
    assert_null(tlsf_malloc(m->h.t, smallest));
    for (size_t i = 0; i < POOLS; i++) {
        tlsf_free(m->h.t, m->blocks[all_over(i)]);
    }
    for (size_t i = 0; i < POOLS; i++) {
        m->bytes -= pool_outer(m->pools[from_both_ends(i)]);
        assert_int_equal(tlsf_remove_pool(m->h.t, m->pools[from_both_ends(i)]), 0);
    }
    many_end(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_ten_thousand_removed_oldest_first),
        cmocka_unit_test(pools_ten_thousand_removed_newest_first),
        cmocka_unit_test(pools_ten_thousand_removed_from_both_ends),
        cmocka_unit_test(pools_ten_thousand_removed_all_over),
        cmocka_unit_test(pools_ten_thousand_coming_and_going_at_random),
        cmocka_unit_test(pools_ten_thousand_free_ones_are_one_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
