/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening 2. Flips each single bit of a populated heap that a call can use. Each request returns
 * and writes nothing outside the region. If it reports a fault, it changes nothing at all. If it
 * reports none, the next requests can use the heap safely.
 *
 * Each case verifies T13, T15, T287, C38.
 */
#include "support/internals.h"
#include "support/populated.h"
#include "support/random.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#if defined(__unix__)
#include <unistd.h>
#else
static unsigned alarm(unsigned seconds) { return seconds; }
#endif

enum {
    SECONDS_BEFORE_ALARM = 500, /* far longer than a run takes */
    DEFAULT_STEPS = 5000,
    SHORT_STRIDE = 5
};

/* ---- requests ----------------------------------------------------------------------- */

/* The used block of this number. Its neighbours are free. */
static void *used_payload(const populated *p, size_t number) {
    return block_payload(p->blocks[number]);
}

static void malloc_of_each_size(populated *p, size_t number) {
    const size_t sizes[] = {0, 40, 100, 280, 550, 600, 9000, SIZE_MAX};
    tlsf_malloc(p->t, sizes[number % COUNT_OF(sizes)]);
}

static void memalign_of_each_size(populated *p, size_t number) {
    tlsf_memalign(p->t, (size_t)128 << number % 3, 30 * number);
}

static void free_used(populated *p, size_t number) { tlsf_free(p->t, used_payload(p, number)); }

static void realloc_smaller(populated *p, size_t number) {
    tlsf_realloc(p->t, used_payload(p, number), 1);
}

static void realloc_larger(populated *p, size_t number) {
    tlsf_realloc(p->t, used_payload(p, number), 100);
}

static void realloc_over_both(populated *p, size_t number) {
    tlsf_realloc(p->t, used_payload(p, number),
                 inner_of(block_payload(p->blocks[number + 1])) + 80);
}

static void realloc_far_larger(populated *p, size_t number) {
    tlsf_realloc_aligned(p->t, used_payload(p, number), 128, 2000);
}

static void ask_largest(populated *p, size_t number) {
    (void)number;
    tlsf_largest(p->t);
}

static void remove_second_pool(populated *p, size_t number) {
    (void)number;
    tlsf_remove_pool(p->t, p->second);
}

typedef struct {
    void (*run)(populated *p, size_t number);
    size_t number;
} request;

static const request requests[] = {{malloc_of_each_size, 0},
                                   {malloc_of_each_size, 1},
                                   {malloc_of_each_size, 2},
                                   {malloc_of_each_size, 3},
                                   {malloc_of_each_size, 4},
                                   {malloc_of_each_size, 5},
                                   {malloc_of_each_size, 6},
                                   {malloc_of_each_size, 7},
                                   {memalign_of_each_size, 0},
                                   {memalign_of_each_size, 4},
                                   {memalign_of_each_size, 20},
                                   {free_used, 0},
                                   {free_used, 2},
                                   {free_used, 4},
                                   {free_used, 20},
                                   {free_used, 22},
                                   {realloc_smaller, 2},
                                   {realloc_larger, 2},
                                   {realloc_over_both, 4},
                                   {realloc_over_both, 20},
                                   {realloc_far_larger, 22},
                                   {ask_largest, 0},
                                   {remove_second_pool, 0}};

/* Requests on blocks that no other request uses, so that they can follow each of the others. */
static const request later_requests[] = {
    {malloc_of_each_size, 2},   {free_used, 6},          {realloc_far_larger, 10},
    {malloc_of_each_size, 5},   {realloc_over_both, 12}, {free_used, 14},
    {memalign_of_each_size, 4}, {realloc_smaller, 16},   {ask_largest, 0}};

/* ---- one bit ------------------------------------------------------------------------ */

static uint8_t *broken; /* a copy of the region with its bit flipped */

static size_t told, untold; /* requests that reported the bit, and requests that did not */
static size_t skipped;      /* bits to pass over before the next one is flipped */

/* A short run flips one bit in SHORT_STRIDE. The seed decides which. */
static size_t bits_stride(void) {
    return random_steps(DEFAULT_STEPS) < DEFAULT_STEPS ? SHORT_STRIDE : 1;
}

/* Runs a request. Returns whether it reported a fault. */
static bool request_run(populated *p, request r, const char *what, size_t bit) {
    faults_watch(p->t);
    memcpy(broken, p->h.memory.begin, p->h.memory.bytes);
    r.run(p, r.number);
    if (!region_is_guarded(&p->h.memory)) {
        fail_msg("bit %zu of %s: a write outside the region", bit, what);
    }
    if (faults_seen() > 1) {
        fail_msg("bit %zu of %s: reported %zu times", bit, what, faults_seen());
    }
    if (faults_seen() == 1 && memcmp(broken, p->h.memory.begin, p->h.memory.bytes) != 0) {
        fail_msg("bit %zu of %s: reported, but the heap changed", bit, what);
    }
    return faults_seen() == 1;
}

static void flip(uint8_t *bytes, size_t bit) { bytes[bit / 8] ^= (uint8_t)(1u << bit % 8); }

