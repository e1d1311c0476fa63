/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Free blocks that a program has written to, from level 1 on: a call that would take one out of the
 * free blocks reports it, returns NULL, and changes nothing. Each case breaks one word of a block,
 * and makes each call that needs it.
 *
 * Each case verifies T14, T275, T286, T298, unless it says otherwise.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"

#include <string.h>

/* Outer sizes in granules: small ones have a class of their own in every shape, large ones are the
 * smallest of their class. */
enum { SMALL = 10, LARGE = 96, LAST = 160, HOLES = 5, HEAP = 1000 };

typedef struct {
    heap h;
    control *t;
    void *holes[HOLES]; /* two small, two large; the last one is pending */
    void *used;         /* between the large ones */
    void *user;         /* in front of the first large one */
    uint8_t broken[(HEAP + 200) * TLSF_GRANULE + 16384];
} scene;

static scene s;

static void scene_make(void) {
    const size_t g = TLSF_GRANULE;
    const size_t outer[HOLES] = {SMALL * g, SMALL * g, LARGE * g, LARGE * g, LAST * g};
    s.h = heap_make(HEAP * g);
    s.t = control_of(s.h.t);
    heap_make_holes(&s.h, outer, HOLES, s.holes);
    s.user = block_payload(block_next(block_of_payload(s.holes[1])));
    s.used = block_payload(block_next(block_of_payload(s.holes[2])));
    assert_true(s.h.memory.bytes <= sizeof(s.broken));
}

static void scene_end(void) { region_free(&s.h.memory); }

static block *hole(size_t i) { return block_of_payload(s.holes[i]); }

/* ---- what a program may have written -------------------------------------------------- */

typedef void (*breaking)(block *b);

static void break_size(block *b) { b->header += GRANULE_SIZE; }
static void break_size_to_text(block *b) { b->header = 0x64636261; }
static void break_footer(block *b) { *((header_word *)block_next(b) - 1) += GRANULE_SIZE; }
static void break_next_to_text(block *b) { b->next = (block_link)0x64636261; }
static void break_next_to_zero(block *b) { b->next = 0; }
static void break_next_to_slot(block *b) { b->next = list_slot_link(s.t, CLASS_FIRST); }
static void break_next_to_used(block *b) { b->next = link_of(s.t, block_of_payload(s.used)); }
static void break_next_to_end(block *b) { b->next = link_of(s.t, (block *)s.t->span_end); }
static void break_previous_to_text(block *b) { b->previous = (block_link)0x64636261; }
static void break_previous_to_slot(block *b) { b->previous = list_slot_link(s.t, CLASS_FIRST); }
static void break_previous_to_used(block *b) {
    b->previous = link_of(s.t, block_of_payload(s.used));
}

/* ---- calls that take a block out of the free ones --------------------------------------- */

typedef void *(*call)(void);

static void *malloc_small(void) { return tlsf_malloc(s.t, inner_for(SMALL * TLSF_GRANULE)); }
static void *malloc_large(void) { return tlsf_malloc(s.t, inner_for(LARGE * TLSF_GRANULE)); }

static void *memalign_large(void) {
    const size_t gap = TLSF_GRANULE + outer_min(); /* the widest, in front of the aligned block */
    return tlsf_memalign(s.t, 2 * TLSF_GRANULE, inner_for(LARGE * TLSF_GRANULE - gap));
}

static void *free_before(void) {
    tlsf_free(s.t, s.user);
    return NULL;
}

static void *free_behind(void) {
    tlsf_free(s.t, s.used);
    return NULL;
}

static void *grow_before(void) { return tlsf_realloc(s.t, s.user, 50 * TLSF_GRANULE); }
static void *grow_behind(void) { return tlsf_realloc(s.t, s.used, 300 * TLSF_GRANULE); }

/* ---- cases ------------------------------------------------------------------------------ */

/* The call must report the block that `breaks` has broken. */
static void expect_reported(breaking breaks, size_t number, call makes) {
    scene_make();
    breaks(hole(number));
    faults_watch(s.t);
    memcpy(s.broken, s.h.memory.begin, s.h.memory.bytes);
    assert_null(makes());
    assert_int_equal(faults_seen(), 1);
    const tlsf_fault_kind kind = faults_last().kind;
    assert_true(kind == TLSF_FAULT_CORRUPTION || kind == TLSF_FAULT_NEIGHBOUR);
    assert_memory_equal(s.broken, s.h.memory.begin, s.h.memory.bytes);
    scene_end();
}

static void expect_each_reported(const breaking *breaks, size_t count, size_t number, call makes) {
    for (size_t i = 0; i < count; i++) {
        expect_reported(breaks[i], number, makes);
    }
}

/* What a block at the begin of its list, with another one behind it, needs to be taken. */
static const breaking of_first[] = {break_size,         break_size_to_text, break_next_to_text,
                                    break_next_to_slot, break_next_to_used, break_next_to_end};
/* A size that seems larger than the pending block's would let that one serve. */
static const breaking of_found[] = {break_size,         break_footer,       break_next_to_text,
                                    break_next_to_slot, break_next_to_used, break_next_to_end};
