/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ports/espressif: a program that was written to the names of Espressif's TLSF. It includes tlsf.h
 * alone; the compiler's -include brings in the port.
 *
 * No case verifies a promise: the names of another allocator; docs/porting.md has their promises.
 */
#include "tlsf.h"

#include "support/region.h"
#include "support/suite.h"

enum { BLOCKS = 40, HOLES_BYTES = 65536, SPARE_BYTES = 8192 };

/* A heap with holes of many sizes, each between live blocks. The last SPARE_BYTES of its region are
 * free for a second pool: a link of the compact layout may not reach another region. */
typedef struct {
    region r;
    void *t; /* this API knows heaps and pools as void pointers */
    void *live[BLOCKS];
    void *freed[BLOCKS];
} holes;

static holes holes_make(void) {
    holes h = {.r = region_make(HOLES_BYTES + SPARE_BYTES, 0)};
    h.t = tlsf_create_with_pool(h.r.begin, HOLES_BYTES, 0);
    assert_non_null(h.t);
    for (size_t i = 0; i < BLOCKS; i++) {
        h.freed[i] = tlsf_malloc(h.t, 24 + 32 * i);
        h.live[i] = tlsf_malloc(h.t, 100);
        assert_non_null(h.live[i]);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        tlsf_free(h.t, h.freed[i]);
    }
    return h;
}

static void holes_end(holes *h) {
    assert_int_equal(tlsf_check(h->t), 0);
    tlsf_destroy(h->t);
    assert_true(region_is_guarded(&h->r));
    region_free(&h->r);
}

/* ---- create -------------------------------------------------------------------------- */

static void create_with_pool_plans_for_third_argument(void **state) {
    (void)state;
    enum { SMALL = 16384, LARGE = 60000 };
    region r = region_make(SMALL + LARGE, 0); /* one, so that links reach across it */
    tlsf_t t = tlsf_create_with_pool(r.begin, SMALL, 0);
    assert_null(tlsf_add_pool(t, r.begin + SMALL, LARGE));
    tlsf_destroy(t);
    t = tlsf_create_with_pool(r.begin, SMALL, LARGE);
    assert_non_null(tlsf_add_pool(t, r.begin + SMALL, LARGE));
    assert_non_null(tlsf_malloc(t, 30000));
    tlsf_destroy(t);
    region_free(&r);
}

static void create_serves_from_pools_of_any_size(void **state) {
    (void)state;
    const size_t kept = tlsf_size(NULL);
    region r = region_make(kept + 60000, 0);
    tlsf_t t = tlsf_create(r.begin, 1000);
    assert_non_null(t);
    assert_true(tlsf_size(t) <= kept);
    assert_null(tlsf_malloc(t, 1));
    assert_non_null(tlsf_add_pool(t, r.begin + kept, 60000));
    assert_non_null(tlsf_malloc(t, 30000));
    assert_int_equal(tlsf_check(t), 0);
    assert_true(region_is_guarded(&r));
    tlsf_destroy(t);
    region_free(&r);
}

static bool note_first(void *ptr, size_t size, int used, void *user) {
    (void)size;
    (void)used;
    *(char **)user = ptr;
    return false;
}

static void size_ends_where_first_pool_begins(void **state) {
    (void)state;
    for (size_t bytes = 2048; bytes <= 65536; bytes *= 2) {
        region r = region_make(bytes, 0);
        tlsf_t t = tlsf_create_with_pool(r.begin, r.bytes, 0);
        char *first = NULL;
        tlsf_walk_pool(tlsf_get_pool(t), note_first, &first);
        const char *end = (char *)r.begin + tlsf_size(t);
        assert_true(end <= first);
        assert_true((size_t)(first - end) <= tlsf_pool_overhead() + tlsf_align_size());
        tlsf_destroy(t);
        region_free(&r);
    }
}

static void remove_pool_with_live_block_keeps_it(void **state) {
    (void)state;
    holes h = holes_make();
    pool_t pool = tlsf_add_pool(h.t, h.r.begin + HOLES_BYTES, SPARE_BYTES);
    void *block = tlsf_malloc(h.t, 4000);
    assert_ptr_equal(tlsf_find_containing_block(pool, block), block);
    tlsf_remove_pool(h.t, pool);
    assert_ptr_equal(tlsf_find_containing_block(pool, block), block);
    tlsf_free(h.t, block);
    tlsf_remove_pool(h.t, pool);
    holes_end(&h);
}

/* ---- walks --------------------------------------------------------------------------- */

