/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_bounded_check: each invariant, broken alone in a heap with blocks in two lanes, gives its
 * number. And how the lanes share the region.
 */
#include "support/bounded_internals.h"
#include "support/guarded_heap.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 40, LARGEST = 5000, LIVE = 20000, BLOCKS = 60 };

typedef struct {
    region memory;
    bounded_heap *b;
    void *small[BLOCKS];
    uint8_t *image; /* of the sound heap */
} fixture;

/* Chunks of the first lane, with a free place between them, and a block in the last lane. */
static fixture fixture_make(void) {
    const size_t bytes = tlsf_bounded_size_for(LIVE, SMALLEST, LARGEST);
    fixture f = {.memory = region_make(bytes, 0)};
    const tlsf_bounded_t t = tlsf_bounded_create(f.memory.begin, bytes, SMALLEST, LARGEST);
    assert_non_null(t);
    f.b = bounded_of(t);
    for (size_t i = 0; i < BLOCKS; i++) {
        f.small[i] = tlsf_bounded_malloc(t, SMALLEST);
        assert_non_null(f.small[i]);
    }
    assert_non_null(tlsf_bounded_malloc(t, LARGEST));
    f.image = malloc(bytes);
    assert_non_null(f.image);
    memcpy(f.image, f.memory.begin, bytes);
    assert_int_equal(tlsf_bounded_check(t), TLSF_BOUNDED_SOUND);
    return f;
}

/* The check writes nothing. Then the heap is mended. */
static void expect_broken(fixture *f, tlsf_bounded_invariant expected) {
    uint8_t *broken = malloc(f->memory.bytes);
    assert_non_null(broken);
    memcpy(broken, f->memory.begin, f->memory.bytes);
    assert_int_equal(tlsf_bounded_check((tlsf_bounded_t)f->b), expected);
    assert_memory_equal(broken, f->memory.begin, f->memory.bytes);
    memcpy(f->memory.begin, f->image, f->memory.bytes);
    free(broken);
}

static void fixture_end(fixture *f) {
    assert_int_equal(tlsf_bounded_check((tlsf_bounded_t)f->b), TLSF_BOUNDED_SOUND);
    free(f->image);
    region_free(&f->memory);
}

/* ---- the invariants ----------------------------------------------------------------- */

/* Verifies B55, B61, B62, B63. */
static void check_broken_plan_gives_1(void **state) {
    fixture f = fixture_make();
    (void)state;
    f.b->taken = f.b->units + 1;
    expect_broken(&f, TLSF_BOUNDED_BROKEN_PLAN);
    f.b->lanes[0].smallest = f.b->lanes[0].largest * 2;
    expect_broken(&f, TLSF_BOUNDED_BROKEN_PLAN);
    f.b->right = f.b->end;
    expect_broken(&f, TLSF_BOUNDED_BROKEN_PLAN);
    fixture_end(&f);
}

/* A header of a block in a chunk. Verifies B56, B63. */
static void check_broken_lane_gives_2(void **state) {
    fixture f = fixture_make();
    (void)state;
    memset((uint8_t *)f.small[1] - header_bytes(), 0, header_bytes());
    expect_broken(&f, TLSF_BOUNDED_BROKEN_LANE);
    fixture_end(&f);
}

/* Verifies B57, B63. */
static void check_broken_places_gives_3(void **state) {
    fixture f = fixture_make();
    (void)state;
    f.b->map[0] = PLACE_NONE;
    expect_broken(&f, TLSF_BOUNDED_BROKEN_PLACES);
    f.b->map[1] = place_entry(PLACE_CHUNK, 1); /* at no multiple of its size */
    expect_broken(&f, TLSF_BOUNDED_BROKEN_PLACES);
    fixture_end(&f);
}

static size_t free_level(const bounded_heap *b) {
    for (unsigned level = 0; level < b->last; level++) {
        if (b->free_places[level] != NULL) {
            return level;
        }
    }
    fail_msg("no place is free");
    return 0;
}

/* Verifies B58, B63. */
static void check_broken_free_places_gives_4(void **state) {
    fixture f = fixture_make();
    (void)state;
    f.b->free_places[free_level(f.b)] = NULL;
    expect_broken(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    fixture_end(&f);
}

/* Four free places that were one wait to be one: with what lists say, only their number is wrong.
 * Verifies B58. */
static void check_four_free_places_apart_gives_4(void **state) {
    fixture f = fixture_make();
    bounded_heap *b = f.b;
    (void)state;
    assert_true(b->last >= 2);
    const unsigned level = b->last - 1;
    assert_true(places_extend(b));
    const size_t unit = b->taken - level_units(level);
    place_unlist(b, unit, level);
    for (size_t part = 0; part < 4; part++) {
        place_list(b, unit + part * level_units(level - 1), level - 1);
    }
    expect_broken(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    fixture_end(&f);
}

/* A chunk whose blocks were freed behind the back of the heap. Verifies B59, B63. */
static void check_chunk_without_live_block_gives_5(void **state) {
    fixture f = fixture_make();
    const bounded_lane *lane = &f.b->lanes[0];
    const pool_t chunk = tlsf_owner(lane->heap, f.small[0]);
    (void)state;
    assert_non_null(chunk);
    for (size_t i = 0; i < BLOCKS; i++) {
        if (tlsf_owner(lane->heap, f.small[i]) == chunk) {
            tlsf_free(lane->heap, f.small[i]);
        }
    }
    expect_broken(&f, TLSF_BOUNDED_BROKEN_CHUNK);
    fixture_end(&f);
}

/* Verifies B60, B63. */
static void check_wrong_counts_give_6(void **state) {
    fixture f = fixture_make();
    (void)state;
    f.b->live_blocks++;
    expect_broken(&f, TLSF_BOUNDED_BROKEN_LIVE);
    f.b->used += TLSF_GRANULE;
    f.b->peak = f.b->used;
    expect_broken(&f, TLSF_BOUNDED_BROKEN_LIVE);
    f.b->peak = f.b->used - 1;
    expect_broken(&f, TLSF_BOUNDED_BROKEN_LIVE);
    fixture_end(&f);
}

/* ---- the region --------------------------------------------------------------------- */

/* Chunks come from the beginning, and the last lane grows from the end. Each lane's blocks lie in
 * the pools of its own heap.
 * Verifies B4, B5, B6. */
static void lanes_have_pools_of_their_own(void **state) {
    fixture f = fixture_make();
    bounded_heap *b = f.b;
    (void)state;
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_true((unsigned char *)f.small[i] < place_address(b, b->taken));
        for (unsigned g = 0; g <= b->last; g++) {
            assert_int_equal(tlsf_owner(b->lanes[g].heap, f.small[i]) != NULL, g == 0);
        }
    }
    assert_true((unsigned char *)(void *)tlsf_get_pool(b->lanes[b->last].heap) >= b->right);
    fixture_end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_broken_plan_gives_1),
        cmocka_unit_test(check_broken_lane_gives_2),
        cmocka_unit_test(check_broken_places_gives_3),
        cmocka_unit_test(check_broken_free_places_gives_4),
        cmocka_unit_test(check_four_free_places_apart_gives_4),
        cmocka_unit_test(check_chunk_without_live_block_gives_5),
        cmocka_unit_test(check_wrong_counts_give_6),
        cmocka_unit_test(lanes_have_pools_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
