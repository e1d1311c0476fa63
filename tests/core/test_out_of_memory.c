/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every call on heaps that have no room for it: full heaps, fragmented heaps, and the smallest
 * heap. A call that fails leaves every byte of heap and pools as it was, except for the failure
 * count. When everything is freed again, nothing is lost.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 1000, ALIGN_MAX = 65536 };

/* ---- heaps without room -------------------------------------------------------------- */

typedef struct {
    heap h;
    uint8_t *image; /* of all memory before a call */
    void *blocks[BLOCKS_MAX];
    size_t count;
    size_t too_large; /* the smallest request for which there is no room */
} crowd;

static void crowd_add(crowd *c, size_t bytes) {
    void *ptr = tlsf_malloc(c->h.t, bytes);
    assert_non_null(ptr);
    assert_true(c->count < BLOCKS_MAX);
    memset(ptr, (int)(c->count % 251) + 1, tlsf_block_size(ptr));
    c->blocks[c->count++] = ptr;
}

static crowd crowd_of(heap h) {
    crowd c = {.h = h, .image = malloc(h.memory.bytes)};
    assert_non_null(c.image);
    return c;
}

static void crowd_fill(crowd *c, size_t bytes) {
    while (tlsf_largest(c->h.t) >= bytes && tlsf_largest(c->h.t) != 0) {
        crowd_add(c, bytes);
    }
    while (tlsf_largest(c->h.t) != 0) {
        crowd_add(c, tlsf_largest(c->h.t));
    }
}

/* A heap full of blocks of `bytes` bytes. The last blocks take what is left over. */
static crowd crowd_full(size_t bytes) {
    crowd c = crowd_of(heap_make(6000));
    crowd_fill(&c, bytes);
    return c;
}

/* A full heap in which every second block was freed again. */
static crowd crowd_fragmented(size_t bytes) {
    crowd c = crowd_full(bytes);
    size_t kept = 0;
    for (size_t i = 0; i < c.count; i++) {
        if (i % 2 == 1 && i + 1 < c.count) {
            tlsf_free(c.h.t, c.blocks[i]);
        } else {
            c.blocks[kept++] = c.blocks[i];
        }
    }
    c.count = kept;
    assert_true(tlsf_largest(c.h.t) >= bytes);
    c.too_large = pool_largest_free(tlsf_get_pool(c.h.t)) + 1;
    return c;
}

/* A heap whose pool is one smallest block, which is free. */
static crowd crowd_smallest(void) {
    const size_t bytes = tlsf_pool_overhead() + outer_min();
    crowd c = crowd_of(heap_make_empty(bytes));
    assert_non_null(tlsf_add_pool(c.h.t, heap_spare(&c.h), bytes));
    assert_int_equal(pool_outer(tlsf_get_pool(c.h.t)), outer_min());
    return c;
}

static void crowd_end(crowd *c) {
    while (c->count > 0) {
        tlsf_free(c->h.t, c->blocks[--c->count]);
        assert_int_equal(tlsf_check(c->h.t), TLSF_SOUND);
    }
    pool_t pool = tlsf_get_pool(c->h.t);
    assert_int_equal(pool_blocks(pool), 1);
    assert_int_equal(tlsf_largest(c->h.t), pool_largest_free(pool));
    assert_non_null(tlsf_malloc(c->h.t, tlsf_largest(c->h.t)));
    heap_end(&c->h);
    free(c->image);
}

/* ---- calls that fail ----------------------------------------------------------------- */

static void before_call(crowd *c) { memcpy(c->image, c->h.memory.begin, c->h.memory.bytes); }

/* Nothing has changed since before_call, except that the count of failures grew by `failures`. */
static void expect_unchanged(crowd *c, size_t failures) {
    assert_int_equal(tlsf_check(c->h.t), TLSF_SOUND);
    control_of(c->h.t)->failures -= counted(failures);
    assert_memory_equal(c->h.memory.begin, c->image, c->h.memory.bytes);
    control_of(c->h.t)->failures += counted(failures);
    assert_true(region_is_guarded(&c->h.memory));
}

#define EXPECT_FAILS(crowd, call) \
    do { \
        before_call(crowd); \
        assert_null(call); \
        expect_unchanged(crowd, 1); \
    } while (0)