/* Counts blocks, and stops at block number `last`, where that is not 0. */
typedef struct {
    size_t seen, last;
} counter;

static bool count(void *ptr, size_t size, int used, void *user) {
    counter *c = user;
    assert_non_null(ptr);
    assert_true(size != 0 && (used == 0 || used == 1));
    c->seen++;
    return c->seen != c->last;
}

static void walk_stops_at_false(void **state) {
    (void)state;
    holes h = holes_make();
    counter all = {0, 0};
    tlsf_walk_pool(tlsf_get_pool(h.t), count, &all);
    assert_int_equal(all.seen, 2 * BLOCKS + 1);
    for (size_t last = 1; last <= all.seen; last++) {
        counter some = {0, last};
        tlsf_walk_pool(tlsf_get_pool(h.t), count, &some);
        assert_int_equal(some.seen, last);
    }
    holes_end(&h);
}

/* ---- fit size ------------------------------------------------------------------------ */

typedef struct {
    size_t sizes[BLOCKS + 1], count;
} sizes;

static bool collect_free(void *ptr, size_t size, int used, void *user) {
    sizes *s = user;
    (void)ptr;
    if (!used) {
        assert_true(s->count < COUNT_OF(s->sizes));
        s->sizes[s->count++] = size;
    }
    return true;
}

static void fit_size_of_free_block_is_served(void **state) {
    (void)state;
    holes h = holes_make();
    void *rest = tlsf_malloc(h.t, tlsf_fit_size(h.t, SIZE_MAX)); /* only the holes are left */
    sizes s = {.count = 0};
    tlsf_walk_pool(tlsf_get_pool(h.t), collect_free, &s);
    assert_int_equal(s.count, BLOCKS);
    for (size_t i = 0; i < s.count; i++) {
        const size_t fit = tlsf_fit_size(h.t, s.sizes[i]);
        assert_true(fit <= s.sizes[i] && fit >= s.sizes[i] - s.sizes[i] / 4);
        void *block = tlsf_malloc(h.t, fit);
        assert_non_null(block);
        tlsf_free(h.t, block);
    }
    tlsf_free(h.t, rest);
    holes_end(&h);
}

static void fit_size_never_exceeds_request_and_largest(void **state) {
    (void)state;
    holes h = holes_make();
    for (size_t bytes = 0; bytes < 2 * h.r.bytes; bytes += 123) {
        assert_true(tlsf_fit_size(h.t, bytes) <= bytes);
        assert_true(tlsf_fit_size(h.t, bytes) <= tlsf_largest(h.t));
    }
    holes_end(&h);
}

/* ---- the block that contains an address ---------------------------------------------- */

static void containing_block_is_found_from_every_byte(void **state) {
    (void)state;
    holes h = holes_make();
    pool_t pool = tlsf_get_pool(h.t);
    for (size_t i = 0; i < BLOCKS; i++) {
        char *block = h.live[i];
        const size_t size = tlsf_block_size(block);
        for (size_t at = 0; at < size; at++) {
            assert_ptr_equal(tlsf_find_containing_block(pool, block + at), block);
        }
        assert_null(tlsf_find_containing_block(pool, block - 1)); /* its header */
    }
    holes_end(&h);
}

static void containing_block_of_free_or_foreign_memory_is_null(void **state) {
    (void)state;
    holes h = holes_make();
    pool_t pool = tlsf_get_pool(h.t);
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_null(tlsf_find_containing_block(pool, h.freed[i]));
    }
    assert_null(tlsf_find_containing_block(pool, h.t));
    assert_null(tlsf_find_containing_block(pool, h.r.begin + h.r.bytes));
    assert_null(tlsf_find_containing_block(pool, NULL));
    assert_null(tlsf_find_containing_block(NULL, h.live[0]));
    holes_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_with_pool_plans_for_third_argument),
        cmocka_unit_test(create_serves_from_pools_of_any_size),
        cmocka_unit_test(size_ends_where_first_pool_begins),
        cmocka_unit_test(remove_pool_with_live_block_keeps_it),
        cmocka_unit_test(walk_stops_at_false),
        cmocka_unit_test(fit_size_of_free_block_is_served),
        cmocka_unit_test(fit_size_never_exceeds_request_and_largest),
        cmocka_unit_test(containing_block_is_found_from_every_byte),
        cmocka_unit_test(containing_block_of_free_or_foreign_memory_is_null),
    };
    return cmocka_run_group_tests_name("espressif", tests, NULL, NULL);
}
