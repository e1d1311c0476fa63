/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_realloc and tlsf_realloc_aligned: in place, sliding back, moving, failing. Then the same in
 * two halves, tlsf_realloc_begin and tlsf_realloc_end.
 */
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <string.h>

/* Fills the usable bytes of block p with a pattern that depends on the place. */
static void fill(uint8_t *p) {
    for (size_t i = 0; i < tlsf_block_size(p); i++) {
        p[i] = (uint8_t)(i * 7 + 3);
    }
}

static void expect_filled(const uint8_t *p, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        assert_int_equal(p[i], (uint8_t)(i * 7 + 3));
    }
}

/* ---- tlsf_realloc ------------------------------------------------------------------- */

/* Verifies T123. */
static void realloc_null_allocates(void **state) {
    heap h = heap_make(4096);
    (void)state;
    void *p = tlsf_realloc(h.t, NULL, 100);
    void *q = tlsf_realloc(h.t, NULL, 0);
    assert_non_null(p);
    assert_int_equal(outer_of(p), outer_for(100));
    assert_non_null(q);
    assert_int_equal(outer_of(q), outer_min());
    assert_int_equal(stats_of(h.t).allocations, counted(2));
    heap_end(&h);
}

/* Verifies T124. */
static void realloc_to_zero_frees(void **state) {
    heap h = heap_make(4096);
    (void)state;
    void *p = tlsf_malloc(h.t, 100);
    assert_null(tlsf_realloc(h.t, p, 0));
    assert_int_equal(pool_blocks(tlsf_get_pool(h.t)), 1);
    assert_int_equal(stats_of(h.t).frees, counted(1));
    assert_int_equal(stats_of(h.t).failures, 0);
    heap_end(&h);
}

/* Verifies T119, T120. */
static void realloc_shrink_stays_and_gives_rest_back(void **state) {
    heap h = heap_make(16384);
    (void)state;
    for (size_t bytes = 1; bytes < 1000; bytes += 3) {
        uint8_t *p = tlsf_malloc(h.t, 1000);
        void *after = tlsf_malloc(h.t, 10);
        fill(p);
        assert_ptr_equal(tlsf_realloc(h.t, p, bytes), p);
        expect_filled(p, bytes);
        assert_true(tlsf_block_size(p) >= bytes);
        assert_true(outer_of(p) < outer_for(bytes) + outer_min());
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        assert_int_equal(stats_of(h.t).used_bytes, counted(outer_of(p) + outer_of(after)));
        tlsf_free(h.t, p);
        tlsf_free(h.t, after);
    }
    assert_int_equal(pool_blocks(tlsf_get_pool(h.t)), 1);
    heap_end(&h);
}

/* Verifies T120. */
static void realloc_shrink_full_heap_stays(void **state) {
    heap h = heap_make(4096);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, tlsf_largest(h.t));
    fill(p);
    assert_ptr_equal(tlsf_realloc(h.t, p, 100), p);
    expect_filled(p, 100);
    assert_int_equal(outer_of(p), outer_for(100));
    heap_end(&h);
}

/* Verifies T119, T120. */
static void realloc_same_size_stays(void **state) {
    heap h = heap_make(4096);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, 200);
    assert_non_null(tlsf_malloc(h.t, 10));
    fill(p);
    for (size_t bytes = 200; bytes <= tlsf_block_size(p); bytes++) {
        assert_ptr_equal(tlsf_realloc(h.t, p, bytes), p);
    }
    expect_filled(p, tlsf_block_size(p));
    assert_int_equal(outer_of(p), outer_for(200));
    heap_end(&h);
}

/* Verifies T119, T121, T164. */
static void realloc_grow_into_free_block_behind_stays(void **state) {
    heap h = heap_make(16384);
    (void)state;
    for (size_t bytes = 101; bytes < 2000; bytes += 7) {
        uint8_t *p = tlsf_malloc(h.t, 100);
        fill(p);
        assert_ptr_equal(tlsf_realloc(h.t, p, bytes), p);
        expect_filled(p, 100);
        assert_int_equal(outer_of(p), outer_for(bytes));
        assert_int_equal(stats_of(h.t).used_bytes, counted(outer_for(bytes)));
        tlsf_free(h.t, p);
    }
    assert_int_equal(stats_of(h.t).allocations, stats_of(h.t).frees);
    heap_end(&h);
}

