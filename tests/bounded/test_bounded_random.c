/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random programs against a model: a table of what must be live, with its lane and its content.
 * After every call all lanes, places, lists and counts are computed again from the blocks and the
 * map, by other means than those of tlsf_bounded_check.
 *
 * A region of the size of the bound refuses no request. A smaller one refuses a request if and only
 * if no place is left, and then nothing changes.
 *
 * Each case verifies B9, B17, B18, B21, B27, B31, B42, B47, B51, B53, B61, B63.
 */
#include "bounds.h"
#include "support/bounded_internals.h"
#include "support/guarded_heap.h"
#include "support/random.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 48, NOWHERE = LANES_MAX };

typedef struct {
    unsigned char *ptr;
    size_t bytes;
    size_t charge; /* what the program counts it as */
    size_t align;
    unsigned lane;
    unsigned char fill;
} slot;

typedef struct {
    tlsf_bounded_t t;
    const bounded_heap *b;
    size_t smallest, largest, limit; /* the limit of what is live */
    bool is_bound;                   /* whether the region has the size of the bound */
    slot slots[SLOTS];
    size_t live;
    size_t peak, failures;
    random_source *source;
} model;

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* ---- lanes -------------------------------------------------------------------------- */

/* The inner size that a request is searched for. */
static size_t request_searched(size_t align, size_t bytes) {
    const size_t least = tlsf_block_size_min();
    return align <= tlsf_align_size()
               ? bytes
               : larger(bytes, least) + align + least + tlsf_alloc_overhead();
}

/* What a request counts as, and what TLSF_ROUND_TO_CLASS adds. */
static size_t request_charge(const model *m, size_t align, size_t bytes) {
    return outer_for(larger(request_searched(align, bytes), m->smallest));
}

/* A lane ends at four times the end of the lane before it. */
static unsigned lane_of(const model *m, size_t searched) {
    unsigned lane = 0;
    for (size_t most = 4 * outer_needed(m->smallest); outer_needed(searched) > most; most *= 4) {
        lane++;
    }
    return lane;
}

static size_t lane_smallest(const model *m, unsigned lane) {
    const size_t least = outer_needed(m->smallest);
    return lane == 0 ? least : (least << (2 * lane)) + tlsf_align_size();
}

/* What a live block counts as. */
static size_t slot_counts(const model *m, const slot *s) {
    return s->ptr == NULL
               ? 0
               : larger(outer_needed(tlsf_block_size(s->ptr)), lane_smallest(m, s->lane));
}

static size_t used(const model *m) {
    size_t sum = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        sum += slot_counts(m, &m->slots[i]);
    }
    return sum;
}

/* ---- the map, as it reads ----------------------------------------------------------- */

static size_t units_of(unsigned level) {
    size_t units = 1;
    for (; level > 0; level--) {
        units *= 4;
    }
    return units;
}

static bool begins_place(const bounded_heap *b, size_t unit) { return b->map[unit] != PLACE_NONE; }

static unsigned level_at(const bounded_heap *b, size_t unit) { return b->map[unit] & PLACE_LEVEL; }

static bool is_chunk(const bounded_heap *b, size_t unit) {
    return (b->map[unit] & PLACE_CHUNK) != 0;
}

/* The first unit of the place with this unit; NOWHERE if nothing is taken there. */
static size_t place_around(const bounded_heap *b, size_t unit) {
    for (size_t begin = 0; begin < b->taken; begin += units_of(level_at(b, begin))) {
        if (unit < begin + units_of(level_at(b, begin))) {
            return begin;
        }
    }
    return SIZE_MAX;
}

/* The unit of an address. */
static size_t unit_of(const bounded_heap *b, const void *ptr) {
    return ((uintptr_t)ptr - (uintptr_t)b->left) / ((size_t)1 << b->unit_shift);
}

static unsigned lane_at(const bounded_heap *b, const void *ptr) {
    if ((uintptr_t)ptr > (uintptr_t)b->right) {
        return b->last;
    }
    const size_t unit = place_around(b, unit_of(b, ptr));
    assert_true(unit != SIZE_MAX && is_chunk(b, unit));
    return level_at(b, unit);
}

/* The lowest level from `level` on with a free place; NOWHERE if there is none. */
static unsigned free_level(const bounded_heap *b, unsigned level) {
    unsigned lowest = NOWHERE;
    for (size_t unit = 0; unit < b->taken; unit++) {
        if (begins_place(b, unit) && !is_chunk(b, unit) && level_at(b, unit) >= level &&
            level_at(b, unit) < lowest) {
            lowest = level_at(b, unit);
        }
    }
    return lowest;
}

