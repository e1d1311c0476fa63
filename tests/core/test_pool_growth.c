/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_extend_pool and tlsf_add_to_pool: pools that grow behind their end and before their begin.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { SPARE = 16384 };

/* ---- what a pool must be ------------------------------------------------------------ */

/* The outer sizes of all blocks of a pool that tlsf_add_pool makes in [begin, end). */
static size_t outer_in(const uint8_t *begin, const uint8_t *end) {
    return round_down((uintptr_t)end, tlsf_align_size()) -
           round_up((uintptr_t)begin, tlsf_align_size()) - tlsf_pool_overhead();
}

static void expect_pool(const heap *h, pool_t pool, const uint8_t *begin, const uint8_t *end) {
    assert_ptr_equal(pool, (pool_t)round_up((uintptr_t)begin, tlsf_align_size()));
    assert_int_equal(pool_outer(pool), outer_in(begin, end));
    assert_int_equal(stats_of(h->t).pool_bytes, outer_in(begin, end));
    assert_int_equal(tlsf_check(h->t), TLSF_SOUND);
    assert_int_equal(tlsf_check_pool(pool), TLSF_SOUND);
    assert_ptr_equal(tlsf_get_pool(h->t), pool);
}

/* Everything in the heap's region, in order to see that a refused call changes nothing. */
typedef struct {
    const heap *h;
    uint8_t *bytes;
} image;

static image image_take(const heap *h) {
    const image taken = {h, malloc(h->memory.bytes)};
    assert_non_null(taken.bytes);
    memcpy(taken.bytes, h->memory.begin, h->memory.bytes);
    return taken;
}

static void image_expect_unchanged(image *taken) {
    assert_memory_equal(taken->h->memory.begin, taken->bytes, taken->h->memory.bytes);
    free(taken->bytes);
    taken->bytes = NULL;
}

/* A heap with one pool of `bytes` bytes, `misalignment` bytes above a multiple of 64. */
typedef struct {
    heap h;
    uint8_t *mem;
    pool_t pool;
} grown;

static grown grown_make(size_t before, size_t bytes) {
    grown g = {heap_make_empty(SPARE), NULL, NULL};
    g.mem = (uint8_t *)round_up((uintptr_t)heap_spare(&g.h), 64) + before;
    g.pool = tlsf_add_pool(g.h.t, g.mem, bytes);
    assert_non_null(g.pool);
    return g;
}

/* Takes all memory of the pool, in one block or in two. */
static uint8_t *fill_pool(const grown *g, bool in_two) {
    if (in_two) {
        assert_non_null(tlsf_malloc(g->h.t, 100));
    }
    uint8_t *last = tlsf_malloc(g->h.t, tlsf_largest(g->h.t));
    assert_non_null(last);
    assert_int_equal(tlsf_largest(g->h.t), 0);
    return last;
}

/* Frees everything that is left, and takes the whole pool as one block to the last byte. */
static void expect_whole(const grown *g, pool_t pool, const uint8_t *begin, const uint8_t *end) {
    tlsf_reset(g->h.t);
    assert_int_equal(pool_blocks(pool), 1);
    uint8_t *all = tlsf_malloc(g->h.t, tlsf_largest(g->h.t));
    assert_non_null(all);
    assert_int_equal(outer_of(all), outer_in(begin, end));
    memset(all, 0x11, tlsf_block_size(all));
    tlsf_free(g->h.t, all);
    assert_int_equal(tlsf_remove_pool(g->h.t, pool), 0);
    assert_int_equal(tlsf_check(g->h.t), TLSF_SOUND);
}

/* ---- tlsf_extend_pool --------------------------------------------------------------- */

/* Every growth up to some blocks, at every end and misalignment of the old memory. The grown pool
 * is what tlsf_add_pool would have made at once; all of its blocks stay. */
