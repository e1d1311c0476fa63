/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_walk_pool and tlsf_next_block: order, sizes, flags, and what is printed.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"
#include <stdio.h>
#include <string.h>

enum { VISITS_MAX = 64 };

typedef struct {
    size_t count;
    void *ptr[VISITS_MAX];
    size_t size[VISITS_MAX];
    int used[VISITS_MAX];
} visits;

static void visit(void *ptr, size_t size, int used, void *user) {
    visits *v = user;
    assert_true(v->count < VISITS_MAX);
    v->ptr[v->count] = ptr;
    v->size[v->count] = size;
    v->used[v->count] = used;
    v->count++;
}

/* A walk in steps meets the same blocks. */
static void expect_steps(pool_t pool, const visits *v) {
    tlsf_block_t b = {NULL, 0, 0};
    for (size_t i = 0; i < v->count; i++) {
        assert_int_equal(tlsf_next_block(pool, b.block, &b), 1);
        assert_ptr_equal(b.block, v->ptr[i]);
        assert_int_equal(b.size, v->size[i]);
        assert_int_equal(b.used, v->used[i]);
    }
    assert_int_equal(tlsf_next_block(pool, b.block, &b), 0);
    assert_null(b.block);
    assert_int_equal(b.size, 0);
    assert_int_equal(b.used, 0);
}

static visits walk(pool_t pool) {
    visits v = {.count = 0};
    tlsf_walk_pool(pool, visit, &v);
    expect_steps(pool, &v);
    return v;
}

static char printed[4000];
static size_t printed_length;

/* In place of the library's. */
void tlsf_write(const char *text, size_t length) {
    assert_true(length < sizeof(printed) - printed_length);
    assert_int_equal(text[length], '\0');
    memcpy(printed + printed_length, text, length + 1);
    printed_length += length;
}

/* Verifies T205, T221, T222. */
static void walk_null_pool_does_nothing(void **state) {
    visits v = {.count = 0};
    (void)state;
    printed_length = 0;
    tlsf_walk_pool(NULL, visit, &v);
    tlsf_walk_blocks(NULL, visit, &v);
    tlsf_walk_pool(NULL, NULL, NULL);
    assert_int_equal(v.count, 0);
    tlsf_block_t found = {&v, 1, 1};
    assert_int_equal(tlsf_next_block(NULL, NULL, &found), 0);
    assert_null(found.block);
    assert_int_equal(printed_length, 0);
}

/* Verifies T208, T211, T213, T215, C62, C53, C55. */
static void walk_null_walker_prints_each_block(void **state) {
    heap h = heap_make(4096);
    char expected[sizeof(printed)];
    size_t length = 0;
    (void)state;
    void *first = tlsf_malloc(h.t, 100);
    assert_non_null(tlsf_malloc(h.t, 1000));
    tlsf_free(h.t, first);
    const visits v = walk(tlsf_get_pool(h.t));
    assert_int_equal(v.count, 3);
    for (size_t i = 0; i < v.count; i++) {
        length +=
            (size_t)snprintf(expected + length, sizeof(expected) - length, "  0x%zx %s %zu\n",
                             (size_t)(uintptr_t)v.ptr[i], v.used[i] ? "used" : "free", v.size[i]);
    }
    printed_length = 0;
    tlsf_walk_pool(tlsf_get_pool(h.t), NULL, NULL);
    assert_string_equal(printed, expected);
    heap_end(&h);
}

/* Verifies T205. */
static void walk_blocks_null_walker_does_nothing(void **state) {
    heap h = heap_make(4096);
    (void)state;
    printed_length = 0;
    tlsf_walk_blocks(tlsf_get_pool(h.t), NULL, NULL);
    assert_int_equal(printed_length, 0);
    heap_end(&h);
}

/* Verifies T203, T204, T210. */
static void walk_fresh_pool_meets_one_free_block(void **state) {
    heap h = heap_make(4096);
    (void)state;
    const visits v = walk(tlsf_get_pool(h.t));
    assert_int_equal(v.count, 1);
    assert_int_equal(v.used[0], 0);
    assert_int_equal(v.size[0], tlsf_largest(h.t));
    assert_ptr_equal(v.ptr[0], tlsf_malloc(h.t, tlsf_largest(h.t)));
    heap_end(&h);
}