/* The block grows to the last byte of the free block behind it. */
/* Verifies T121, T125. */
static void realloc_grow_to_all_of_free_block_behind_stays(void **state) {
    heap h = heap_make(4096);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, 100);
    const size_t all = pool_outer(tlsf_get_pool(h.t)) - tlsf_alloc_overhead();
    fill(p);
    assert_null(tlsf_realloc(h.t, p, all + 1));
    assert_ptr_equal(tlsf_realloc(h.t, p, all), p);
    expect_filled(p, 100);
    assert_int_equal(tlsf_largest(h.t), 0);
    heap_end(&h);
}

/* Four blocks that fill a heap: p, the blocks before and after it, and the rest. */
typedef struct {
    heap h;
    uint8_t *before, *p, *after, *rest;
} crowd;

static crowd crowd_make(size_t before, size_t block, size_t after) {
    crowd c = {heap_make(16384), NULL, NULL, NULL, NULL};
    c.before = tlsf_malloc(c.h.t, before);
    c.p = tlsf_malloc(c.h.t, block);
    c.after = tlsf_malloc(c.h.t, after);
    c.rest = tlsf_malloc(c.h.t, tlsf_largest(c.h.t));
    assert_non_null(c.rest);
    fill(c.p);
    return c;
}

/* Verifies T119, T122. */
static void realloc_only_room_is_before_slides_back(void **state) {
    (void)state;
    for (size_t before = 0; before < 300; before += 37) {
        crowd c = crowd_make(before, 100, 100);
        const size_t room = outer_of(c.before) + outer_of(c.p);
        const tlsf_stats_t stats = stats_of(c.h.t);
        tlsf_free(c.h.t, c.before);
        const size_t bytes = room - tlsf_alloc_overhead();
        uint8_t *p = tlsf_realloc(c.h.t, c.p, bytes);
        assert_ptr_equal(p, c.before);
        expect_filled(p, 100);
        assert_int_equal(tlsf_block_size(p), bytes);
        assert_int_equal(stats_of(c.h.t).allocations, stats.allocations);
        assert_int_equal(stats_of(c.h.t).peak_bytes, stats.peak_bytes);
        assert_int_equal(tlsf_largest(c.h.t), 0);
        heap_end(&c.h);
    }
}

/* Verifies T122, T125. */
static void realloc_room_on_both_sides_is_joined(void **state) {
    crowd c = crowd_make(100, 300, 100);
    (void)state;
    const size_t room = outer_of(c.before) + outer_of(c.p) + outer_of(c.after);
    tlsf_free(c.h.t, c.before);
    tlsf_free(c.h.t, c.after);
    assert_null(tlsf_realloc(c.h.t, c.p, room - tlsf_alloc_overhead() + 1));
    expect_filled(c.p, 300);
    uint8_t *p = tlsf_realloc(c.h.t, c.p, room - tlsf_alloc_overhead());
    assert_ptr_equal(p, c.before);
    expect_filled(p, 300);
    assert_int_equal(tlsf_largest(c.h.t), 0);
    heap_end(&c.h);
}

/* The block grows in place, though there is also room in front. */
/* Verifies T121. */
static void realloc_room_behind_is_taken_before_room_in_front(void **state) {
    crowd c = crowd_make(200, 100, 200);
    (void)state;
    tlsf_free(c.h.t, c.before);
    tlsf_free(c.h.t, c.after);
    assert_ptr_equal(tlsf_realloc(c.h.t, c.p, 250), c.p);
    expect_filled(c.p, 100);
    heap_end(&c.h);
}