/* ---- what must hold after every call ------------------------------------------------ */

/* Places lie side by side, and four free parts of a larger one are none any more. */
static void places_expect(const bounded_heap *b) {
    size_t begin = 0;
    for (size_t unit = 0; unit < b->units; unit++) {
        assert_int_equal(begins_place(b, unit), unit == begin && unit < b->taken);
        if (unit == begin && unit < b->taken) {
            const size_t units = units_of(level_at(b, unit));
            assert_true(level_at(b, unit) < b->last && unit % units == 0);
            size_t free_parts = 0;
            for (size_t part = unit; part < unit + 4 * units && part < b->taken; part += units) {
                free_parts += b->map[part] == (PLACE_FREE | level_at(b, unit));
            }
            assert_true(unit % (4 * units) != 0 || free_parts < 4 ||
                        level_at(b, unit) + 1 == b->last);
            begin += units;
        }
    }
    assert_int_equal(begin, b->taken);
}

/* Each list has the free places of its level, and no other. */
static void lists_expect(const bounded_heap *b) {
    size_t listed = 0, entries = 0;
    for (size_t unit = 0; unit < b->taken; unit++) {
        entries += begins_place(b, unit) && !is_chunk(b, unit);
    }
    for (unsigned level = 0; level < LANES_MAX; level++) {
        const bounded_place *previous = NULL;
        for (const bounded_place *p = b->free_places[level]; p != NULL; p = p->next) {
            const size_t unit = unit_of(b, p);
            assert_ptr_equal(p, b->left + unit * ((size_t)1 << b->unit_shift));
            assert_int_equal(b->map[unit], PLACE_FREE | level);
            assert_ptr_equal(p->previous, previous);
            previous = p;
            assert_true(++listed <= entries);
        }
    }
    assert_int_equal(listed, entries);
}

/* Each block lies in a chunk of its lane, and each chunk has a block. */
static void chunks_expect(const model *m) {
    static unsigned char has_block[1 << 16];
    assert_true(m->b->taken <= sizeof has_block);
    memset(has_block, 0, m->b->taken);
    for (size_t i = 0; i < SLOTS; i++) {
        const slot *s = &m->slots[i];
        if (s->ptr != NULL) {
            assert_int_equal(lane_at(m->b, s->ptr), s->lane);
            if (s->lane < m->b->last) {
                has_block[place_around(m->b, unit_of(m->b, s->ptr))] = 1;
            }
        }
    }
    for (size_t unit = 0; unit < m->b->taken; unit++) {
        assert_int_equal(begins_place(m->b, unit) && is_chunk(m->b, unit), has_block[unit]);
    }
}

static void counts_expect(const model *m) {
    tlsf_bounded_stats_t stats;
    size_t blocks = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        blocks += m->slots[i].ptr != NULL;
    }
    tlsf_bounded_stats(m->t, &stats);
    assert_int_equal(stats.live_blocks, blocks);
    assert_int_equal(stats.used_bytes, used(m));
    assert_true(stats.used_bytes <= m->live + blocks * bound_unsplit());
    assert_int_equal(stats.peak_bytes, m->peak);
    assert_int_equal(stats.failures, m->failures);
    assert_int_equal(stats.taken_bytes, m->b->taken * ((size_t)1 << m->b->unit_shift) +
                                            (size_t)(m->b->end - m->b->right));
    assert_int_equal(stats.room_bytes, m->b->end - m->b->left);
    assert_true(stats.taken_bytes <= stats.room_bytes);
}

static void heap_expect(const model *m) {
    assert_string_equal(tlsf_bounded_invariant_name(tlsf_bounded_check(m->t)), "sound");
    places_expect(m->b);
    lists_expect(m->b);
    chunks_expect(m);
    counts_expect(m);
}

/* ---- how the heap grows ------------------------------------------------------------- */

/* The heap before a request. */
typedef struct {
    bounded_heap b; /* its map is a copy */
    size_t largest; /* what the lane's heap serves */
    size_t front;   /* the outer size of the free block with which the last lane begins */
} before;

static before before_take(const model *m, unsigned lane) {
    before was = {*m->b, tlsf_largest(m->b->lanes[lane].heap), 0};
    was.b.map = malloc(m->b->units + 1);
    assert_non_null(was.b.map);
    memcpy(was.b.map, m->b->map, m->b->units);
    tlsf_block_t first;
    if (m->b->last_pool != NULL && tlsf_next_block(m->b->last_pool, NULL, &first) && !first.used) {
        was.front = first.size + tlsf_alloc_overhead();
    }
    return was;
}