static void expect_bit_harmless(populated *p, uint8_t *bytes, size_t bit, const char *what) {
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        flip(bytes, bit);
        if (request_run(p, requests[i], what, bit)) {
            told++;
        } else {
            untold++;
            for (size_t later = 0; later < COUNT_OF(later_requests); later++) {
                request_run(p, later_requests[later], what, bit);
            }
        }
        populated_restore(p);
    }
}

static void expect_bits_harmless(populated *p, void *begin, size_t bytes, const char *what) {
    for (size_t bit = 0; bit < bytes * 8; bit++) {
        if (skipped-- == 0) {
            expect_bit_harmless(p, begin, bit, what);
            skipped = bits_stride() - 1;
        }
    }
}

/* ---- cases -------------------------------------------------------------------------- */

static populated campaign_begin(void) {
    populated p = populated_make();
    broken = malloc(p.h.memory.bytes);
    assert_non_null(broken);
    told = untold = 0;
    skipped = (size_t)random_seed("corrupted bits", 1) % bits_stride();
    return p;
}

/* Some request met the bits and reported them. Some bit did not matter to some request. */
static void campaign_end(populated *p) {
    assert_true(told > 0);
    assert_true(untold > 0);
    free(broken);
    populated_end(p);
}

static void corruption_bit_of_header_is_harmless(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    populated p = campaign_begin();
    for (size_t i = 0; i < POPULATED_BLOCKS; i++) {
        expect_bits_harmless(&p, &p.blocks[i]->header, sizeof(header_word), "a header");
    }
    block *in_second = pool_first_block(p.second);
    expect_bits_harmless(&p, &in_second->header, sizeof(header_word), "a header");
    in_second = block_next(in_second);
    expect_bits_harmless(&p, &in_second->header, sizeof(header_word), "the largest's header");
    expect_bits_harmless(&p, &pool_end(p.first)->header, sizeof(header_word), "an end marker");
    expect_bits_harmless(&p, &pool_end(p.second)->header, sizeof(header_word), "an end marker");
    campaign_end(&p);
}

static void corruption_bit_of_links_is_harmless(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    populated p = campaign_begin();
    for (size_t i = 1; i < POPULATED_BLOCKS; i += 2) {
        expect_bits_harmless(&p, &p.blocks[i]->next, sizeof(block_link), "a next link");
        expect_bits_harmless(&p, &p.blocks[i]->previous, sizeof(block_link), "a previous link");
    }
    block *large = block_next(pool_first_block(p.second));
    expect_bits_harmless(&p, &large->next, sizeof(block_link), "the largest's next link");
    expect_bits_harmless(&p, &large->previous, sizeof(block_link), "the largest's previous link");
    campaign_end(&p);
}

static void corruption_bit_of_footer_is_harmless(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    populated p = campaign_begin();
    for (size_t i = 1; i < POPULATED_BLOCKS; i += 2) {
        expect_bits_harmless(&p, (uint8_t *)block_next(p.blocks[i]) - sizeof(header_word),
                             sizeof(header_word), "a footer");
    }
    expect_bits_harmless(&p, (uint8_t *)pool_end(p.second) - sizeof(header_word),
                         sizeof(header_word), "the largest's footer");
    campaign_end(&p);
}

static void corruption_bit_of_bitmaps_is_harmless(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    populated p = campaign_begin();
    expect_bits_harmless(&p, &p.t->first_level, sizeof(p.t->first_level), "the first level");
    expect_bits_harmless(&p, p.t->second_level, sizeof(p.t->second_level), "the second level");
    campaign_end(&p);
}

/* Leaves out the previous link of the null block, which is always garbage. */
static void corruption_bit_of_pending_and_null_block_is_harmless(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    populated p = campaign_begin();
    control *t = p.t;
    expect_bits_harmless(&p, &t->pending, sizeof(t->pending), "the pending link");
    expect_bits_harmless(&p, &t->pending_header, sizeof(t->pending_header), "its header");
    expect_bits_harmless(&p, &t->null.header, sizeof(t->null.header), "the null block's header");
    expect_bits_harmless(&p, &t->null.next, sizeof(t->null.next), "the null block's link");
    campaign_end(&p);
}

/* The heads of the classes up to the pools' sizes. The other lists are empty, and no request uses
 * them. */
static void corruption_bit_of_list_heads_is_harmless(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    populated p = campaign_begin();
    const size_t end = class_floor(pool_describe(p.first)->size) + 2;
    for (size_t class = CLASS_FIRST; class < end; class ++) {
        expect_bits_harmless(&p, &list_slot(p.t, class)->next, sizeof(block_link), "a list's head");
    }
    campaign_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corruption_bit_of_header_is_harmless),
        cmocka_unit_test(corruption_bit_of_links_is_harmless),
        cmocka_unit_test(corruption_bit_of_footer_is_harmless),
        cmocka_unit_test(corruption_bit_of_bitmaps_is_harmless),
        cmocka_unit_test(corruption_bit_of_pending_and_null_block_is_harmless),
        cmocka_unit_test(corruption_bit_of_list_heads_is_harmless),
    };
    alarm(SECONDS_BEFORE_ALARM);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