/* Verifies T119, T122, T127. */
static void realloc_no_room_around_moves(void **state) {
    heap h = heap_make(16384);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, 100);
    assert_non_null(tlsf_malloc(h.t, 10));
    const tlsf_stats_t before = stats_of(h.t);
    const size_t outer = outer_of(p);
    fill(p);
    uint8_t *q = tlsf_realloc(h.t, p, 1000);
    assert_non_null(q);
    assert_ptr_not_equal(q, p);
    expect_filled(q, 100);
    const tlsf_stats_t after = stats_of(h.t);
    assert_int_equal(after.allocations, before.allocations + counted(1));
    assert_int_equal(after.frees, before.frees + counted(1));
    assert_int_equal(after.live_blocks, before.live_blocks);
    assert_int_equal(after.used_bytes, counted(before.used_bytes + outer_for(1000) - outer));
    /* Both blocks were in use during the copy. */
    assert_int_equal(after.peak_bytes, counted(before.used_bytes + outer_for(1000)));
    heap_end(&h);
}

/* The joined room is smaller than the other free block, so realloc uses the joined room. */
/* Verifies T122. */
static void realloc_joined_room_is_smaller_slides_back(void **state) {
    heap h = heap_make(65536);
    (void)state;
    uint8_t *before = tlsf_malloc(h.t, 200);
    uint8_t *p = tlsf_malloc(h.t, 100);
    assert_non_null(tlsf_malloc(h.t, 10));
    fill(p);
    tlsf_free(h.t, before);
    assert_ptr_equal(tlsf_realloc(h.t, p, 250), before);
    expect_filled(before, 100);
    heap_end(&h);
}

/* The other free block is smaller than the joined room, so realloc uses the other block. */
/* Verifies T122. */
static void realloc_other_block_is_smaller_moves(void **state) {
    heap h = heap_make(16384);
    (void)state;
    uint8_t *before = tlsf_malloc(h.t, 5000);
    uint8_t *p = tlsf_malloc(h.t, 100);
    assert_non_null(tlsf_malloc(h.t, 10));
    uint8_t *fitting = tlsf_malloc(h.t, 300);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    fill(p);
    tlsf_free(h.t, before);
    tlsf_free(h.t, fitting);
    assert_ptr_equal(tlsf_realloc(h.t, p, 250), fitting);
    expect_filled(fitting, 100);
    heap_end(&h);
}

/* Verifies T11, T125. */
static void realloc_failing_request_changes_nothing(void **state) {
    crowd c = crowd_make(100, 100, 100);
    snapshot before = snapshot_take(&c.h);
    (void)state;
    assert_null(tlsf_realloc(c.h.t, c.p, inner_of(c.p) + 1));
    assert_null(tlsf_realloc(c.h.t, c.p, 100000));
    assert_null(tlsf_realloc(c.h.t, c.p, tlsf_block_size_max()));
    assert_null(tlsf_realloc(c.h.t, c.p, tlsf_block_size_max() + 1));
    snapshot_expect_unchanged(&c.h, &before, 4);
    heap_end(&c.h);
}

/* Verifies T11, T125, T132. */
static void realloc_size_max_and_neighbours_change_nothing(void **state) {
    heap h = heap_make(4096);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, 100);
    fill(p);
    snapshot before = snapshot_take(&h);
    for (size_t less = 0; less < 100; less++) {
        assert_null(tlsf_realloc(h.t, p, SIZE_MAX - less));
        assert_null(tlsf_realloc(h.t, NULL, SIZE_MAX - less));
        assert_null(tlsf_realloc_aligned(h.t, p, 64, SIZE_MAX - less));
        assert_null(tlsf_realloc_aligned(h.t, NULL, 64, SIZE_MAX - less));
        assert_null(tlsf_realloc(h.t, p, SIZE_MAX / 2 + 50 - less));
    }
    snapshot_expect_unchanged(&h, &before, 500);
    heap_end(&h);
}

/* ---- tlsf_realloc_aligned ----------------------------------------------------------- */

/* Verifies T129, T131, T132. */
static void realloc_aligned_null_allocates_aligned(void **state) {
    heap h = heap_make(65536);
    (void)state;
    for (size_t align = 1; align <= 8192; align *= 2) {
        void *p = tlsf_realloc_aligned(h.t, NULL, align, 50);
        assert_non_null(p);
        assert_true(is_aligned(p, align));
        tlsf_free(h.t, p);
    }
    heap_end(&h);
}