static size_t gap(const bounded_heap *b) {
    return (size_t)(b->right - b->left) - b->taken * ((size_t)1 << b->unit_shift);
}

/* What the last lane has to grow by for a block of this outer size. */
static size_t last_lane_needs(const before *was, size_t outer) {
    if (was->b.last_pool == NULL) {
        return outer + tlsf_pool_overhead();
    }
    return was->front < outer ? outer - was->front : (size_t)tlsf_align_size();
}

/* Whether the region has a place for a chunk of the lane, or memory for the last one. */
static bool can_grow(const before *was, unsigned lane, size_t searched) {
    const bounded_heap *b = &was->b;
    if (lane == b->last) {
        return last_lane_needs(was, outer_needed(searched)) <= gap(b);
    }
    const size_t units = units_of(b->last - 1);
    return free_level(b, lane) != NOWHERE ||
           (b->units - b->taken >= units && gap(b) >= units << b->unit_shift);
}

static void same_expect(const before *was, const bounded_heap *b) {
    assert_memory_equal(was->b.map, b->map, b->units);
    assert_int_equal(was->b.taken, b->taken);
    assert_ptr_equal(was->b.right, b->right);
    assert_ptr_equal(was->b.last_pool, b->last_pool);
}

/* A new chunk lies in a smallest free place that is large enough, or in a new one. */
static void chunk_expect(const before *was, const bounded_heap *b, unsigned lane, size_t unit) {
    assert_int_equal(level_at(b, unit), lane);
    const unsigned from = free_level(&was->b, lane);
    if (from == NOWHERE) {
        assert_int_equal(b->taken, was->b.taken + units_of(b->last - 1));
        assert_true(unit >= was->b.taken);
    } else {
        const size_t around = place_around(&was->b, unit);
        assert_int_equal(b->taken, was->b.taken);
        assert_int_equal(was->b.map[around], PLACE_FREE | from);
    }
}

/* What a request of this lane did to the region. */
static void growth_expect(const before *was, const model *m, unsigned lane, size_t searched) {
    size_t chunks = 0;
    for (size_t unit = 0; unit < m->b->taken; unit++) {
        if (is_chunk(m->b, unit) && !is_chunk(&was->b, unit)) {
            chunk_expect(was, m->b, lane, unit);
            chunks++;
        }
    }
    const size_t grown = (size_t)(was->b.right - m->b->right);
    assert_true(grown == 0 ||
                (lane == m->b->last && grown == last_lane_needs(was, outer_needed(searched))));
    assert_true(chunks + (grown != 0) <= 1);
    assert_true(chunks != 0 || was->b.taken == m->b->taken);
    assert_true(larger(searched, 1) > was->largest || chunks + grown == 0);
}

/* ---- calls -------------------------------------------------------------------------- */

static void slot_expect(const slot *s, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        assert_int_equal(s->ptr[i], s->fill);
    }
    assert_true(is_aligned(s->ptr, larger(s->align, tlsf_align_size())));
}

static void slot_fill(model *m, slot *s, unsigned char *ptr, size_t bytes) {
    s->ptr = ptr;
    s->bytes = bytes;
    s->lane = lane_at(m->b, ptr);
    s->fill = (unsigned char)random_bits(m->source);
    assert_true(tlsf_block_size(ptr) >= bytes);
    memset(ptr, s->fill, bytes);
}

static void slot_free(model *m, slot *s) {
    slot_expect(s, s->bytes);
    tlsf_bounded_free(m->t, s->ptr);
    m->live -= s->charge;
    memset(s, 0, sizeof *s);
}

static void *block_of_request(const model *m, size_t align, size_t bytes) {
    return align != 0 ? tlsf_bounded_memalign(m->t, align, bytes)
                      : tlsf_bounded_malloc(m->t, bytes);
}

static void slot_allocate(model *m, slot *s, size_t align, size_t bytes) {
    const size_t charge = request_charge(m, align, bytes);
    const size_t searched = request_searched(align, bytes);
    if (outer_needed(searched) > outer_needed(m->largest) || charge > m->limit - m->live) {
        return;
    }
    const unsigned lane = lane_of(m, searched);
    const before was = before_take(m, lane);
    void *ptr = block_of_request(m, align, bytes);
    if (ptr == NULL) {
        assert_false(m->is_bound || can_grow(&was, lane, searched));
        same_expect(&was, m->b);
        m->failures++;
    } else {
        s->align = align;
        slot_fill(m, s, ptr, bytes);
        slot_expect(s, bytes);
        assert_int_equal(s->lane, lane);
        if (align <= tlsf_align_size()) {
            growth_expect(&was, m, lane, searched);
        }
        s->charge = charge;
        m->live += charge;
        m->peak = larger(m->peak, used(m));
    }
    free(was.b.map);
}

