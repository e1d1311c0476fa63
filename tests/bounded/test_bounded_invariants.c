/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_bounded_check. Each case breaks one part of an invariant, at its limit where it has one. The
 * check returns that invariant's number and writes nothing.
 *
 * Each case verifies B55, B56, B57, B58, B59, B60, B61, B62, B63, unless it says otherwise.
 */
#include "support/bounded_internals.h"
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 40, LARGEST = 5000, LANES = 4, LARGEST_PLACES = 5 };

/* A heap with lanes 0 to 3. Its places are one of each kind, in this order of units:
 *
 *      0  chunk of lane 0     4  chunk of lane 1    16, 32, 48  chunks of lane 2
 *      1, 2, 3  free          8, 12  free           64  free */
typedef struct {
    region memory;
    bounded_heap *b;
    uint8_t *sound; /* a copy of the whole region */
    void *block[LANES];
} broken;

static broken broken_make(void) {
    static void *large[64];
    const size_t bytes = 260000;
    broken f = {.memory = region_make(bytes, 5)};
    tlsf_bounded_t t = tlsf_bounded_create(f.memory.begin, bytes, SMALLEST, LARGEST);
    f.b = bounded_of(t);
    assert_int_equal(f.b->last, LANES - 1);
    for (unsigned g = 0; g < LANES; g++) {
        f.block[g] = tlsf_bounded_malloc(t, f.b->lanes[g].largest);
        assert_non_null(f.block[g]);
    }
    size_t count = 0;
    while (f.b->taken < LARGEST_PLACES * level_units(LANES - 2)) {
        large[count] = tlsf_bounded_malloc(t, f.b->lanes[LANES - 2].largest);
        assert_non_null(large[count++]);
    }
    tlsf_bounded_free(t, large[count - 1]); /* the last place has this block alone */
    assert_true(place_is(f.b, 64, PLACE_FREE, 2) && place_is(f.b, 48, PLACE_CHUNK, 2));
    assert_true(place_is(f.b, 4, PLACE_CHUNK, 1) && place_is(f.b, 12, PLACE_FREE, 1));
    assert_true(place_is(f.b, 0, PLACE_CHUNK, 0) && place_is(f.b, 3, PLACE_FREE, 0));
    f.sound = malloc(bytes);
    assert_non_null(f.sound);
    memcpy(f.sound, f.memory.begin, bytes);
    return f;
}

static int checked(const broken *f) { return tlsf_bounded_check((tlsf_bounded_t)f->b); }

static void broken_end(broken *f) {
    assert_int_equal(checked(f), TLSF_BOUNDED_SOUND);
    assert_true(region_is_guarded(&f->memory));
    region_free(&f->memory);
    free(f->sound);
}

/* Checks the heap as it is now, and restores it. */
static void expect(broken *f, int invariant) {
    uint8_t *before = malloc(f->memory.bytes);
    assert_non_null(before);
    memcpy(before, f->memory.begin, f->memory.bytes);
    assert_string_equal(tlsf_bounded_invariant_name(checked(f)),
                        tlsf_bounded_invariant_name(invariant));
    assert_memory_equal(before, f->memory.begin, f->memory.bytes);
    free(before);
    memcpy(f->memory.begin, f->sound, f->memory.bytes);
}

/* ---- the plan ----------------------------------------------------------------------- */

static size_t outer_largest(const bounded_lane *lane) {
    return lane->largest + tlsf_alloc_overhead();
}

static void check_lane_of_no_size_or_too_wide_is_broken_plan(void **state) {
    (void)state;
    broken f = broken_make();
    bounded_lane *last = &f.b->lanes[LANES - 1];
    last->smallest = outer_largest(last);
    expect(&f, TLSF_BOUNDED_SOUND);
    last->smallest = outer_largest(last) + 1;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    last->largest = 4 * last->smallest - tlsf_alloc_overhead();
    expect(&f, TLSF_BOUNDED_SOUND);
    last->largest = 4 * last->smallest - tlsf_alloc_overhead() + 1;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    f.b->lanes[0].largest += 1;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    broken_end(&f);
}

static void check_lane_that_overlaps_the_lane_before_is_broken_plan(void **state) {
    (void)state;
    broken f = broken_make();
    for (unsigned g = 1; g < LANES; g++) {
        f.b->lanes[g].smallest = outer_largest(&f.b->lanes[g - 1]);
        expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
        f.b->lanes[g].smallest = outer_largest(&f.b->lanes[g - 1]) + 1;
        expect(&f, TLSF_BOUNDED_SOUND);
    }
    broken_end(&f);
}

static void check_too_many_lanes_is_broken_plan(void **state) {
    (void)state;
    broken f = broken_make();
    f.b->last = LANES_MAX;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    f.b->last = (unsigned)-1;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    broken_end(&f);
}