/* Verifies T129, T131. */
static void realloc_aligned_keeps_alignment_and_content(void **state) {
    heap h = heap_make(200000);
    (void)state;
    for (size_t align = 1; align <= 8192; align *= 2) {
        uint8_t *p = tlsf_memalign(h.t, align, 64);
        assert_non_null(tlsf_malloc(h.t, 10)); /* no room behind */
        fill(p);
        uint8_t *grown = tlsf_realloc_aligned(h.t, p, align, 500);
        assert_non_null(grown);
        assert_true(is_aligned(grown, align));
        expect_filled(grown, 64);
        fill(grown);
        assert_ptr_equal(tlsf_realloc_aligned(h.t, grown, align, 30), grown);
        expect_filled(grown, 30);
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    }
    heap_end(&h);
}

/* Verifies T130, T131. */
static void realloc_aligned_aligned_block_stays_in_place(void **state) {
    heap h = heap_make(65536);
    (void)state;
    uint8_t *p = tlsf_memalign(h.t, 1024, 64);
    fill(p);
    assert_ptr_equal(tlsf_realloc_aligned(h.t, p, 1024, 3000), p);
    assert_ptr_equal(tlsf_realloc_aligned(h.t, p, 512, 100), p);
    assert_ptr_equal(tlsf_realloc_aligned(h.t, p, 0, 200), p);
    expect_filled(p, 64);
    heap_end(&h);
}

/* Verifies T129, T130. */
static void realloc_aligned_unaligned_block_moves_even_to_shrink(void **state) {
    heap h = heap_make(65536);
    (void)state;
    void *first = tlsf_memalign(h.t, 4096, 10);
    uint8_t *p = tlsf_malloc(h.t, 500);
    while (p != NULL && is_aligned(p, 4096)) {
        p = tlsf_malloc(h.t, 500);
    }
    assert_non_null(first);
    assert_non_null(p);
    fill(p);
    uint8_t *q = tlsf_realloc_aligned(h.t, p, 4096, 100);
    assert_non_null(q);
    assert_true(is_aligned(q, 4096));
    expect_filled(q, 100);
    heap_end(&h);
}

/* Verifies T132. */
static void realloc_aligned_to_zero_frees(void **state) {
    heap h = heap_make(4096);
    (void)state;
    void *p = tlsf_memalign(h.t, 64, 100);
    assert_null(tlsf_realloc_aligned(h.t, p, 64, 0));
    assert_int_equal(pool_blocks(tlsf_get_pool(h.t)), 1);
    assert_int_equal(stats_of(h.t).failures, 0);
    heap_end(&h);
}

/* Verifies T11, T132. */
static void realloc_aligned_no_power_of_two_changes_nothing(void **state) {
    heap h = heap_make(4096);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, 100);
    fill(p);
    snapshot before = snapshot_take(&h);
    const size_t aligns[] = {3, 5, 6, 7, 9, 24, 100, SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 2};
    for (size_t i = 0; i < COUNT_OF(aligns); i++) {
        assert_null(tlsf_realloc_aligned(h.t, p, aligns[i], 50));
        assert_null(tlsf_realloc_aligned(h.t, p, aligns[i], 200));
        assert_null(tlsf_realloc_aligned(h.t, p, aligns[i], 0));
        assert_null(tlsf_realloc_aligned(h.t, NULL, aligns[i], 50));
    }
    snapshot_expect_unchanged(&h, &before, 4 * COUNT_OF(aligns));
    heap_end(&h);
}