/* Verifies T79, T81, T82, T84, T85. */
static void extend_pool_every_growth_is_served_or_refused(void **state) {
    (void)state;
    for (size_t old = 1000; old < 1000 + tlsf_align_size(); old += 3) {
        for (size_t growth = 0; growth < 2 * outer_min() + tlsf_align_size(); growth++) {
            for (unsigned is_full = 0; is_full < 2; is_full++) {
                grown g = grown_make(growth % 7, old);
                uint8_t *last = is_full ? fill_pool(&g, growth % 2 != 0) : NULL;
                const size_t gained =
                    outer_in(g.mem, g.mem + old + growth) - outer_in(g.mem, g.mem + old);
                const bool is_served = gained == 0 || gained >= outer_min() || !is_full;
                image before = image_take(&g.h);
                const size_t result = tlsf_extend_pool(g.h.t, (pool_t)g.mem, old, old + growth);
                assert_int_equal(result, is_served ? old + growth : 0);
                if (!is_served || gained == 0) {
                    image_expect_unchanged(&before);
                }
                free(before.bytes);
                const uint8_t *end = g.mem + old + (is_served ? growth : 0);
                expect_pool(&g.h, g.pool, g.mem, end);
                assert_int_equal(pool_free_blocks(g.pool), !is_full || (is_served && gained != 0));
                tlsf_free(g.h.t, last);
                assert_int_equal(tlsf_check(g.h.t), TLSF_SOUND);
                expect_whole(&g, g.pool, g.mem, end);
                heap_end(&g.h);
            }
        }
    }
}

/* Verifies T79, T80. */
static void extend_pool_counts_from_the_handle_it_is_given(void **state) {
    (void)state;
    grown g = grown_make(1, 1000);
    const size_t lost = (size_t)((uint8_t *)(void *)g.pool - g.mem);
    assert_int_equal(tlsf_extend_pool(g.h.t, g.pool, 1000 - lost, 2000 - lost), 2000 - lost);
    expect_pool(&g.h, g.pool, g.mem, g.mem + 2000);
    heap_end(&g.h);
}

/* Verifies T80, T81, T82, T86. */
static void extend_pool_wrong_arguments_change_nothing(void **state) {
    (void)state;
    const size_t granule = tlsf_align_size();
    region r = region_make(40000, 0);
    heap h = {r, tlsf_create_sized(r.begin, 8192, 9000)};
    const pool_t first = tlsf_get_pool(h.t);
    uint8_t *mem = r.begin + 16384;
    const pool_t pool = tlsf_add_pool(h.t, mem, 4096);
    uint8_t *elsewhere = mem + 12000;
    const pool_t removed = tlsf_add_pool(h.t, elsewhere, 4096);
    assert_int_equal(tlsf_remove_pool(h.t, removed), 0);
    assert_non_null(tlsf_malloc(h.t, 100));
    image before = image_take(&h);
    assert_int_equal(tlsf_extend_pool(h.t, NULL, 4096, 8192), 0);
    assert_int_equal(tlsf_extend_pool(h.t, NULL, 0, 0), 0);
    assert_int_equal(tlsf_extend_pool(h.t, removed, 4096, 8192), 0);
    assert_int_equal(tlsf_extend_pool(h.t, (pool_t)(mem + granule), 4096, 8192), 0);
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4096, 4095), 0); /* less */
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4096, 0), 0);
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4095, 8192), 0); /* not its bytes */
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4096 + granule, 8192), 0);
    assert_int_equal(tlsf_extend_pool(h.t, pool, 0, 8192), 0);
    assert_int_equal(tlsf_extend_pool(h.t, first, 4096, 8192), 0);
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4096, 9000 + 100), 0); /* more than planned */
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4096, SIZE_MAX / 2), 0);
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4096, SIZE_MAX), 0); /* wraps */
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4096, SIZE_MAX - (uintptr_t)mem + 2), 0);
    assert_null(tlsf_add_to_pool(h.t, pool, mem + 4096, 9000));
    assert_null(tlsf_add_to_pool(h.t, pool, mem + 4096, SIZE_MAX));
    assert_null(tlsf_add_to_pool(h.t, pool, mem - 5000, 5000));
    assert_null(tlsf_add_to_pool(h.t, pool, NULL, 4096));
    assert_null(tlsf_add_to_pool(h.t, NULL, mem + 4096, 1000));
    assert_null(tlsf_add_to_pool(h.t, removed, elsewhere + 4096, 1000));
    image_expect_unchanged(&before);
    assert_int_equal(tlsf_extend_pool(h.t, pool, 4096, 9000), 9000); /* as planned */
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    heap_end(&h);
}

