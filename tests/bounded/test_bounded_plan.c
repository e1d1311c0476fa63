/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plan of a bounded heap and its bound, computed again from docs/memory-bound.md with numbers
 * that are wide enough, and compared with what the library plans.
 */
#include "support/bounded_internals.h"
#include "support/class_reference.h"
#include "support/guarded_heap.h"
#include "support/space.h"
#include "support/suite.h"

/* ---- the specification -------------------------------------------------------------- */

typedef struct {
    unsigned lanes;
    uint64_t chunk[LANES_MAX];    /* C_g */
    uint64_t smallest[LANES_MAX]; /* m_g */
    uint64_t largest[LANES_MAX];  /* b_g */
} specified;

static uint64_t granule(void) { return tlsf_align_size(); }

static uint64_t at_most(uint64_t a, uint64_t b) { return a < b ? a : b; }

static uint64_t at_least(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* The plan for requests of these bytes; without lanes if it needs more than 8. */
static specified specify(size_t smallest, size_t largest) {
    specified s = {0};
    const uint64_t m = at_least(outer_needed(smallest), outer_min());
    const uint64_t n = at_least(outer_needed(largest), outer_min());
    uint64_t chunk = 1;
    while (chunk < 6 * 4 * m) {
        chunk *= 2;
    }
    uint64_t least = m, most = 4 * m;
    for (s.lanes = 0; s.lanes < 8; least = most + granule(), most *= 4, chunk *= 4) {
        s.chunk[s.lanes] = chunk;
        s.smallest[s.lanes] = least;
        s.largest[s.lanes] = at_most(most, n);
        s.lanes++;
        if (most >= n) {
            return s;
        }
    }
    s.lanes = 0;
    return s;
}

/* h: the largest size in the class of the next smaller size. */
static uint64_t hole(uint64_t outer) {
    const uint64_t n = outer / granule() - 1, per_row = (uint64_t)1 << TLSF_SL_BITS;
    return (reference_lower(n, per_row) + reference_width(n, per_row) - 1) * granule();
}

/* lambda: what a block has beyond its request. */
static uint64_t beyond(uint64_t outer) {
    const uint64_t per_row = (uint64_t)1 << TLSF_SL_BITS;
    const uint64_t width = TLSF_ROUND_TO_CLASS ? reference_width(outer / granule(), per_row) : 1;
    return outer_min() - granule() + (width - 1) * granule();
}

/* q: the least of max(x m, C - o - h - x (h + lambda)) over x = 1, 2, ... */
static uint64_t chunk_live_least(const specified *s, unsigned g) {
    const uint64_t b = s->largest[g], room = s->chunk[g] - tlsf_pool_overhead();
    uint64_t least = UINT64_MAX;
    for (uint64_t x = 1; x <= 64; x++) {
        const uint64_t holes = hole(b) + x * (hole(b) + beyond(b));
        least = at_most(least, at_least(x * s->smallest[g], holes < room ? room - holes : 0));
    }
    return least;
}

/* Lemmas 3 and 4. */
static uint64_t places_most(const specified *s, uint64_t live) {
    uint64_t chunks = 0, split = 0;
    for (unsigned g = 0; g + 1 < s->lanes; g++) {
        split = (chunks + split + 3) / 4;
        chunks = live < s->smallest[g] ? 0 : 1 + (live - s->smallest[g]) / chunk_live_least(s, g);
    }
    return s->lanes < 2 ? 0 : (chunks + split) * s->chunk[s->lanes - 2];
}

/* Lemma 5. */
static uint64_t last_lane_most(const specified *s, uint64_t live) {
    const uint64_t least = s->smallest[s->lanes - 1], n = s->largest[s->lanes - 1];
    if (least == 0 || live < least) { /* it is never 0 */
        return 0;
    }
    return tlsf_pool_overhead() + (live - least) + (live - least) / least * (hole(n) + beyond(n)) +
           at_least(n, hole(n) + granule());
}

static uint64_t needed(const specified *s, uint64_t live) {
    return places_most(s, live) + last_lane_most(s, live);
}

/* ---- plans to compare --------------------------------------------------------------- */

typedef void (*comparison)(const specified *s, size_t live, size_t smallest, size_t largest);

/* Smallest and largest requests of all kinds, a few granules beside each bound of a lane. */
static void compare_each_plan(comparison compare) {
    for (size_t smallest = 0; smallest < 3000; smallest += 1 + smallest / 2) {
        for (size_t factor = 1; factor <= 4096; factor *= 4) {
            for (size_t beside = 0; beside <= 2; beside++) {
                const size_t largest = outer_needed(smallest) * factor +
                                       beside * tlsf_align_size() - tlsf_align_size() -
                                       tlsf_alloc_overhead();
                if (largest >= smallest && largest < 200000) {
                    const specified s = specify(smallest, largest);
                    for (size_t live = 0; live < 3000000; live = live * 9 + 5000) {
                        compare(&s, live, smallest, largest);
                    }
                }
            }
        }
    }
}

/* ---- lanes -------------------------------------------------------------------------- */

static uint8_t *space; /* for all regions of this suite */

enum { SPACE = 1 << 29 };

static bounded_heap *make(size_t misalignment, size_t bytes, size_t smallest, size_t largest) {
    if (space == NULL) {
        space = space_map(SPACE);
        assert_non_null(space);
    }
    assert_true(bytes <= SPACE - misalignment);
    tlsf_bounded_t t = tlsf_bounded_create(space + misalignment, bytes, smallest, largest);
    assert_non_null(t);
    return bounded_of(t);
}

static void compare_lanes(const specified *s, size_t live, size_t smallest, size_t largest) {
    (void)live;
    const bounded_heap *b = make(0, 1 << 20, smallest, largest);
    assert_int_equal(b->last, s->lanes - 1);
    assert_true((uint64_t)1 << b->unit_shift == s->chunk[0]);
    for (unsigned g = 0; g <= b->last; g++) {
        assert_int_equal(b->lanes[g].smallest, s->smallest[g]);
        assert_int_equal(b->lanes[g].largest, s->largest[g] - tlsf_alloc_overhead());
    }
}

/* Verifies B3, B12, B14, B46. */
static void create_lanes_are_as_specified(void **state) {
    (void)state;
    compare_each_plan(compare_lanes);
}

/* ---- the bound ---------------------------------------------------------------------- */

/* What a region has beyond the bound at most: what each lane's control structure needs behind it to
 * be made, a row of links that the lane may not need, and what is rounded. */
static size_t spare_most(const specified *s) {
    const size_t link = TLSF_LAYOUT == TLSF_WIDE ? sizeof(void *) : 4;
    const size_t row = link << TLSF_SL_BITS;
    const size_t lane = tlsf_pool_overhead() + outer_min() + 2 * TLSF_GRANULE + row;
    return s->lanes * lane + 3 * row + 16 * TLSF_GRANULE;
}

/* The region has what the theorem asks for, and little more, at each address. */
static void compare_room(const specified *s, size_t live, size_t smallest, size_t largest) {
    const size_t bytes = tlsf_bounded_size_for(live, smallest, largest);
    assert_true(bytes != 0);
    for (size_t misalignment = 0; misalignment < 64 && bytes < SPACE - 64; misalignment += 21) {
        const bounded_heap *b = make(misalignment, bytes, smallest, largest);
        const size_t room = (size_t)(b->end - b->left);
        assert_true(room >= needed(s, live));
        assert_true(room <= needed(s, live) + spare_most(s));
        assert_true(b->units << b->unit_shift >= places_most(s, live));
    }
}

/* Verifies B17, B50. */
static void size_for_region_has_the_room_of_the_theorem(void **state) {
    (void)state;
    compare_each_plan(compare_room);
}

/* ---- plans and bounds that are refused ---------------------------------------------- */

static bool is_refused(const specified *s, size_t smallest, size_t largest) {
    const size_t most = tlsf_block_size_max();
    return smallest > largest || largest > SIZE_MAX / 64 || s->lanes == 0 ||
           s->largest[s->lanes - 1] - tlsf_alloc_overhead() > most ||
           (s->lanes > 1 && s->chunk[s->lanes - 2] - 1 > most);
}

static void expect_refused_as_specified(size_t smallest, size_t largest) {
    specified s = {0};
    if (largest <= SIZE_MAX / 64) {
        s = specify(smallest, largest);
    }
    assert_int_equal(tlsf_bounded_size_for(0, smallest, largest) == 0,
                     is_refused(&s, smallest, largest));
}

/* Every request of one lane more than there are, and of chunks or blocks that are too large.
 * Verifies B15, B17, B19. */
static void size_for_plan_is_refused_as_specified(void **state) {
    (void)state;
    const size_t limits[] = {SIZE_MAX / 64, tlsf_block_size_max()};
    for (size_t smallest = 1; smallest < SIZE_MAX / 256; smallest *= 2) {
        for (size_t power = smallest; power < SIZE_MAX / 8; power *= 2) {
            const size_t bound = power - tlsf_alloc_overhead();
            for (size_t beside = 0; beside < 4; beside++) {
                const size_t step = beside * tlsf_align_size();
                expect_refused_as_specified(smallest, bound + step);
                expect_refused_as_specified(smallest, bound - step);
                expect_refused_as_specified(outer_for(smallest) - tlsf_alloc_overhead(),
                                            bound + step);
            }
        }
        for (size_t i = 0; i < COUNT_OF(limits); i++) {
            expect_refused_as_specified(smallest, limits[i]);
            expect_refused_as_specified(smallest, limits[i] + 1);
            expect_refused_as_specified(limits[i], limits[i]);
            expect_refused_as_specified(limits[i] + 1, limits[i] + 1);
        }
    }
}

/* The largest `live` for which there is a region. */
static size_t live_most(size_t smallest, size_t largest) {
    size_t fits = 0, fails = SIZE_MAX;
    while (fails - fits > 1) {
        const size_t middle = fits + (fails - fits) / 2;
        if (tlsf_bounded_size_for(middle, smallest, largest) != 0) {
            fits = middle;
        } else {
            fails = middle;
        }
    }
    return fits;
}

/* The most bytes that a region can have. */
static size_t reach(void) {
    const uint64_t links = (uint64_t)(TLSF_GRANULE == 4 ? 4 : 8) << 30;
    return TLSF_LAYOUT == TLSF_WIDE || links > SIZE_MAX ? SIZE_MAX : (size_t)links;
}

/* Beyond it, either the last lane, or what grows, or the region with its map is too large.
 * Verifies B17. */
static void size_for_most_live_bytes_are_at_a_limit(void **state) {
    (void)state;
    static const size_t largest[] = {16, 100, 700, 5000, 70000};
    for (size_t i = 0; i < COUNT_OF(largest); i++) {
        const specified s = specify(16, largest[i]);
        const size_t live = live_most(16, largest[i]);
        const uint64_t more = (uint64_t)live + 1;
        const uint64_t map = s.lanes == 1 ? 0 : needed(&s, more) / s.chunk[0];
        assert_true(last_lane_most(&s, live) <= tlsf_block_size_max());
        assert_true(needed(&s, live) <= SIZE_MAX / 8);
        assert_true(needed(&s, live) < reach());
        const uint64_t front = sizeof(bounded_heap) + s.lanes * (tlsf_size() + 64) + 16 * granule();
        const bool is_limit = last_lane_most(&s, more) > tlsf_block_size_max() ||
                              needed(&s, more) + map + front > SIZE_MAX / 8 ||
                              needed(&s, more) + map + front > reach();
        assert_true(is_limit);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_lanes_are_as_specified),
        cmocka_unit_test(size_for_region_has_the_room_of_the_theorem),
        cmocka_unit_test(size_for_plan_is_refused_as_specified),
        cmocka_unit_test(size_for_most_live_bytes_are_at_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