/* Verifies T11, T132. */
static void realloc_aligned_alignment_beyond_heap_changes_nothing(void **state) {
    heap h = heap_make(4096);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, 100);
    fill(p);
    snapshot before = snapshot_take(&h);
    size_t tried = 0;
    for (size_t align = SIZE_MAX / 2 + 1; !is_aligned(p, align) && align > 8192; align /= 2) {
        assert_null(tlsf_realloc_aligned(h.t, p, align, 50));
        assert_null(tlsf_realloc_aligned(h.t, p, align, 5000));
        tried += 2;
    }
    assert_true(tried > 20);
    snapshot_expect_unchanged(&h, &before, tried);
    heap_end(&h);
}

/* ---- tlsf_realloc_begin and tlsf_realloc_end -------------------------------------------- */

/* A realloc in two halves. Between them the heap is sound and serves another request. */
static void *in_halves(heap *h, void *ptr, size_t align, size_t bytes) {
    tlsf_move_t move;
    void *block = tlsf_realloc_begin(h->t, ptr, align, bytes, &move);
    assert_int_equal(tlsf_check(h->t), TLSF_SOUND);
    if (ptr == NULL || block == NULL || block == ptr) {
        return block;
    }
    assert_ptr_equal(move.to, block);
    assert_ptr_equal(move.from, ptr);
    tlsf_free(h->t, tlsf_malloc(h->t, 1));
    memmove(move.to, move.from, move.bytes);
    assert_int_equal(tlsf_check(h->t), TLSF_SOUND);
    block = tlsf_realloc_end(h->t, &move);
    assert_int_equal(tlsf_check(h->t), TLSF_SOUND);
    return block;
}

/* Verifies T139, T140, T141. */
static void realloc_in_halves_without_a_move_is_done_after_the_first(void **state) {
    crowd c = crowd_make(500, 200, 10);
    (void)state;
    const size_t used = stats_of(c.h.t).used_bytes;
    assert_null(in_halves(&c.h, c.p, 3, 100));
    assert_null(in_halves(&c.h, c.p, 3, 0));
    assert_null(in_halves(&c.h, c.p, 0, SIZE_MAX));
    assert_null(in_halves(&c.h, c.p, 0, 2000));              /* no room */
    assert_null(in_halves(&c.h, c.p, (size_t)1 << 24, 200)); /* no plan allows the gap */
    assert_null(in_halves(&c.h, NULL, 0, 2000));
    assert_int_equal(stats_of(c.h.t).failures, counted(6));
    assert_ptr_equal(in_halves(&c.h, c.p, 0, 100), c.p);
    assert_ptr_equal(in_halves(&c.h, c.p, 0, 150), c.p);
    expect_filled(c.p, 100);
    assert_null(in_halves(&c.h, c.p, 0, 0));
    assert_non_null(in_halves(&c.h, NULL, 0, 100));
    assert_true(stats_of(c.h.t).used_bytes <= used);
    heap_end(&c.h);
}

/* Each way to move gives the block the place and the size that tlsf_realloc gives it. */
static void expect_as_tlsf_realloc(size_t before, size_t after, bool has_rest, size_t bytes) {
    void *places[2];
    size_t sizes[2], used[2];
    for (int halves = 0; halves < 2; halves++) {
        crowd c = crowd_make(before, 200, after);
        tlsf_free(c.h.t, before > 400 ? c.before : NULL);
        tlsf_free(c.h.t, after > 400 ? c.after : NULL);
        tlsf_free(c.h.t, has_rest ? c.rest : NULL);
        uint8_t *moved = halves ? in_halves(&c.h, c.p, 0, bytes) : tlsf_realloc(c.h.t, c.p, bytes);
        assert_non_null(moved);
        expect_filled(moved, 200);
        places[halves] = (void *)(moved - (uint8_t *)c.h.t);
        sizes[halves] = outer_of(moved);
        used[halves] = stats_of(c.h.t).used_bytes;
        heap_end(&c.h);
    }
    assert_ptr_equal(places[0], places[1]);
    assert_int_equal(sizes[0], sizes[1]);
    assert_int_equal(used[0], used[1]);
}