static void expect_no_new_block(crowd *c, size_t bytes) {
    tlsf_t t = c->h.t;
    EXPECT_FAILS(c, tlsf_malloc(t, bytes));
    EXPECT_FAILS(c, tlsf_calloc(t, 1, bytes));
    EXPECT_FAILS(c, tlsf_calloc(t, bytes, 1));
    EXPECT_FAILS(c, tlsf_realloc(t, NULL, bytes));
    for (size_t align = 1; align <= ALIGN_MAX; align *= 4) {
        EXPECT_FAILS(c, tlsf_memalign(t, align, bytes));
        EXPECT_FAILS(c, tlsf_realloc_aligned(t, NULL, align, bytes));
    }
}

static void expect_never_served(crowd *c) {
    tlsf_t t = c->h.t;
    for (size_t less = 0; less < 2; less++) {
        expect_no_new_block(c, SIZE_MAX - less);
        expect_no_new_block(c, tlsf_block_size_max() + 1 + less);
        expect_no_new_block(c, tlsf_block_size_max() - less);
    }
    EXPECT_FAILS(c, tlsf_calloc(t, SIZE_MAX / 2 + 1, 2));
    EXPECT_FAILS(c, tlsf_calloc(t, SIZE_MAX, SIZE_MAX));
    EXPECT_FAILS(c, tlsf_memalign(t, 3, 1));
    EXPECT_FAILS(c, tlsf_memalign(t, SIZE_MAX / 2 + 1, 1));
    EXPECT_FAILS(c, tlsf_memalign(t, SIZE_MAX, SIZE_MAX));
}

static void expect_no_growth(crowd *c, void *live, size_t bytes) {
    tlsf_t t = c->h.t;
    EXPECT_FAILS(c, tlsf_realloc(t, live, bytes));
    EXPECT_FAILS(c, tlsf_realloc(t, live, SIZE_MAX));
    EXPECT_FAILS(c, tlsf_realloc(t, live, tlsf_block_size_max()));
    for (size_t align = 1; align <= ALIGN_MAX; align *= 2) {
        EXPECT_FAILS(c, tlsf_realloc_aligned(t, live, align, bytes));
    }
    EXPECT_FAILS(c, tlsf_realloc_aligned(t, live, 3, 1));
    EXPECT_FAILS(c, tlsf_realloc_aligned(t, live, SIZE_MAX / 2 + 1, 1));
}

/* In a full heap a block that is aligned already stays in place. For other alignments the request
 * fails. */
static void expect_alignment_or_failure(crowd *c, void *live) {
    const size_t bytes = tlsf_block_size(live);
    if (bytes == 0) {
        return; /* hardening 3, a request for 0 bytes: realloc to 0 would free the block */
    }
    for (size_t align = 1; align <= ALIGN_MAX; align *= 2) {
        before_call(c);
        if (is_aligned(live, align)) {
            assert_ptr_equal(tlsf_realloc_aligned(c->h.t, live, align, bytes), live);
            expect_unchanged(c, 0);
        } else {
            assert_null(tlsf_realloc_aligned(c->h.t, live, align, bytes));
            expect_unchanged(c, 1);
        }
    }
}

static void expect_pools_refused(crowd *c) {
    tlsf_t t = c->h.t;
    before_call(c);
    assert_int_not_equal(tlsf_remove_pool(t, tlsf_get_pool(t)), 0);
    assert_int_not_equal(tlsf_remove_pool(t, NULL), 0);
    assert_null(tlsf_add_pool(t, NULL, 4096));
    assert_null(tlsf_add_pool(t, c->h.memory.begin, tlsf_pool_overhead() - 1));
    assert_null(tlsf_add_pool(t, c->h.memory.begin, SIZE_MAX));
    expect_unchanged(c, 0);
}

static void expect_full(crowd *c) {
    assert_int_equal(tlsf_largest(c->h.t), 0);
    expect_no_new_block(c, 0);
    expect_no_new_block(c, 1);
    expect_no_new_block(c, 100);
    expect_never_served(c);
    expect_pools_refused(c);
}

/* ---- full ---------------------------------------------------------------------------- */

