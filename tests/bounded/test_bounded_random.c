/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random programs against a model: a table of what must be live, with its content. After every call
 * the whole heap is checked. The region has the size of the bound, so no request may be refused.
 *
 * Each case verifies B9, B17, B18, B21, B27, B31, B42, B47, B51, B53, B61, B63.
 */
#include "bounds.h"
#include "support/guarded_heap.h"
#include "support/random.h"
#include "support/suite.h"
#include "tlsf_bounded.h"
#include <string.h>

enum { SLOTS = 48 };

typedef struct {
    unsigned char *ptr;
    size_t bytes;
    size_t charge;
    size_t align;
    unsigned char fill;
} slot;

typedef struct {
    tlsf_bounded_t t;
    size_t smallest, largest, limit; /* the limit of what is live */
    slot slots[SLOTS];
    size_t live;
    random_source *source;
} model;

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* What a request counts as. */
static size_t request_charge(const model *m, size_t align, size_t bytes) {
    const size_t least = tlsf_block_size_min();
    const size_t searched = align <= tlsf_align_size()
                                ? bytes
                                : larger(bytes, least) + align + least + tlsf_alloc_overhead();
    return outer_for(larger(searched, m->smallest));
}

static void slot_expect(const slot *s) {
    for (size_t i = 0; i < s->bytes; i++) {
        assert_int_equal(s->ptr[i], s->fill);
    }
    assert_true(tlsf_block_size(s->ptr) >= s->bytes);
    assert_true(is_aligned(s->ptr, larger(s->align, tlsf_align_size())));
}

static void slot_fill(model *m, slot *s, void *ptr, size_t bytes) {
    assert_non_null(ptr);
    s->ptr = ptr;
    s->bytes = bytes;
    s->fill = (unsigned char)random_bits(m->source);
    memset(ptr, s->fill, bytes);
}

static void slot_free(model *m, slot *s) {
    slot_expect(s);
    tlsf_bounded_free(m->t, s->ptr);
    m->live -= s->charge;
    memset(s, 0, sizeof *s);
}

static void slot_allocate(model *m, slot *s, size_t align, size_t bytes) {
    const size_t charge = request_charge(m, align, bytes);
    if (charge > outer_for(m->largest) || charge > m->limit - m->live) {
        return;
    }
    slot_fill(m, s,
              align != 0 ? tlsf_bounded_memalign(m->t, align, bytes)
                         : tlsf_bounded_malloc(m->t, bytes),
              bytes);
    s->align = align;
    s->charge = charge;
    m->live += charge;
}

/* A move holds both places. A block that shrinks counts as before: its lane may not let it do
 * less than a quarter, and more than it charge it never counts. */
static void slot_resize(model *m, slot *s, size_t bytes) {
    const size_t charge = request_charge(m, 0, bytes);
    if (bytes == 0 || charge > m->limit - m->live) {
        return;
    }
    slot_expect(s);
    const size_t kept = bytes < s->bytes ? bytes : s->bytes;
    unsigned char *ptr = tlsf_bounded_realloc(m->t, s->ptr, bytes);
    assert_non_null(ptr);
    for (size_t i = 0; i < kept; i++) {
        assert_int_equal(ptr[i], s->fill);
    }
    slot_fill(m, s, ptr, bytes);
    s->align = 0;
    m->live += larger(charge, s->charge) - s->charge;
    s->charge = larger(charge, s->charge);
}

static void heap_expect(const model *m) {
    tlsf_bounded_stats_t stats;
    size_t blocks = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        blocks += m->slots[i].ptr != NULL;
    }
    tlsf_bounded_stats(m->t, &stats);
    assert_string_equal(tlsf_bounded_invariant_name(tlsf_bounded_check(m->t)), "sound");
    assert_int_equal(stats.live_blocks, blocks);
    assert_true(stats.used_bytes <= m->live + blocks * bound_unsplit());
    assert_int_equal(stats.failures, 0);
    assert_true(stats.taken_bytes <= stats.room_bytes);
}

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

static void run(size_t smallest, size_t largest, size_t limit, uint64_t seed) {
    random_source source = random_from(seed);
    const size_t bytes = tlsf_bounded_size_for(limit, smallest, largest);
    region r = region_make(bytes, seed % 64);
    model m = {tlsf_bounded_create(r.begin, bytes, smallest, largest),
               smallest,
               largest,
               limit,
               {{NULL, 0, 0, 0, 0}},
               0,
               &source};
    assert_non_null(m.t);
    for (size_t i = random_steps(3000); i > 0; i--) {
        step(&m, i / 150 % 2 == 0);
        heap_expect(&m);
    }
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
    run(1, 20000, 60000, seed);
    run(30, 3000, 9000, seed + 1);
}

static void random_programs_of_few_lanes_are_never_refused(void **state) {
    (void)state;
    const uint64_t seed = random_seed("bounded heap, few lanes", 4);
    run(300, 1000, 20000, seed);
    run(100, 1500, 6000, seed + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs_of_many_lanes_are_never_refused),
        cmocka_unit_test(random_programs_of_few_lanes_are_never_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