/* A move holds both places. A block that shrinks counts as before: its lane may not let it do
 * less than a quarter, and more than its charge it never counts. */
static void slot_resize(model *m, slot *s, size_t bytes) {
    const size_t charge = request_charge(m, 0, bytes);
    if (bytes == 0 || charge > m->limit - m->live) {
        return;
    }
    slot_expect(s, s->bytes);
    const slot old = *s;
    const size_t used_before = used(m);
    const bool shrinks = bytes <= tlsf_block_size(s->ptr);
    unsigned char *ptr = tlsf_bounded_realloc(m->t, s->ptr, bytes);
    if (ptr == NULL) {
        assert_false(m->is_bound || shrinks);
        assert_int_equal(tlsf_bounded_check(m->t), TLSF_BOUNDED_SOUND);
        slot_expect(s, s->bytes);
        m->failures++;
        return;
    }
    s->ptr = ptr;
    s->align = 0;
    slot_expect(s, bytes < old.bytes ? bytes : old.bytes);
    slot_fill(m, s, ptr, bytes);
    assert_true(ptr == old.ptr || !shrinks);
    assert_true(s->lane == old.lane || s->lane == lane_of(m, bytes));
    m->peak = larger(m->peak, ptr == old.ptr ? used(m) : used_before + slot_counts(m, s));
    m->live += larger(charge, s->charge) - s->charge;
    s->charge = larger(charge, s->charge);
}

/* ---- programs ----------------------------------------------------------------------- */

/* Sizes of all lanes alike. Long runs of one kind of call fill and empty the heap. */
static size_t bytes_at_random(const model *m) {
    const size_t most = m->largest >> random_below(m->source, 12);
    return random_below(m->source, most + 1);
}

static void step(model *m, bool fills) {
    slot *s = &m->slots[random_below(m->source, SLOTS)];
    const size_t bytes = bytes_at_random(m);
    if (s->ptr == NULL) {
        const bool aligns = random_below(m->source, 6) == 0;
        slot_allocate(m, s, aligns ? (size_t)1 << random_below(m->source, 9) : 0, bytes);
    } else if (random_below(m->source, 4) == 0) {
        slot_resize(m, s, bytes);
    } else if (random_below(m->source, fills ? 4 : 1) == 0) {
        slot_free(m, s);
    }
}

/* limit: of the program; planned: of what the region is large enough for. */
static void run(size_t smallest, size_t largest, size_t limit, size_t planned, uint64_t seed) {
    random_source source = random_from(seed);
    const size_t bytes = tlsf_bounded_size_for(planned, smallest, largest);
    region r = region_make(bytes, seed % 64);
    model m = {.t = tlsf_bounded_create(r.begin, bytes, smallest, largest),
               .smallest = smallest,
               .largest = largest,
               .limit = limit,
               .is_bound = planned >= limit,
               .source = &source};
    assert_non_null(m.t);
    m.b = bounded_of(m.t);
    for (size_t i = random_steps(3000); i > 0; i--) {
        step(&m, i / 150 % 2 == 0);
        heap_expect(&m);
    }
    assert_int_equal(m.failures == 0, m.is_bound);
    for (size_t i = 0; i < SLOTS; i++) {
        if (m.slots[i].ptr != NULL) {
            slot_free(&m, &m.slots[i]);
            heap_expect(&m);
        }
    }
    assert_true(region_is_guarded(&r));
    region_free(&r);
}

static void random_programs_of_many_lanes_are_never_refused(void **state) {
    (void)state;
    const uint64_t seed = random_seed("bounded heap, many lanes", 3);
    run(1, 20000, 60000, 60000, seed);
    run(30, 3000, 9000, 9000, seed + 1);
}

static void random_programs_of_few_lanes_are_never_refused(void **state) {
    (void)state;
    const uint64_t seed = random_seed("bounded heap, few lanes", 4);
    run(300, 1000, 20000, 20000, seed);
    run(100, 1500, 6000, 6000, seed + 1);
}

static void random_programs_in_a_small_region_are_refused_where_nothing_is_left(void **state) {
    (void)state;
    const uint64_t seed = random_seed("bounded heap, small region", 5);
    run(30, 3000, 60000, 100, seed);
    run(60, 2000, 60000, 500, seed + 1);
    run(500, 1000, 60000, 1000, seed + 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs_of_many_lanes_are_never_refused),
        cmocka_unit_test(random_programs_of_few_lanes_are_never_refused),
        cmocka_unit_test(random_programs_in_a_small_region_are_refused_where_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