/* Verifies T11, T103, T111, T116. */
static void full_heap_every_request_fails_and_changes_nothing(void **state) {
    const size_t sizes[] = {0, 1, 30, 100, 700, 5000};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        crowd c = crowd_full(sizes[i]);
        expect_full(&c);
        crowd_end(&c);
    }
}

/* Verifies T11, T125, T132. */
static void full_heap_no_block_grows_or_moves(void **state) {
    (void)state;
    for (size_t bytes = 1; bytes < 300; bytes += 61) {
        crowd c = crowd_full(bytes);
        for (size_t i = 0; i < c.count; i += c.count / 9 + 1) {
            expect_no_growth(&c, c.blocks[i], inner_of(c.blocks[i]) + 1);
            expect_alignment_or_failure(&c, c.blocks[i]);
        }
        crowd_end(&c);
    }
}

/* The room that one block gives back serves another block, to the last byte. */
/* Verifies T103, T120. */
static void full_heap_room_of_one_block_is_had_by_another(void **state) {
    (void)state;
    crowd c = crowd_full(200);
    const size_t inner = inner_of(c.blocks[3]);
    tlsf_free(c.h.t, c.blocks[3]);
    EXPECT_FAILS(&c, tlsf_malloc(c.h.t, inner + 1));
    c.blocks[3] = tlsf_malloc(c.h.t, inner);
    assert_non_null(c.blocks[3]);
    expect_full(&c);
    uint8_t *shrunk = tlsf_realloc(c.h.t, c.blocks[4], inner - outer_min());
    assert_ptr_equal(shrunk, c.blocks[4]);
    EXPECT_FAILS(&c, tlsf_malloc(c.h.t, inner_for(outer_min()) + 1));
    EXPECT_FAILS(&c, tlsf_realloc(c.h.t, c.blocks[2], inner + 1));
    assert_ptr_equal(tlsf_realloc(c.h.t, c.blocks[4], inner), c.blocks[4]);
    expect_full(&c);
    crowd_end(&c);
}

/* ---- fragmented ---------------------------------------------------------------------- */

/* Verifies T11, T77, T103. */
static void fragmented_heap_what_no_hole_holds_fails_and_changes_nothing(void **state) {
    (void)state;
    for (size_t bytes = 1; bytes < 400; bytes += 57) {
        crowd c = crowd_fragmented(bytes);
        assert_true(stats_of(c.h.t).pool_bytes > 2 * c.too_large);
        expect_no_new_block(&c, c.too_large);
        expect_no_new_block(&c, 2 * c.too_large);
        expect_never_served(&c);
        expect_pools_refused(&c);
        crowd_end(&c);
    }
}

/* A block can grow at most into the holes on both of its sides. */
/* Verifies T11, T125. */
static void fragmented_heap_what_holes_around_a_block_do_not_hold_fails(void **state) {
    (void)state;
    for (size_t bytes = 1; bytes < 400; bytes += 57) {
        crowd c = crowd_fragmented(bytes);
        for (size_t i = 0; i < c.count; i += c.count / 9 + 1) {
            expect_no_growth(&c, c.blocks[i], inner_of(c.blocks[i]) + 2 * outer_for(c.too_large));
        }
        crowd_end(&c);
    }
}

/* Each hole serves a request that fits, until no hole is left. */
/* Verifies T106, T152. */
static void fragmented_heap_holes_are_used_to_the_last(void **state) {
    (void)state;
    crowd c = crowd_fragmented(120);
    const size_t holes = pool_free_blocks(tlsf_get_pool(c.h.t));
    assert_true(holes > 10);
    for (size_t i = 0; i < holes; i++) {
        expect_no_new_block(&c, c.too_large);
        crowd_add(&c, tlsf_largest(c.h.t));
    }
    expect_full(&c);
    crowd_end(&c);
}

/* ---- the smallest pool --------------------------------------------------------------- */