/* All 8 lanes are no break. */
static void check_most_lanes_is_sound(void **state) {
    (void)state;
    const size_t least = outer_for(1);
    const size_t largest = ((size_t)1 << 16) * least - tlsf_alloc_overhead();
    const size_t bytes = tlsf_bounded_size_for(2 * largest, 1, largest);
    if (bytes == 0) {
        SKIP_BECAUSE("the largest chunk is no pool here");
    }
    region r = region_make(bytes, 0);
    tlsf_bounded_t t = tlsf_bounded_create(r.begin, bytes, 1, largest);
    assert_int_equal(bounded_of(t)->last, LANES_MAX - 1);
    assert_non_null(tlsf_bounded_malloc(t, largest));
    assert_non_null(tlsf_bounded_malloc(t, 1));
    assert_int_equal(tlsf_bounded_check(t), TLSF_BOUNDED_SOUND);
    assert_true(region_is_guarded(&r));
    region_free(&r);
}

static void check_more_units_taken_than_there_are_is_broken_plan(void **state) {
    (void)state;
    broken f = broken_make();
    f.b->units = f.b->taken;
    expect(&f, TLSF_BOUNDED_SOUND);
    f.b->units = f.b->taken - 1;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    broken_end(&f);
}

static void check_addresses_out_of_order_is_broken_plan(void **state) {
    (void)state;
    broken f = broken_make();
    f.b->right = place_address(f.b, f.b->taken);
    expect(&f, TLSF_BOUNDED_SOUND);
    f.b->right = place_address(f.b, f.b->taken) - 1;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    f.b->right = f.b->left - 1;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    f.b->end = f.b->right - 1;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    broken_end(&f);
}

/* The last lane has a pool if and only if it has memory. */
static void check_last_pool_without_memory_or_memory_without_it_is_broken_plan(void **state) {
    (void)state;
    broken f = broken_make();
    f.b->last_pool = NULL;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    f.b->right = f.b->end;
    expect(&f, TLSF_BOUNDED_BROKEN_PLAN);
    broken_end(&f);
}

/* ---- lanes -------------------------------------------------------------------------- */

static void check_broken_heap_of_each_lane_is_broken_lane(void **state) {
    (void)state;
    broken f = broken_make();
    for (unsigned g = 0; g < LANES; g++) {
        memset((uint8_t *)f.block[g] - header_bytes(), 0, header_bytes());
        expect(&f, TLSF_BOUNDED_BROKEN_LANE);
    }
    broken_end(&f);
}

/* ---- places ------------------------------------------------------------------------- */

static void check_entry_that_is_no_place_is_broken_places(void **state) {
    static const unsigned char none[] = {PLACE_NONE, 1, PLACE_FREE | PLACE_CHUNK, 0x40, 0x80};
    (void)state;
    broken f = broken_make();
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        f.b->map[0] = none[i];
        expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
        f.b->map[f.b->taken - 16] = none[i];
        expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
    }
    broken_end(&f);
}

static void check_entry_where_no_place_begins_is_broken_places(void **state) {
    (void)state;
    broken f = broken_make();
    f.b->map[5] = place_entry(PLACE_FREE, 0); /* in the chunk of lane 1 */
    expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
    f.b->map[f.b->taken - 1] = place_entry(PLACE_FREE, 0);
    expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
    f.b->map[f.b->taken] = place_entry(PLACE_FREE, 0);
    expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
    f.b->map[f.b->units - 1] = place_entry(PLACE_FREE, 0);
    expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
    broken_end(&f);
}

/* The places are side by side, but one is none of the buddy system's. */
static void check_place_at_no_multiple_of_its_size_is_broken_places(void **state) {
    (void)state;
    broken f = broken_make();
    memset(f.b->map, PLACE_NONE, 16);
    f.b->map[0] = place_entry(PLACE_FREE, 0);
    f.b->map[1] = place_entry(PLACE_FREE, 1);
    for (size_t unit = 5; unit < 16; unit++) {
        f.b->map[unit] = place_entry(PLACE_FREE, 0);
    }
    expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
    broken_end(&f);
}

/* No chunk has the size of the last lane's level. */
static void check_place_of_the_last_lanes_level_is_broken_places(void **state) {
    (void)state;
    broken f = broken_make();
    memset(f.b->map, PLACE_NONE, 64);
    f.b->map[0] = place_entry(PLACE_CHUNK, LANES - 1);
    expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
    broken_end(&f);
}

static void check_place_beyond_what_is_taken_is_broken_places(void **state) {
    (void)state;
    broken f = broken_make();
    f.b->taken -= 4; /* the last place has 16 units */
    expect(&f, TLSF_BOUNDED_BROKEN_PLACES);
    broken_end(&f);
}