/* Verifies T133, T134, T135, T136, T139, T143, T144. */
static void realloc_in_halves_moves_as_tlsf_realloc_does(void **state) {
    (void)state;
    expect_as_tlsf_realloc(500, 10, false, 600);   /* backwards, into a part of the room */
    expect_as_tlsf_realloc(500, 10, false, 690);   /* backwards, into nearly all of it */
    expect_as_tlsf_realloc(1500, 10, false, 500);  /* backwards, beyond where the block lay */
    expect_as_tlsf_realloc(500, 500, false, 1000); /* into the room on both sides */
    expect_as_tlsf_realloc(10, 10, true, 600);     /* elsewhere */
    expect_as_tlsf_realloc(1500, 10, true, 600);   /* backwards or elsewhere */
}

/* Verifies T136, T141. */
static void realloc_in_halves_keeps_alignment(void **state) {
    heap h = heap_make(16384);
    (void)state;
    uint8_t *p = tlsf_malloc(h.t, 100);
    const size_t align = (uintptr_t)p % 2048 == 0 ? 4096 : 2048;
    fill(p);
    uint8_t *moved = in_halves(&h, p, align, 80);
    assert_int_equal((uintptr_t)moved % align, 0);
    expect_filled(moved, 80);
    assert_int_equal(stats_of(h.t).live_blocks, counted(1));
    heap_end(&h);
}

/* Both places are in use until the end. */
/* Verifies T128, T138. */
static void realloc_in_halves_peak_counts_both_places(void **state) {
    crowd c = crowd_make(500, 200, 10);
    tlsf_move_t move;
    (void)state;
    tlsf_free(c.h.t, c.before);
    const size_t used = stats_of(c.h.t).used_bytes;
    void *moved = tlsf_realloc_begin(c.h.t, c.p, 0, 600, &move);
    const size_t joined = outer_for(500) + outer_for(200);
    assert_int_equal(outer_of(moved), joined);
    assert_int_equal(stats_of(c.h.t).used_bytes, used + counted(joined - outer_for(200)));
    memmove(move.to, move.from, move.bytes);
    assert_ptr_equal(tlsf_realloc_end(c.h.t, &move), moved);
    assert_int_equal(outer_of(moved), outer_for(600));
    expect_filled(moved, 200);
    heap_end(&c.h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(realloc_null_allocates),
        cmocka_unit_test(realloc_to_zero_frees),
        cmocka_unit_test(realloc_shrink_stays_and_gives_rest_back),
        cmocka_unit_test(realloc_shrink_full_heap_stays),
        cmocka_unit_test(realloc_same_size_stays),
        cmocka_unit_test(realloc_grow_into_free_block_behind_stays),
        cmocka_unit_test(realloc_grow_to_all_of_free_block_behind_stays),
        cmocka_unit_test(realloc_only_room_is_before_slides_back),
        cmocka_unit_test(realloc_room_on_both_sides_is_joined),
        cmocka_unit_test(realloc_room_behind_is_taken_before_room_in_front),
        cmocka_unit_test(realloc_no_room_around_moves),
        cmocka_unit_test(realloc_joined_room_is_smaller_slides_back),
        cmocka_unit_test(realloc_other_block_is_smaller_moves),
        cmocka_unit_test(realloc_failing_request_changes_nothing),
        cmocka_unit_test(realloc_size_max_and_neighbours_change_nothing),
        cmocka_unit_test(realloc_aligned_null_allocates_aligned),
        cmocka_unit_test(realloc_aligned_keeps_alignment_and_content),
        cmocka_unit_test(realloc_aligned_aligned_block_stays_in_place),
        cmocka_unit_test(realloc_aligned_unaligned_block_moves_even_to_shrink),
        cmocka_unit_test(realloc_aligned_to_zero_frees),
        cmocka_unit_test(realloc_aligned_no_power_of_two_changes_nothing),
        cmocka_unit_test(realloc_aligned_alignment_beyond_heap_changes_nothing),
        cmocka_unit_test(realloc_in_halves_without_a_move_is_done_after_the_first),
        cmocka_unit_test(realloc_in_halves_moves_as_tlsf_realloc_does),
        cmocka_unit_test(realloc_in_halves_keeps_alignment),
        cmocka_unit_test(realloc_in_halves_peak_counts_both_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