/* Verifies T103, T158. */
static void smallest_pool_serves_one_block_of_any_kind(void **state) {
    (void)state;
    for (size_t bytes = 0; bytes <= tlsf_block_size_min(); bytes++) {
        crowd c = crowd_smallest();
        tlsf_t t = c.h.t;
        assert_int_equal(tlsf_largest(t), tlsf_block_size_min());
        for (unsigned kind = 0; kind < 5; kind++) {
            c.blocks[0] = kind == 0   ? tlsf_malloc(t, bytes)
                          : kind == 1 ? tlsf_calloc(t, bytes, 1)
                          : kind == 2 ? tlsf_memalign(t, tlsf_align_size(), bytes)
                          : kind == 3 ? tlsf_realloc(t, NULL, bytes)
                                      : tlsf_realloc_aligned(t, NULL, 1, bytes);
            assert_non_null(c.blocks[0]);
            assert_int_equal(outer_of(c.blocks[0]), outer_min());
            expect_full(&c);
            expect_no_growth(&c, c.blocks[0], tlsf_block_size_min() + 1);
            expect_alignment_or_failure(&c, c.blocks[0]);
            tlsf_free(t, c.blocks[0]);
            assert_int_equal(tlsf_check(t), TLSF_SOUND);
        }
        crowd_end(&c);
    }
}

/* Verifies T11, T103, T116. */
static void smallest_pool_what_is_larger_fails_and_changes_nothing(void **state) {
    (void)state;
    crowd c = crowd_smallest();
    expect_no_new_block(&c, tlsf_block_size_min() + 1);
    expect_never_served(&c);
    for (size_t align = 2 * tlsf_align_size(); align <= ALIGN_MAX; align *= 2) {
        EXPECT_FAILS(&c, tlsf_memalign(c.h.t, align, 0)); /* the worst gap does not fit */
    }
    crowd_end(&c);
}

/* Verifies T99, T120, T121. */
static void smallest_pool_resizes_in_place_and_comes_and_goes(void **state) {
    (void)state;
    crowd c = crowd_smallest();
    tlsf_t t = c.h.t;
    pool_t pool = tlsf_get_pool(t);
    void *live = tlsf_malloc(t, 1);
    for (size_t bytes = 1; bytes <= tlsf_block_size_min(); bytes++) {
        assert_ptr_equal(tlsf_realloc(t, live, bytes), live);
        assert_int_equal(tlsf_check(t), TLSF_SOUND);
    }
    assert_int_not_equal(tlsf_remove_pool(t, pool), 0);
    tlsf_reset(t);
    assert_int_equal(tlsf_largest(t), tlsf_block_size_min());
    assert_int_equal(tlsf_remove_pool(t, pool), 0);
    expect_full(&c); /* the heap has no pool */
    assert_non_null(tlsf_add_pool(t, heap_spare(&c.h), tlsf_pool_overhead() + outer_min()));
    crowd_end(&c);
}

/* A smallest pool, added to a full heap, makes room for one smallest block and for no more. */
/* Verifies T72, T161. */
static void full_heap_smallest_pool_added_serves_one_block(void **state) {
    (void)state;
    const size_t first = 8192, second = tlsf_pool_overhead() + outer_min();
    crowd c = crowd_of(heap_make_empty(first + second));
    assert_non_null(tlsf_add_pool(c.h.t, heap_spare(&c.h), first));
    crowd_fill(&c, 100);
    pool_t pool = tlsf_add_pool(c.h.t, heap_spare(&c.h) + first, second);
    assert_non_null(pool);
    expect_no_new_block(&c, tlsf_block_size_min() + 1);
    void *live = tlsf_malloc(c.h.t, tlsf_block_size_min());
    assert_non_null(live);
    expect_no_new_block(&c, 0);
    tlsf_free(c.h.t, live);
    assert_int_equal(tlsf_remove_pool(c.h.t, pool), 0);
    expect_full(&c);
    crowd_end(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_heap_every_request_fails_and_changes_nothing),
        cmocka_unit_test(full_heap_no_block_grows_or_moves),
        cmocka_unit_test(full_heap_room_of_one_block_is_had_by_another),
        cmocka_unit_test(fragmented_heap_what_no_hole_holds_fails_and_changes_nothing),
        cmocka_unit_test(fragmented_heap_what_holes_around_a_block_do_not_hold_fails),
        cmocka_unit_test(fragmented_heap_holes_are_used_to_the_last),
        cmocka_unit_test(smallest_pool_serves_one_block_of_any_kind),
        cmocka_unit_test(smallest_pool_what_is_larger_fails_and_changes_nothing),
        cmocka_unit_test(smallest_pool_resizes_in_place_and_comes_and_goes),
        cmocka_unit_test(full_heap_smallest_pool_added_serves_one_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
