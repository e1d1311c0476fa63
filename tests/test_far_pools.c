/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Regions at the ends of a link's reach and just outside, and blocks larger than 4 GiB, in
 * address space that is mapped without memory behind it.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#define CAN_MAP 1
#else
#define CAN_MAP 0
#endif

#include "support/heap.h"
#include "support/suite.h"
#include <string.h>

static const bool is_64_bit = sizeof(void *) == 8;

#define GIB ((size_t)1 << 30)
/* Of a link of the compact layout. */
#define REACH ((size_t)((uint64_t)(TLSF_GRANULE == 4 ? 4 : 8) << 30))

#define SKIP_WHERE_EVERYTHING_IS_NEAR() \
    do { \
        if (!is_64_bit) { \
            SKIP_BECAUSE("a 32-bit address space is within every link's reach"); \
        } \
    } while (0)

#define SKIP_WHERE_POOLS_ARE_FILLED() \
    do { \
        if (TLSF_HARDENING >= 3) { \
            SKIP_BECAUSE("hardening 3 fills every pool: there is not so much memory"); \
        } \
    } while (0)

/* bytes of address space, or NULL when this machine does not give them. */
static uint8_t *space_map(size_t bytes) {
#if CAN_MAP
    void *begin = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return begin == MAP_FAILED ? NULL : begin;
#else
    (void)bytes;
    return NULL;
#endif
}

static void space_unmap(uint8_t *begin, size_t bytes) {
#if CAN_MAP
    assert_int_equal(munmap(begin, bytes), 0);
#else
    (void)begin;
    (void)bytes;
#endif
}

/* ---- without mapping: a refused region is not touched ------------------------------- */

static void add_pool_out_of_reach_is_refused_and_untouched(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    if (TLSF_LAYOUT != TLSF_COMPACT) {
        SKIP_BECAUSE("links of the wide layout reach every address");
    }
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    const uintptr_t t = (uintptr_t)h.t;
    const uintptr_t places[] = {t + REACH,
                                t + REACH + 64,
                                t + REACH + GIB,
                                t + 2 * REACH, /* where 32 bits of a link are 0 again */
                                t + 2 * REACH + 65536,
                                t - REACH - 65536,
                                t - 2 * REACH,
                                t + 4 * REACH,
                                65536};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        assert_null(tlsf_add_pool(h.t, (void *)places[i], 4096));
        assert_null(tlsf_add_pool(h.t, (void *)(places[i] + 3), 65536));
    }
    snapshot_expect_unchanged(&h, &before, 0);
    heap_end(&h);
}

static void add_pool_larger_than_layout_is_refused_and_untouched(void **state) {
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    uint8_t *inside = h.memory.begin;
    (void)state;
    const size_t limit = tlsf_block_size_max();
    for (size_t bytes = limit; bytes < SIZE_MAX / 2; bytes *= 2) {
        assert_null(tlsf_add_pool(h.t, inside, bytes + 4096));
    }
    snapshot_expect_unchanged(&h, &before, 0);
    heap_end(&h);
}

/* ---- with mapping ------------------------------------------------------------------- */