/* What a block needs to be merged, wherever it is in its list. */
static const breaking of_any[] = {break_size,
                                  break_size_to_text,
                                  break_footer,
                                  break_next_to_text,
                                  break_next_to_slot,
                                  break_next_to_used,
                                  break_next_to_end,
                                  break_previous_to_text,
                                  break_previous_to_slot,
                                  break_previous_to_used};

static void malloc_of_broken_block_of_its_size_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    expect_each_reported(of_first, COUNT_OF(of_first), 1, malloc_small);
}

static void malloc_of_broken_found_block_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    expect_each_reported(of_found, COUNT_OF(of_found), 3, malloc_large);
}

static void memalign_of_broken_found_block_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    expect_each_reported(of_found, COUNT_OF(of_found), 3, memalign_large);
}

/* Verifies T14, T274, T286, T298. */
static void free_behind_broken_block_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    expect_each_reported(of_any, COUNT_OF(of_any), 2, free_behind);
}

static void free_before_broken_block_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    expect_each_reported(of_any, COUNT_OF(of_any), 3, free_behind);
    expect_each_reported(of_any, COUNT_OF(of_any), 2, free_before);
}

static void realloc_into_broken_block_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    expect_each_reported(of_any, COUNT_OF(of_any), 2, grow_before);
    expect_each_reported(of_any, COUNT_OF(of_any), 2, grow_behind);
    expect_each_reported(of_any, COUNT_OF(of_any), 3, grow_behind);
}

/* Of a block behind a used one. */
/* Verifies T274, T275, T290. */
static void fault_of_a_neighbours_link_is_told_from_that_of_its_header(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (size_t i = 0; i < 2; i++) {
        heap h = heap_make((size_t)HEAP * TLSF_GRANULE);
        void *p[5];
        for (size_t k = 0; k < COUNT_OF(p); k++) {
            p[k] = tlsf_malloc(h.t, inner_for((size_t)LARGE * TLSF_GRANULE));
            assert_non_null(p[k]);
        }
        tlsf_free(h.t, p[1]);
        tlsf_free(h.t, p[3]); /* p[1] is listed now */
        (i == 0 ? break_next_to_text : break_size)(block_of_payload(p[1]));
        faults_watch(h.t);
        tlsf_free(h.t, p[0]);
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, i == 0 ? TLSF_FAULT_CORRUPTION : TLSF_FAULT_NEIGHBOUR);
        region_free(&h.memory);
    }
}

/* The empty link ends a list. A block that it cuts off is lost to later requests, and no word that
 * a merge reads disagrees but the one of the block behind. */
/* Verifies T286. */
static void merge_with_a_cut_list_writes_nothing_outside(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    scene_make();
    break_next_to_zero(hole(3));
    faults_watch(s.t);
    tlsf_free(s.t, s.used);
    assert_true(region_is_guarded(&s.h.memory));
    scene_end();
}

/* The call must report a fault, return NULL and change nothing. */
static void expect_refused(const heap *h, void *ptr, size_t bytes) {
    memcpy(s.broken, h->memory.begin, h->memory.bytes);
    assert_null(tlsf_realloc(h->t, ptr, bytes));
    assert_int_equal(faults_seen(), 1);
    assert_memory_equal(s.broken, h->memory.begin, h->memory.bytes);
}

/* The control structure lies between two pools, so its slots lie in the span. */
static void link_to_a_slot_between_two_pools_is_reported(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    const size_t half = (size_t)400 * TLSF_GRANULE;
    region memory = region_make(2 * half + 8192, 0);
    tlsf_t t = tlsf_create_sized(memory.begin + half, half + 8192, 0);
    assert_non_null(t);
    void *p[5];
    for (size_t i = 0; i < COUNT_OF(p); i++) {
        p[i] = tlsf_malloc(t, inner_for((size_t)SMALL * TLSF_GRANULE));
        assert_non_null(p[i]);
    }
    assert_non_null(tlsf_add_pool(t, memory.begin, half));
    tlsf_free(t, p[1]);
    tlsf_free(t, p[3]); /* the first of its list */
    const control *c = control_of(t);
    block *b = block_of_payload(p[3]);
    b->next = list_slot_link(c, class_of_small(block_size(b)) + 1);
    faults_watch(t);
    assert_null(tlsf_malloc(t, inner_for((size_t)SMALL * TLSF_GRANULE)));
    assert_int_equal(faults_seen(), 1);
    region_free(&memory);
}

/* No other block holds the request, and a block of this class must. */
static void malloc_of_found_block_without_size_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    const size_t outer[] = {(size_t)LARGE * TLSF_GRANULE, (size_t)65 * TLSF_GRANULE};
    void *holes[COUNT_OF(outer)];
    heap h = heap_make((size_t)HEAP * TLSF_GRANULE);
    heap_make_holes(&h, outer, COUNT_OF(outer), holes);
    block_of_payload(holes[0])->header = 0;
    faults_watch(h.t);
    assert_null(tlsf_malloc(h.t, inner_for(outer[0])));
    assert_int_equal(faults_seen(), 1);
    faults_watch(h.t);
    const size_t align = 2 * TLSF_GRANULE;
    assert_null(tlsf_memalign(h.t, align, inner_for(outer[0] - TLSF_GRANULE - outer_min())));
    assert_int_equal(faults_seen(), 1);
    region_free(&h.memory);
}