/* ---- free places -------------------------------------------------------------------- */

static void check_free_place_in_no_list_is_broken_free_places(void **state) {
    (void)state;
    broken f = broken_make();
    for (unsigned level = 0; level < LANES - 1; level++) {
        f.b->free_places[level] = NULL;
        expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    }
    f.b->free_places[1] = f.b->free_places[1]->next;
    f.b->free_places[1]->previous = NULL;
    expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    broken_end(&f);
}

/* The list has as many places as there are free ones, or one more. */
static void check_list_with_another_place_is_broken_free_places(void **state) {
    (void)state;
    broken f = broken_make();
    /* within the free place of level 1 that begins at unit 8 */
    bounded_place *other = place_at(f.b, 9);
    *other = *f.b->free_places[0];
    other->next->previous = other;
    f.b->free_places[0] = other;
    expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    bounded_place *inside = place_at(f.b, 64) + 1;
    place_at(f.b, 64)->next = inside;
    inside->previous = place_at(f.b, 64);
    inside->next = NULL;
    expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    broken_end(&f);
}

static void check_wrong_previous_link_is_broken_free_places(void **state) {
    (void)state;
    broken f = broken_make();
    f.b->free_places[0]->previous = f.b->free_places[0];
    expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    f.b->free_places[0]->next->previous = NULL;
    expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    f.b->free_places[0]->next->next->previous = f.b->free_places[0];
    expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    broken_end(&f);
}

/* Divides the free place at `unit` of `level` into its four parts. */
static void divide(bounded_heap *b, size_t unit, unsigned level) {
    place_unlist(b, unit, level);
    for (size_t i = 0; i < 4; i++) {
        place_list(b, unit + i * level_units(level - 1), level - 1);
    }
}

static void check_four_free_places_that_could_join_is_broken_free_places(void **state) {
    (void)state;
    broken f = broken_make();
    divide(f.b, 12, 1);
    expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    divide(f.b, 64, 2);
    expect(&f, TLSF_BOUNDED_BROKEN_FREE_PLACES);
    broken_end(&f);
}

/* They lie side by side, and are parts of two places. */
static void check_four_free_places_of_two_are_sound(void **state) {
    enum { CHUNKS = 6, BLOCKS_MOST = 128 };
    (void)state;
    for (unsigned g = 0; g < LANES - 2; g++) {
        const size_t bytes = 600000;
        region r = region_make(bytes, 0);
        tlsf_bounded_t t = tlsf_bounded_create(r.begin, bytes, SMALLEST, LARGEST);
        const bounded_heap *b = bounded_of(t);
        void *blocks[BLOCKS_MOST];
        size_t count = 0, unit = 0;
        do {
            assert_true(count < BLOCKS_MOST);
            blocks[count] = tlsf_bounded_malloc(t, b->lanes[g].largest);
            assert_int_equal(place_of(b, blocks[count++], &unit), g);
        } while (unit < (CHUNKS - 1) * level_units(g));
        for (size_t i = 0; i < count; i++) {
            (void)place_of(b, blocks[i], &unit);
            if (unit != 0 && unit != (CHUNKS - 1) * level_units(g)) {
                tlsf_bounded_free(t, blocks[i]);
            }
        }
        assert_true(parts_are_free(b, level_units(g), g));
        assert_int_equal(tlsf_bounded_check(t), TLSF_BOUNDED_SOUND);
        region_free(&r);
    }
}

/* A largest place has been part of none. */
static void check_four_free_largest_places_are_sound(void **state) {
    (void)state;
    const size_t bytes = 260000;
    region r = region_make(bytes, 0);
    tlsf_bounded_t t = tlsf_bounded_create(r.begin, bytes, SMALLEST, LARGEST);
    void *blocks[128];
    size_t count = 0;
    while (bounded_of(t)->taken < 4 * level_units(LANES - 2)) {
        assert_true(count < COUNT_OF(blocks));
        blocks[count++] = tlsf_bounded_malloc(t, bounded_of(t)->lanes[LANES - 2].largest);
    }
    while (count > 0) {
        tlsf_bounded_free(t, blocks[--count]);
    }
    assert_true(parts_are_free(bounded_of(t), 0, LANES - 2));
    assert_int_equal(tlsf_bounded_check(t), TLSF_BOUNDED_SOUND);
    region_free(&r);
}

/* ---- chunks ------------------------------------------------------------------------- */