/* Memory that grows step by step under a heap in use, as sbrk gives it. */
/* Verifies T79, T84, T86. */
static void extend_pool_again_and_again_keeps_every_block(void **state) {
    enum { BLOCKS = 64 };
    (void)state;
    grown g = grown_make(3, 500);
    uint8_t *blocks[BLOCKS] = {NULL};
    size_t bytes = 500;
    for (size_t step = 0; bytes + 300 < SPARE - 128; step++) {
        const size_t i = step * 7 % BLOCKS;
        if (blocks[i] != NULL) {
            assert_int_equal(blocks[i][0], i);
            tlsf_free(g.h.t, blocks[i]);
        }
        blocks[i] = tlsf_malloc(g.h.t, 1 + step * 37 % 290);
        while (blocks[i] == NULL) {
            const size_t more = bytes + 64 + step % 200;
            assert_true(more < SPARE - 128);
            assert_int_equal(tlsf_extend_pool(g.h.t, (pool_t)g.mem, bytes, more), more);
            bytes = more;
            blocks[i] = tlsf_malloc(g.h.t, 1 + step * 37 % 290);
        }
        memset(blocks[i], (int)i, 1 + step * 37 % 290);
        expect_pool(&g.h, g.pool, g.mem, g.mem + bytes);
        if (step > 2000) {
            break;
        }
    }
    expect_whole(&g, g.pool, g.mem, g.mem + bytes);
    heap_end(&g.h);
}

/* ---- tlsf_add_to_pool --------------------------------------------------------------- */

/* Before the pool or behind it, at every misalignment of both ends. */
/* Verifies T87, T88, T89, T90, T91, T92. */
static void add_to_pool_every_region_is_served_or_refused(void **state) {
    (void)state;
    for (unsigned is_before = 0; is_before < 2; is_before++) {
        for (size_t gap = 0; gap < tlsf_align_size(); gap += 3) {
            for (size_t bytes = 0; bytes < 2 * outer_min() + tlsf_align_size(); bytes++) {
                for (unsigned is_full = 0; is_full < 2; is_full++) {
                    grown g = grown_make(1024 + gap, 1000);
                    uint8_t *used = is_full ? fill_pool(&g, bytes % 2 != 0) : NULL;
                    uint8_t *mem = is_before ? g.mem - bytes : g.mem + 1000;
                    const uint8_t *begin = is_before ? mem : g.mem;
                    const uint8_t *end = g.mem + 1000 + (is_before ? 0 : bytes);
                    const size_t gained = outer_in(begin, end) - outer_in(g.mem, g.mem + 1000);
                    const bool is_served = gained == 0 || gained >= outer_min() || !is_full;
                    image before = image_take(&g.h);
                    const pool_t pool = tlsf_add_to_pool(g.h.t, g.pool, mem, bytes);
                    if (!is_served || gained == 0) {
                        image_expect_unchanged(&before);
                    }
                    free(before.bytes);
                    assert_int_equal(pool != NULL, is_served);
                    const pool_t now = is_served ? pool : g.pool;
                    begin = is_served ? begin : g.mem;
                    end = is_served ? end : g.mem + 1000;
                    expect_pool(&g.h, now, begin, end);
                    assert_int_equal(pool_free_blocks(now), !is_full || (is_served && gained != 0));
                    tlsf_free(g.h.t, used);
                    assert_int_equal(tlsf_check(g.h.t), TLSF_SOUND);
                    expect_whole(&g, now, begin, end);
                    heap_end(&g.h);
                }
            }
        }
    }
}

/* Verifies T91, T92. */
static void add_to_pool_region_apart_is_refused(void **state) {
    (void)state;
    const size_t granule = tlsf_align_size();
    for (unsigned is_full = 0; is_full < 2; is_full++) {
        grown g = grown_make(2048, 1024);
        if (is_full) {
            fill_pool(&g, true);
        }
        image before = image_take(&g.h);
        for (size_t away = granule; away < 500; away += away < 80 ? 1 : 37) {
            assert_null(tlsf_add_to_pool(g.h.t, g.pool, g.mem + 1024 + away, 600));
            assert_null(tlsf_add_to_pool(g.h.t, g.pool, g.mem - 600 - away, 600));
        }
        for (size_t into = 1; into < 1024; into += 13) { /* overlaps the pool */
            assert_null(tlsf_add_to_pool(g.h.t, g.pool, g.mem + 1024 - into, 600 + into));
            assert_null(tlsf_add_to_pool(g.h.t, g.pool, g.mem - 600, 600 + into));
        }
        image_expect_unchanged(&before);
        heap_end(&g.h);
    }
}