/* With a look-ahead, the question follows links. */
/* Verifies T16. */
static void largest_behind_a_broken_link_reads_nothing_outside(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    scene_make();
    tlsf_free(s.t, tlsf_malloc(s.t, 0));
    hole(3)->next = (block_link)0x64636261;
    hole(3)->previous = (block_link)0x64636261;
    hole(4)->next = (block_link)0x64636261;
    faults_watch(s.t);
    (void)tlsf_largest(s.t);
    assert_true(region_is_guarded(&s.h.memory));
    scene_end();
}

/* Two pools beside that of the heap, each one free block: the first is listed, with spare memory
 * on both sides, and its link is broken. */
typedef struct {
    region memory;
    tlsf_t t;
    uint8_t *begin; /* of the first pool */
    pool_t pool;
} broken_pool;

enum { POOL = 300, SPARE = 64 }; /* granules */

static broken_pool broken_pool_make(void) {
    const size_t g = TLSF_GRANULE;
    broken_pool p = {.memory = region_make((2 * POOL + 2 * SPARE + HEAP) * g + 8192, 0)};
    p.t = tlsf_create_sized(p.memory.begin, HEAP * g, 0);
    assert_non_null(p.t);
    p.begin = p.memory.begin + HEAP * g + 4096 + SPARE * g;
    p.pool = tlsf_add_pool(p.t, p.begin, POOL * g);
    assert_non_null(p.pool);
    assert_non_null(tlsf_add_pool(p.t, p.begin + (POOL + SPARE) * g, POOL * g));
    pool_first_block(p.pool)->next = (block_link)0x64636261;
    faults_watch(p.t);
    return p;
}

static void broken_pool_end(broken_pool *p) {
    assert_int_equal(faults_seen(), 1);
    region_free(&p->memory);
}

/* Verifies T14, T100, T298. */
static void remove_pool_of_a_broken_block_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    broken_pool p = broken_pool_make();
    assert_int_equal(tlsf_remove_pool(p.t, p.pool), 1);
    broken_pool_end(&p);
}

/* Verifies T14, T82, T298. */
static void extend_pool_behind_a_broken_block_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    broken_pool p = broken_pool_make();
    const size_t bytes = (size_t)POOL * TLSF_GRANULE;
    assert_int_equal(tlsf_extend_pool(p.t, p.pool, bytes, bytes + SPARE / 2 * TLSF_GRANULE), 0);
    broken_pool_end(&p);
}

/* Verifies T14, T92, T298. */
static void add_to_pool_before_a_broken_block_is_refused(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    broken_pool p = broken_pool_make();
    const size_t more = (size_t)SPARE / 2 * TLSF_GRANULE;
    assert_null(tlsf_add_to_pool(p.t, p.pool, p.begin - more, more));
    broken_pool_end(&p);
}

/* A small block that moves goes into the list of its size. */
/* Verifies T13, T298. */
static void realloc_whose_own_list_is_broken_is_refused_from_level_2_on(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    heap h = heap_make((size_t)HEAP * TLSF_GRANULE);
    void *p[3];
    for (size_t i = 0; i < COUNT_OF(p); i++) {
        p[i] = tlsf_malloc(h.t, inner_for((size_t)SMALL * TLSF_GRANULE));
    }
    control *t = control_of(h.t);
    list_slot(t, class_of_small(block_size(block_of_payload(p[1]))))->next =
        link_of(t, block_of_payload(p[0]));
    faults_watch(h.t);
    expect_refused(&h, p[1], (size_t)100 * TLSF_GRANULE);
    region_free(&h.memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malloc_of_broken_block_of_its_size_is_refused),
        cmocka_unit_test(malloc_of_broken_found_block_is_refused),
        cmocka_unit_test(memalign_of_broken_found_block_is_refused),
        cmocka_unit_test(free_behind_broken_block_is_refused),
        cmocka_unit_test(free_before_broken_block_is_refused),
        cmocka_unit_test(realloc_into_broken_block_is_refused),
        cmocka_unit_test(fault_of_a_neighbours_link_is_told_from_that_of_its_header),
        cmocka_unit_test(merge_with_a_cut_list_writes_nothing_outside),
        cmocka_unit_test(link_to_a_slot_between_two_pools_is_reported),
        cmocka_unit_test(malloc_of_found_block_without_size_is_refused),
        cmocka_unit_test(largest_behind_a_broken_link_reads_nothing_outside),
        cmocka_unit_test(remove_pool_of_a_broken_block_is_refused),
        cmocka_unit_test(extend_pool_behind_a_broken_block_is_refused),
        cmocka_unit_test(add_to_pool_before_a_broken_block_is_refused),
        cmocka_unit_test(realloc_whose_own_list_is_broken_is_refused_from_level_2_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