static void check_chunk_that_is_no_pool_of_its_lane_is_broken_chunk(void **state) {
    (void)state;
    broken f = broken_make();
    static const struct {
        size_t unit;
        unsigned level;
    } frees[] = {{3, 0}, {12, 1}, {64, 2}};
    for (size_t i = 0; i < COUNT_OF(frees); i++) {
        place_unlist(f.b, frees[i].unit, frees[i].level);
        f.b->map[frees[i].unit] = place_entry(PLACE_CHUNK, frees[i].level);
        expect(&f, TLSF_BOUNDED_BROKEN_CHUNK);
    }
    broken_end(&f);
}

static void check_chunk_without_live_block_is_broken_chunk(void **state) {
    (void)state;
    broken f = broken_make();
    for (unsigned g = 0; g < 2; g++) { /* these chunks have one block each */
        tlsf_free(f.b->lanes[g].heap, f.block[g]);
        expect(&f, TLSF_BOUNDED_BROKEN_CHUNK);
    }
    broken_end(&f);
}

/* ---- what is live ------------------------------------------------------------------- */

static void check_wrong_counts_are_broken_live(void **state) {
    (void)state;
    broken f = broken_make();
    f.b->live_blocks++;
    expect(&f, TLSF_BOUNDED_BROKEN_LIVE);
    f.b->live_blocks--;
    expect(&f, TLSF_BOUNDED_BROKEN_LIVE);
    f.b->used++;
    expect(&f, TLSF_BOUNDED_BROKEN_LIVE);
    f.b->used--;
    expect(&f, TLSF_BOUNDED_BROKEN_LIVE);
    f.b->peak = f.b->used;
    expect(&f, TLSF_BOUNDED_SOUND);
    f.b->peak = f.b->used - 1;
    expect(&f, TLSF_BOUNDED_BROKEN_LIVE);
    broken_end(&f);
}

/* A block that the core freed behind the heap's back, in a chunk and in the last lane. */
static void check_block_that_is_no_more_is_broken_live(void **state) {
    (void)state;
    broken f = broken_make();
    tlsf_free(f.b->lanes[LANES - 2].heap, f.block[LANES - 2]); /* its chunk has others */
    expect(&f, TLSF_BOUNDED_BROKEN_LIVE);
    tlsf_free(f.b->lanes[LANES - 1].heap, f.block[LANES - 1]);
    expect(&f, TLSF_BOUNDED_BROKEN_LIVE);
    broken_end(&f);
}

/* ---- names -------------------------------------------------------------------------- */

/* Verifies B65, B66. */
static void invariant_name_every_number_has_its_own(void **state) {
    static const char *const names[] = {"sound",       "plan",  "lane", "places",
                                        "free places", "chunk", "live"};
    (void)state;
    for (int i = 0; i < (int)COUNT_OF(names); i++) {
        assert_string_equal(tlsf_bounded_invariant_name(i), names[i]);
    }
    assert_string_equal(tlsf_bounded_invariant_name((int)COUNT_OF(names)), "unknown");
    assert_string_equal(tlsf_bounded_invariant_name(-1), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_lane_of_no_size_or_too_wide_is_broken_plan),
        cmocka_unit_test(check_lane_that_overlaps_the_lane_before_is_broken_plan),
        cmocka_unit_test(check_too_many_lanes_is_broken_plan),
        cmocka_unit_test(check_most_lanes_is_sound),
        cmocka_unit_test(check_more_units_taken_than_there_are_is_broken_plan),
        cmocka_unit_test(check_addresses_out_of_order_is_broken_plan),
        cmocka_unit_test(check_last_pool_without_memory_or_memory_without_it_is_broken_plan),
        cmocka_unit_test(check_broken_heap_of_each_lane_is_broken_lane),
        cmocka_unit_test(check_entry_that_is_no_place_is_broken_places),
        cmocka_unit_test(check_entry_where_no_place_begins_is_broken_places),
        cmocka_unit_test(check_place_at_no_multiple_of_its_size_is_broken_places),
        cmocka_unit_test(check_place_of_the_last_lanes_level_is_broken_places),
        cmocka_unit_test(check_place_beyond_what_is_taken_is_broken_places),
        cmocka_unit_test(check_free_place_in_no_list_is_broken_free_places),
        cmocka_unit_test(check_list_with_another_place_is_broken_free_places),
        cmocka_unit_test(check_wrong_previous_link_is_broken_free_places),
        cmocka_unit_test(check_four_free_places_that_could_join_is_broken_free_places),
        cmocka_unit_test(check_four_free_places_of_two_are_sound),
        cmocka_unit_test(check_four_free_largest_places_are_sound),
        cmocka_unit_test(check_chunk_that_is_no_pool_of_its_lane_is_broken_chunk),
        cmocka_unit_test(check_chunk_without_live_block_is_broken_chunk),
        cmocka_unit_test(check_wrong_counts_are_broken_live),
        cmocka_unit_test(check_block_that_is_no_more_is_broken_live),
        cmocka_unit_test(invariant_name_every_number_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