/* Verifies T203, T204, T210, T216, T218, T219, T220. */
static void walk_meets_blocks_in_address_order(void **state) {
    heap h = heap_make(8192);
    void *blocks[9];
    (void)state;
    for (size_t i = 0; i < 9; i++) {
        blocks[i] = tlsf_malloc(h.t, 20 * i);
        assert_non_null(blocks[i]);
    }
    for (size_t i = 1; i < 9; i += 3) {
        tlsf_free(h.t, blocks[i]);
    }
    const visits v = walk(tlsf_get_pool(h.t));
    assert_int_equal(v.count, 10);
    for (size_t i = 0; i < 9; i++) {
        assert_ptr_equal(v.ptr[i], blocks[i]);
        assert_int_equal(v.used[i], i % 3 != 1);
        assert_int_equal(v.size[i] + tlsf_alloc_overhead(), outer_for(20 * i));
        assert_ptr_equal((uint8_t *)v.ptr[i] + v.size[i] + tlsf_alloc_overhead(), v.ptr[i + 1]);
    }
    assert_int_equal(v.used[9], 0);
    heap_end(&h);
}

/* Verifies T203, T204. */
static void walk_full_pool_meets_used_blocks_alone(void **state) {
    heap h = heap_make(4096);
    (void)state;
    assert_non_null(tlsf_malloc(h.t, 100));
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    const visits v = walk(tlsf_get_pool(h.t));
    assert_int_equal(v.count, 2);
    assert_int_equal(v.used[0] + v.used[1], 2);
    assert_int_equal(pool_outer(tlsf_get_pool(h.t)), stats_of(h.t).pool_bytes);
    heap_end(&h);
}

/* Verifies T204. */
static void walk_sees_one_pool_alone(void **state) {
    heap h = heap_make_empty(8192);
    (void)state;
    pool_t low = tlsf_add_pool(h.t, heap_spare(&h), 4096);
    pool_t high = tlsf_add_pool(h.t, heap_spare(&h) + 4096, 4096);
    assert_non_null(tlsf_malloc(h.t, 100));
    assert_int_equal(walk(low).count + walk(high).count, 3);
    heap_end(&h);
}

/* A used block gets sizes that are too small for a block or lead out of the pool. The walk ends
 * before that block. */
/* Verifies T206, T221, T222. */
static void walk_of_corrupted_size_ends_before_it(void **state) {
    (void)state;
    heap h = heap_make(4096);
    assert_non_null(tlsf_malloc(h.t, 100));
    void *last = tlsf_malloc(h.t, 200);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    block *b = block_of_payload(last);
    const header_word sound = b->header;
    const outer_size all = size_of_bytes(stats_of(h.t).pool_bytes);
    const header_word broken[] = {0,   GRANULE_SIZE,       BLOCK_MIN - 1,
                                  all, all - GRANULE_SIZE, BLOCK_END};
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        b->header = broken[i] & ~(header_word)BLOCK_FLAGS;
        if (block_size(b) < BLOCK_MIN || broken[i] >= all - GRANULE_SIZE) {
            tlsf_block_t behind;
            assert_int_equal(walk(tlsf_get_pool(h.t)).count, 1);
            assert_int_equal(tlsf_next_block(tlsf_get_pool(h.t), last, &behind), 0);
        }
    }
    b->header = sound;
    assert_int_equal(walk(tlsf_get_pool(h.t)).count, 3);
    heap_end(&h);
}

/* Verifies T209, T208. */
static void print_block_does_not_look_at_user(void **state) {
    static char expected[sizeof(printed)];
    (void)state;
    printed_length = 0;
    tlsf_print_block((void *)(uintptr_t)0x20000010, 104, 1, NULL);
    memcpy(expected, printed, sizeof(expected));
    assert_string_equal(expected, "  0x20000010 used 104\n");
    printed_length = 0;
    tlsf_print_block((void *)(uintptr_t)0x20000010, 104, 1, (void *)(uintptr_t)1);
    assert_string_equal(printed, expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_null_pool_does_nothing),
        cmocka_unit_test(walk_null_walker_prints_each_block),
        cmocka_unit_test(walk_blocks_null_walker_does_nothing),
        cmocka_unit_test(walk_fresh_pool_meets_one_free_block),
        cmocka_unit_test(walk_meets_blocks_in_address_order),
        cmocka_unit_test(walk_full_pool_meets_used_blocks_alone),
        cmocka_unit_test(walk_sees_one_pool_alone),
        cmocka_unit_test(walk_of_corrupted_size_ends_before_it),
        cmocka_unit_test(print_block_does_not_look_at_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