/* The pool keeps its place among the others, whichever that is; those beside it stay pools. */
/* Verifies T87, T90, T94. */
static void add_to_pool_between_others_leaves_their_order_and_blocks(void **state) {
    enum { POOLS = 3, STRIDE = 2048, POOL_BYTES = 1024 };
    (void)state;
    for (size_t which = 0; which < POOLS; which++) {
        for (unsigned is_before = 0; is_before < 2; is_before++) {
            heap h = heap_make_empty(SPARE);
            uint8_t *mem = (uint8_t *)round_up((uintptr_t)heap_spare(&h), 64) + STRIDE;
            pool_t pools[POOLS];
            for (size_t i = 0; i < POOLS; i++) {
                pools[i] = tlsf_add_pool(h.t, mem + i * STRIDE, POOL_BYTES);
                assert_non_null(pools[i]);
            }
            uint8_t *p = tlsf_malloc(h.t, 200);
            uint8_t *beside =
                mem + which * STRIDE + (is_before ? -(ptrdiff_t)POOL_BYTES : (ptrdiff_t)POOL_BYTES);
            const pool_t pool = tlsf_add_to_pool(h.t, pools[which], beside, POOL_BYTES);
            assert_ptr_equal(pool, is_before ? (pool_t)beside : pools[which]);
            assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
            assert_int_equal(pool_outer(pool), 2 * POOL_BYTES - tlsf_pool_overhead());
            if (is_before) { /* the old handle is none any more */
                assert_int_not_equal(tlsf_remove_pool(h.t, pools[which]), 0);
                assert_int_equal(tlsf_extend_pool(h.t, pools[which], POOL_BYTES, POOL_BYTES), 0);
            }
            pools[which] = pool;
            tlsf_free(h.t, p);
            for (size_t i = 0; i < POOLS; i++) { /* get_pool returns the oldest */
                assert_ptr_equal(tlsf_get_pool(h.t), pools[i]);
                assert_int_equal(tlsf_remove_pool(h.t, pools[i]), 0);
                assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
            }
            heap_end(&h);
        }
    }
}

/* The span grows with the pool: blocks in the new memory are known as the heap's. */
/* Verifies T87, T88. */
static void add_to_pool_blocks_of_the_new_memory_can_be_freed(void **state) {
    (void)state;
    for (unsigned is_before = 0; is_before < 2; is_before++) {
        grown g = grown_make(4096, 1024);
        fill_pool(&g, false);
        assert_non_null(
            tlsf_add_to_pool(g.h.t, g.pool, is_before ? g.mem - 2000 : g.mem + 1024, 2000));
        faults_watch(g.h.t);
        uint8_t *p = tlsf_malloc(g.h.t, 300);
        uint8_t *q = tlsf_malloc(g.h.t, 300);
        assert_non_null(q);
        p = tlsf_realloc(g.h.t, p, 900);
        assert_non_null(p);
        tlsf_free(g.h.t, q);
        tlsf_free(g.h.t, p);
        assert_int_equal(faults_seen(), 0);
        assert_int_equal(tlsf_check(g.h.t), TLSF_SOUND);
        heap_end(&g.h);
    }
}

/* ---- corruption --------------------------------------------------------------------- */

typedef void (*damage)(const grown *g);

static void damage_end_marker(const grown *g) { pool_end(g->pool)->header -= GRANULE_SIZE; }

static void damage_last_footer(const grown *g) {
    *(header_word *)((uintptr_t)pool_end(g->pool) - sizeof(header_word)) += GRANULE_SIZE;
}

static void damage_first_header(const grown *g) {
    pool_first_block(g->pool)->header += GRANULE_SIZE;
}

static void damage_next_link(const grown *g) { pool_describe(g->pool)->next += LINK_STEP; }

static void damage_previous_link(const grown *g) { pool_describe(g->pool)->previous += LINK_STEP; }

static void damage_pending(const grown *g) { control_of(g->h.t)->pending_header ^= GRANULE_SIZE; }

static void damage_plan(const grown *g) { control_of(g->h.t)->class_end++; }

/* The call finds what it is about to use, and changes nothing. */
/* Verifies T13, T82, T92, T298. */
static void growth_into_corruption_is_a_fault_and_changes_nothing(void **state) {
    static const struct {
        damage damage;
        bool behind, before; /* which growth uses what is damaged */
    } cases[] = {{damage_end_marker, true, false},   {damage_last_footer, true, true},
                 {damage_first_header, true, true},  {damage_next_link, true, true},
                 {damage_previous_link, true, true}, {damage_pending, TLSF_PENDING, TLSF_PENDING},
                 {damage_plan, true, true}};
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        grown g = grown_make(4096, 1024); /* one free block */
        cases[i].damage(&g);
        faults_watch(g.h.t);
        image before = image_take(&g.h);
        size_t expected = 0;
        if (cases[i].behind) {
            assert_int_equal(tlsf_extend_pool(g.h.t, g.pool, 1024, 2048), 0);
            assert_int_equal(faults_seen(), ++expected);
        }
        if (cases[i].before) {
            assert_null(tlsf_add_to_pool(g.h.t, g.pool, g.mem - 1024, 1024));
            assert_int_equal(faults_seen(), ++expected);
        }
        if (expected != 0) {
            assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
        }
        image_expect_unchanged(&before);
        region_free(&g.h.memory);
    }
}