static void expect_pool_works(tlsf_t t, pool_t pool, const uint8_t *begin, size_t bytes) {
    uint8_t *blocks[8];
    assert_non_null(pool);
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = tlsf_malloc(t, 200 + i);
        assert_non_null(blocks[i]);
        assert_true(blocks[i] >= begin && blocks[i] + 200 + i <= begin + bytes);
        memset(blocks[i], (int)i, 200 + i);
    }
    for (size_t i = 0; i < COUNT_OF(blocks); i += 2) {
        tlsf_free(t, blocks[i]);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    for (size_t i = 1; i < COUNT_OF(blocks); i += 2) {
        tlsf_free(t, blocks[i]);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    assert_int_equal(pool_blocks(pool), 1);
    assert_int_equal(tlsf_remove_pool(t, pool), 0);
}

/* A pool that ends at the last address which a link upwards names, and others below the heap. */
static void add_pool_at_both_ends_of_reach_works(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    const size_t bytes = 2 * REACH + GIB;
    uint8_t *space = space_map(bytes);
    if (space == NULL) {
        SKIP_BECAUSE("this machine does not map 17 GiB of address space");
    }
    const size_t page = 65536;
    uint8_t *middle = space + REACH + page;
    tlsf_t t = tlsf_create(middle);
    assert_non_null(t);
    uint8_t *const up = (uint8_t *)t + REACH - page;
    uint8_t *const down = (uint8_t *)t - REACH;
    expect_pool_works(t, tlsf_add_pool(t, up, page), up, page);
    expect_pool_works(t, tlsf_add_pool(t, down, page), down, page);
    if (TLSF_LAYOUT == TLSF_COMPACT) {
        assert_null(tlsf_add_pool(t, up, page + 64));
        assert_null(tlsf_add_pool(t, down - 64, page));
    } else {
        expect_pool_works(t, tlsf_add_pool(t, up, page + 64), up, page + 64);
        expect_pool_works(t, tlsf_add_pool(t, down - 64, page), down - 64, page);
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    space_unmap(space, bytes);
}

static void malloc_larger_than_4_gib_works(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    SKIP_WHERE_POOLS_ARE_FILLED();
    const size_t bytes = 7 * GIB;
    if (bytes > tlsf_block_size_max()) {
        SKIP_BECAUSE("a header of this granule counts to 4 GiB");
    }
    uint8_t *space = space_map(bytes);
    if (space == NULL) {
        SKIP_BECAUSE("this machine does not map 7 GiB of address space");
    }
    tlsf_t t = tlsf_create_with_pool(space, bytes);
    assert_non_null(t);
    assert_true(tlsf_largest(t) > bytes - 65536);
    uint8_t *p = tlsf_malloc(t, 5 * GIB + 3);
    assert_non_null(p);
    assert_true(tlsf_block_size(p) >= 5 * GIB + 3);
    p[0] = 1;
    p[5 * GIB + 2] = 2;
    assert_int_equal(stats_of(t).used_bytes, counted(outer_for(5 * GIB + 3)));
    assert_null(tlsf_malloc(t, 2 * GIB));
    uint8_t *q = tlsf_memalign(t, GIB, 1000);
    assert_non_null(q);
    assert_true(is_aligned(q, GIB));
    assert_ptr_equal(tlsf_realloc(t, p, GIB), p);
    assert_int_equal(p[0], 1);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    tlsf_free(t, p);
    tlsf_free(t, q);
    assert_int_equal(pool_blocks(tlsf_get_pool(t)), 1);
    p = tlsf_malloc(t, tlsf_largest(t));
    assert_non_null(p);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    space_unmap(space, bytes);
}

static void create_with_pool_larger_than_reach_gives_null(void **state) {
    (void)state;
    SKIP_WHERE_EVERYTHING_IS_NEAR();
    if (TLSF_LAYOUT != TLSF_COMPACT) {
        SKIP_WHERE_POOLS_ARE_FILLED();
    }
    const size_t bytes = REACH + GIB;
    uint8_t *space = space_map(bytes);
    if (space == NULL) {
        SKIP_BECAUSE("this machine does not map 9 GiB of address space");
    }
    tlsf_t t = tlsf_create_with_pool(space, bytes);
    if (TLSF_LAYOUT == TLSF_COMPACT) {
        assert_null(t);
        assert_null(tlsf_create_sized(space, bytes, 0));
    } else {
        assert_non_null(t);
        assert_non_null(tlsf_malloc(t, tlsf_largest(t)));
        assert_int_equal(tlsf_check(t), TLSF_SOUND);
    }
    space_unmap(space, bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_pool_out_of_reach_is_refused_and_untouched),
        cmocka_unit_test(add_pool_larger_than_layout_is_refused_and_untouched),
        cmocka_unit_test(add_pool_at_both_ends_of_reach_works),
        cmocka_unit_test(malloc_larger_than_4_gib_works),
        cmocka_unit_test(create_with_pool_larger_than_reach_gives_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