/* A block that grows goes into a list: with TLSF_PENDING the pending block, which is another one,
 * else itself. */
static void damage_list(const grown *g, outer_size joined) {
    control *t = control_of(g->h.t);
    if (TLSF_PENDING) {
        t->pending_header ^= GRANULE_SIZE;
    } else {
        list_slot(t, class_floor(joined))->next = link_of(t, pool_first_block(g->pool));
    }
}

/* A pool with a pending block in its middle, and with used or free blocks at both ends. */
static grown grown_with_ends(bool are_free) {
    grown g = grown_make(4096, 1024);
    void *first = tlsf_malloc(g.h.t, 100);
    assert_non_null(tlsf_malloc(g.h.t, 60));
    void *pending = tlsf_malloc(g.h.t, 300); /* a small one would go into its list */
    assert_non_null(tlsf_malloc(g.h.t, 80));
    void *last = tlsf_malloc(g.h.t, tlsf_largest(g.h.t));
    assert_true(first != NULL && pending != NULL && last != NULL);
    if (are_free) {
        tlsf_free(g.h.t, first);
        tlsf_free(g.h.t, last);
    }
    tlsf_free(g.h.t, pending);
    assert_int_equal(tlsf_check(g.h.t), TLSF_SOUND);
    return g;
}

static void expect_growth_refused(bool are_free, bool is_before) {
    grown g = grown_with_ends(are_free);
    const block *first = pool_first_block(g.pool);
    const block *end = pool_end(g.pool);
    const outer_size beside = !are_free   ? 0
                              : is_before ? block_size(first)
                                          : block_previous_size(end);
    damage_list(&g, 1024 / SIZE_UNIT + beside);
    if (are_free) { /* what is beside the new memory is not what is damaged */
        assert_true(
            free_block_is_whole(control_of(g.h.t), is_before ? first : block_previous(end)));
    }
    faults_watch(g.h.t);
    image before = image_take(&g.h);
    if (is_before) {
        assert_null(tlsf_add_to_pool(g.h.t, g.pool, g.mem - 1024, 1024));
    } else {
        assert_int_equal(tlsf_extend_pool(g.h.t, g.pool, 1024, 2048), 0);
    }
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    image_expect_unchanged(&before);
    region_free(&g.h.memory);
}

/* Verifies T13, T82, T92, T298. */
static void growth_into_a_broken_list_is_a_fault_and_changes_nothing(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (unsigned are_free = 0; are_free < 2; are_free++) {
        expect_growth_refused(are_free, false);
        expect_growth_refused(are_free, true);
    }
}

/* The header behind the first block, which is used, is no header. Verifies T13, T82, T92, T298. */
static void growth_before_a_broken_used_block_is_a_fault_and_changes_nothing(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    grown g = grown_with_ends(false);
    block_next(pool_first_block(g.pool))->header = 1;
    faults_watch(g.h.t);
    image before = image_take(&g.h);
    assert_null(tlsf_add_to_pool(g.h.t, g.pool, g.mem - 1024, 1024));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    image_expect_unchanged(&before);
    region_free(&g.h.memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extend_pool_every_growth_is_served_or_refused),
        cmocka_unit_test(extend_pool_counts_from_the_handle_it_is_given),
        cmocka_unit_test(extend_pool_wrong_arguments_change_nothing),
        cmocka_unit_test(extend_pool_again_and_again_keeps_every_block),
        cmocka_unit_test(add_to_pool_every_region_is_served_or_refused),
        cmocka_unit_test(add_to_pool_region_apart_is_refused),
        cmocka_unit_test(add_to_pool_between_others_leaves_their_order_and_blocks),
        cmocka_unit_test(add_to_pool_blocks_of_the_new_memory_can_be_freed),
        cmocka_unit_test(growth_into_corruption_is_a_fault_and_changes_nothing),
        cmocka_unit_test(growth_into_a_broken_list_is_a_fault_and_changes_nothing),
        cmocka_unit_test(growth_before_a_broken_used_block_is_a_fault_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
