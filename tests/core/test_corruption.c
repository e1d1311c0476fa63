/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening 2. Each case overwrites a size, a link or a bit, and makes each call that would use it.
 * The call reports one fault, returns what a refused call returns, and changes no byte.
 *
 * Each case verifies T13, T275, T287, T298, C38, unless it says otherwise.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#define SKIP_WITHOUT_PENDING() \
    do { \
        if (!TLSF_PENDING) { \
            SKIP_BECAUSE("no block is ever pending"); \
        } \
    } while (0)

/* ---- a heap with a block for every request ------------------------------------------ */

/* Sizes are outer sizes in units. From 4 units on, no size is so small that a class has no other.
 * Up to 15 units, each is the smallest of its class in every shape. */
enum {
    UNIT = 16, /* granules */
    EQUAL = 12,
    GUARD = 4,
    POOL_ROOM = 240,
    POOL_SPACING = 16384 * UNIT
};

/* The blocks of the first pool in address order. Used blocks lie between them. The second pool is
 * one free block. The bytes behind it are for a third pool. */
typedef struct {
    heap h;
    control *t;
    uint8_t *sound; /* a copy of the whole region as it was */
    block *equal[3];
    block *alone;                 /* used, between used ones */
    block *left, *middle, *right; /* free, used, free */
    block *longer;                /* used */
    block *low, *slider;          /* free, used */
    block *grower, *space;        /* used, free */
    block *large;                 /* the second pool */
    pool_t second;
} fixture;

static size_t bytes_of(size_t units) { return inner_for(units * UNIT * GRANULE); }

static block *used_block(fixture *f, size_t units) {
    void *payload = tlsf_malloc(f->t, bytes_of(units));
    assert_non_null(payload);
    memset(payload, 0x5A, tlsf_block_size(payload));
    assert_int_equal(tlsf_block_size(payload), bytes_of(units));
    return block_of_payload(payload);
}

static block *guarded_block(fixture *f, size_t units) {
    block *b = used_block(f, units);
    used_block(f, GUARD);
    return b;
}

static pool_t fixture_add_pool(fixture *f, size_t number) {
    return tlsf_add_pool(f->t, heap_spare(&f->h) + number * POOL_SPACING,
                         POOL_ROOM * UNIT * GRANULE + tlsf_pool_overhead() + GRANULE);
}

static void fill_first_pool(fixture *f) {
    for (size_t i = 0; i < COUNT_OF(f->equal); i++) {
        f->equal[i] = guarded_block(f, EQUAL);
    }
    f->alone = guarded_block(f, EQUAL);
    f->left = used_block(f, EQUAL);
    f->middle = used_block(f, EQUAL);
    f->right = guarded_block(f, EQUAL);
    f->longer = guarded_block(f, 2 * EQUAL);
    f->low = used_block(f, 20);
    f->slider = guarded_block(f, 16);
    f->grower = used_block(f, EQUAL);
    f->space = guarded_block(f, 40);
    assert_non_null(tlsf_malloc(f->t, tlsf_largest(f->t)));
    assert_int_equal(tlsf_largest(f->t), 0);
}

/* With TLSF_PENDING, the last block freed is pending. */
static void free_blocks_of_first_pool(fixture *f) {
    block *const freed[] = {f->left,     f->right,    f->low,     f->space,
                            f->equal[0], f->equal[1], f->equal[2]};
    for (size_t i = 0; i < COUNT_OF(freed); i++) {
        tlsf_free(f->t, block_payload(freed[i]));
    }
    assert_true(block_next(f->left) == f->middle && block_next(f->middle) == f->right);
    assert_true(block_next(f->low) == f->slider && block_next(f->grower) == f->space);
}

static fixture fixture_make(void) {
    fixture f = {.h = heap_make_empty(3 * POOL_SPACING)};
    f.t = f.h.t;
    assert_non_null(fixture_add_pool(&f, 0));
    fill_first_pool(&f);
    f.second = fixture_add_pool(&f, 1);
    assert_non_null(f.second);
    f.large = pool_first_block(f.second);
    free_blocks_of_first_pool(&f);
    assert_int_equal(tlsf_check(f.t), TLSF_SOUND);
    f.sound = malloc(f.h.memory.bytes);
    assert_non_null(f.sound);
    memcpy(f.sound, f.h.memory.begin, f.h.memory.bytes);
    return f;
}

static void fixture_restore(fixture *f) {
    memcpy(f->h.memory.begin, f->sound, f->h.memory.bytes);
    faults_watch(f->t);
}

static void fixture_end(fixture *f) {
    free(f->sound);
    heap_end(&f->h);
}

/* The class of a block of this size. */
static size_t class_of(unsigned units) { return class_floor(units * UNIT * GRANULE_SIZE); }

/* The block at this place in the list of the equal blocks. */
static block *listed_block(const fixture *f, size_t place) {
    block *b = list_first(f->t, class_of(EQUAL));
    for (; place != 0; place--) {
        b = link_block(f->t, b->next);
    }
    assert_true(b != &f->t->null);
    return b;
}

/* ---- requests ----------------------------------------------------------------------- */

/* Each makes a call, and returns whether the call gave what a refused call gives. For a call
 * without a result it returns true. */
typedef bool (*request)(fixture *f);

static bool malloc_gives_null(fixture *f, size_t units) {
    return tlsf_malloc(f->t, bytes_of(units)) == NULL;
}

static bool realloc_gives_null(fixture *f, const block *b, size_t units) {
    return tlsf_realloc(f->t, block_payload(b), bytes_of(units)) == NULL;
}

static bool malloc_equal(fixture *f) { return malloc_gives_null(f, EQUAL); }

static bool malloc_smaller(fixture *f) { return malloc_gives_null(f, 6); }

static bool calloc_equal(fixture *f) { return tlsf_calloc(f->t, 1, bytes_of(EQUAL)) == NULL; }

static bool realloc_of_null(fixture *f) {
    return tlsf_realloc(f->t, NULL, bytes_of(EQUAL)) == NULL;
}

static bool malloc_large(fixture *f) { return malloc_gives_null(f, 60); }

static bool calloc_large(fixture *f) { return tlsf_calloc(f->t, 60 * UNIT, GRANULE) == NULL; }

static void *memalign_of_large(fixture *f) {
    return tlsf_memalign(f->t, 32 * GRANULE, bytes_of(60));
}

static bool memalign_large(fixture *f) { return memalign_of_large(f) == NULL; }

static bool realloc_moving(fixture *f) { return realloc_gives_null(f, f->alone, 60); }

static bool realloc_moving_from_neighbours(fixture *f) {
    return realloc_gives_null(f, f->middle, 60);
}

static bool realloc_moving_to_alignment(fixture *f) {
    return tlsf_realloc_aligned(f->t, block_payload(f->alone), 32 * GRANULE, bytes_of(60)) == NULL;
}

static bool malloc_leaving_equal(fixture *f) { return malloc_gives_null(f, 40 - EQUAL); }

static bool realloc_shrinking(fixture *f) { return realloc_gives_null(f, f->longer, EQUAL); }

static bool realloc_growing(fixture *f) { return realloc_gives_null(f, f->grower, 40); }

static bool realloc_sliding_back(fixture *f) { return realloc_gives_null(f, f->slider, 24); }

static bool realloc_middle_shrinking(fixture *f) { return realloc_gives_null(f, f->middle, 6); }

static bool realloc_middle_growing(fixture *f) { return realloc_gives_null(f, f->middle, 20); }

static bool realloc_middle_sliding(fixture *f) { return realloc_gives_null(f, f->middle, 30); }

/* The first half of a realloc by two calls. */
static bool begin_gives_null(fixture *f, const block *b, size_t align, size_t units) {
    tlsf_move_t move;
    return tlsf_realloc_begin(f->t, block_payload(b), align, bytes_of(units), &move) == NULL;
}

static bool begin_moving(fixture *f) { return begin_gives_null(f, f->alone, 0, 60); }

static bool begin_moving_from_neighbours(fixture *f) {
    return begin_gives_null(f, f->middle, 0, 60);
}

static bool begin_moving_to_alignment(fixture *f) {
    return begin_gives_null(f, f->alone, 32 * GRANULE, 60);
}

static bool begin_shrinking(fixture *f) { return begin_gives_null(f, f->longer, 0, EQUAL); }

static bool begin_growing(fixture *f) { return begin_gives_null(f, f->grower, 0, 40); }

static bool begin_sliding_back(fixture *f) { return begin_gives_null(f, f->slider, 0, 24); }

static bool begin_middle_shrinking(fixture *f) { return begin_gives_null(f, f->middle, 0, 6); }

static bool begin_middle_sliding(fixture *f) { return begin_gives_null(f, f->middle, 0, 30); }

static bool free_middle(fixture *f) {
    tlsf_free(f->t, block_payload(f->middle));
    return true;
}

static bool free_alone(fixture *f) {
    tlsf_free(f->t, block_payload(f->alone));
    return true;
}

static bool ask_largest(fixture *f) { return tlsf_largest(f->t) == 0; }

static bool ask_stats(fixture *f) {
    tlsf_stats_t now;
    tlsf_stats(f->t, &now);
    return now.largest == 0;
}

static bool add_pool(fixture *f) { return fixture_add_pool(f, 2) == NULL; }

static bool remove_pool(fixture *f) {
    const int result = tlsf_remove_pool(f->t, f->second);
    assert_true(result == 0 || result == 1);
    return result == 1;
}

static bool ask_pool(fixture *f) { return tlsf_get_pool(f->t) == NULL; }

static bool reset(fixture *f) {
    tlsf_reset(f->t);
    return true;
}

static bool gives_nothing(request run) {
    return run == free_middle || run == free_alone || run == reset;
}

/* Requests that one of the equal blocks serves. */
static const request requests_for_equal[] = {malloc_equal, malloc_smaller, calloc_equal,
                                             realloc_of_null};
static const request requests_for_large[] = {malloc_large,
                                             calloc_large,
                                             memalign_large,
                                             realloc_moving,
                                             realloc_moving_from_neighbours,
                                             realloc_moving_to_alignment,
                                             begin_moving,
                                             begin_moving_from_neighbours,
                                             begin_moving_to_alignment};
/* Requests that coalesce the middle block with its neighbours, or can do so. */
static const request requests_for_middle[] = {free_middle,
                                              realloc_middle_shrinking,
                                              realloc_middle_growing,
                                              realloc_middle_sliding,
                                              realloc_moving_from_neighbours,
                                              begin_middle_shrinking,
                                              begin_middle_sliding,
                                              begin_moving_from_neighbours};
/* Requests that insert a block into the list of the equal blocks. */
static const request requests_that_insert[] = {
    malloc_leaving_equal, realloc_shrinking, realloc_growing, realloc_sliding_back,
    free_alone,           begin_shrinking,   begin_growing};

/* ---- what is expected --------------------------------------------------------------- */

typedef void (*corruption)(fixture *f, block *b);

/* A sound heap serves the request. */
static void expect_served(fixture *f, request run) {
    fixture_restore(f);
    assert_true(run(f) == gives_nothing(run));
    assert_int_equal(faults_seen(), 0);
    assert_int_equal(tlsf_check(f->t), TLSF_SOUND);
    fixture_restore(f);
}

static void expect_kind(fixture *f, corruption corrupt, block *b, request run,
                        tlsf_fault_kind kind) {
    uint8_t *broken = malloc(f->h.memory.bytes);
    assert_non_null(broken);
    expect_served(f, run);
    corrupt(f, b);
    memcpy(broken, f->h.memory.begin, f->h.memory.bytes);
    assert_true(run(f));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, kind);
    assert_int_equal(memcmp(broken, f->h.memory.begin, f->h.memory.bytes), 0);
    assert_true(region_is_guarded(&f->h.memory));
    free(broken);
    fixture_restore(f);
}

static void expect_refused(fixture *f, corruption corrupt, block *b, request run) {
    expect_kind(f, corrupt, b, run, TLSF_FAULT_CORRUPTION);
}

#define EXPECT_EACH_REFUSED(f, corrupt, b, requests) \
    do { \
        for (size_t each = 0; each < COUNT_OF(requests); each++) { \
            expect_refused(f, corrupt, b, (requests)[each]); \
        } \
    } while (0)

/* Corrupts a free block. Every request that searches for one must refuse. */
static void expect_listed_refused(corruption corrupt) {
    fixture f = fixture_make();
    EXPECT_EACH_REFUSED(&f, corrupt, listed_block(&f, 0), requests_for_equal);
    EXPECT_EACH_REFUSED(&f, corrupt, f.large, requests_for_large);
    expect_refused(&f, corrupt, f.large, ask_largest);
    expect_refused(&f, corrupt, f.large, ask_stats);
    for (size_t place = 1; place < TLSF_LOOK_AHEAD; place++) {
        expect_refused(&f, corrupt, listed_block(&f, place), malloc_equal);
    }
    fixture_end(&f);
}

/* Corrupts a free neighbour. Every request that coalesces with it must refuse. */
static void expect_neighbour_refused(corruption corrupt, tlsf_fault_kind kind) {
    fixture f = fixture_make();
    for (size_t i = 0; i < COUNT_OF(requests_for_middle); i++) {
        expect_kind(&f, corrupt, f.right, requests_for_middle[i], kind);
        expect_kind(&f, corrupt, f.left, requests_for_middle[i], kind);
    }
    fixture_end(&f);
}

/* Corrupts the free block that fills a pool. The removal of the pool must refuse. */
static void expect_pool_kept(corruption corrupt) {
    fixture f = fixture_make();
    expect_refused(&f, corrupt, f.large, remove_pool);
    fixture_end(&f);
}

/* Corrupts the pending block. Every request that looks at it must refuse. */
static void expect_pending_refused(corruption corrupt) {
    fixture f = fixture_make();
    block *b = link_block(f.t, f.t->pending);
    EXPECT_EACH_REFUSED(&f, corrupt, b, requests_for_equal);
    EXPECT_EACH_REFUSED(&f, corrupt, b, requests_for_large);
    EXPECT_EACH_REFUSED(&f, corrupt, b, requests_for_middle);
    EXPECT_EACH_REFUSED(&f, corrupt, b, requests_that_insert);
    expect_refused(&f, corrupt, b, ask_largest);
    expect_refused(&f, corrupt, b, ask_stats);
    expect_refused(&f, corrupt, b, add_pool);
    fixture_end(&f);
}

/* ---- links -------------------------------------------------------------------------- */

static void next_to_used(fixture *f, block *b) { b->next = link_of(f->t, f->alone); }

static void next_to_itself(fixture *f, block *b) { b->next = link_of(f->t, b); }

static void next_to_control(fixture *f, block *b) {
    b->next = list_slot_link(f->t, CLASS_FIRST + 1);
}

static void next_behind_span(fixture *f, block *b) {
    b->next = link_of(f->t, (block *)(f->t->span_end + GRANULE));
}

/* The last granule of the span has no room for links. */
static void next_to_last_granule(fixture *f, block *b) {
    b->next = link_of(f->t, (block *)(f->t->span_end - GRANULE));
}

/* The word there links back, as that of a listed block would. */
static void next_to_last_granule_with_link_back(fixture *f, block *b) {
    next_to_last_granule(f, b);
    link_block(f->t, b->next)->previous = link_of(f->t, b);
}

static void next_far_away(fixture *f, block *b) {
    (void)f;
    b->next = link_step(b->next, (size_t)1 << 28);
}

static void next_misaligned(fixture *f, block *b) {
    uint8_t *byte = (uint8_t *)f->alone;
    b->next = link_of(f->t, (const block *)(const void *)(byte + sizeof(header_word)));
}

static void previous_to_used(fixture *f, block *b) { b->previous = link_of(f->t, f->alone); }

static void previous_to_itself(fixture *f, block *b) { b->previous = link_of(f->t, b); }

static void previous_to_null(fixture *f, block *b) { b->previous = link_null(f->t); }

/* The slot of another list, which is not empty. A call that trusted this link would lose that
 * list. */
static void previous_to_other_list(fixture *f, block *b) {
    b->previous = list_slot_link(f->t, class_floor(f->low->header));
}

static void previous_behind_lists(fixture *f, block *b) {
    b->previous = list_slot_link(f->t, f->t->class_end);
}

static void previous_far_away(fixture *f, block *b) {
    (void)f;
    b->previous = link_step(b->previous, (size_t)1 << 28);
}

static const corruption next_links[] = {next_to_used,     next_to_itself, next_to_control,
                                        next_behind_span, next_far_away,  next_to_last_granule,
                                        next_misaligned};
static const corruption previous_links[] = {previous_to_used,      previous_to_itself,
                                            previous_to_null,      previous_to_other_list,
                                            previous_behind_lists, previous_far_away};

static void corruption_listed_next_link_is_found_by_search(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(next_links); i++) {
        expect_listed_refused(next_links[i]);
    }
}

static void corruption_listed_next_link_to_less_than_a_block_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    if (BLOCK_MIN == GRANULE_SIZE) {
        SKIP_BECAUSE("one granule is enough for a block");
    }
    fixture f = fixture_make();
    EXPECT_EACH_REFUSED(&f, next_to_last_granule_with_link_back, listed_block(&f, 0),
                        requests_for_equal);
    fixture_end(&f);
}

static void corruption_listed_next_link_is_found_by_coalescing(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(next_links); i++) {
        expect_neighbour_refused(next_links[i], TLSF_FAULT_CORRUPTION);
    }
}

static void corruption_listed_next_link_keeps_pool(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(next_links); i++) {
        expect_pool_kept(next_links[i]);
    }
}

static void corruption_listed_previous_link_is_found_by_search(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(previous_links); i++) {
        expect_listed_refused(previous_links[i]);
    }
}

static void corruption_listed_previous_link_is_found_by_coalescing(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(previous_links); i++) {
        expect_neighbour_refused(previous_links[i], TLSF_FAULT_CORRUPTION);
    }
}

static void corruption_listed_previous_link_keeps_pool(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(previous_links); i++) {
        expect_pool_kept(previous_links[i]);
    }
}

/* The links back to b, in the blocks before and behind it in the list. */
static void next_link_of_block_before(fixture *f, block *b) {
    link_block(f->t, b->previous)->next = link_of(f->t, f->alone);
}

static void previous_link_of_block_behind(fixture *f, block *b) {
    link_block(f->t, b->next)->previous = link_of(f->t, f->alone);
}

static void corruption_link_back_to_listed_block_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    EXPECT_EACH_REFUSED(&f, next_link_of_block_before, f.right, requests_for_middle);
    EXPECT_EACH_REFUSED(&f, previous_link_of_block_behind, f.right, requests_for_middle);
    EXPECT_EACH_REFUSED(&f, previous_link_of_block_behind, listed_block(&f, 0), requests_for_equal);
    fixture_end(&f);
}

static block_link link_with_bit_flipped(block_link link, unsigned bit) {
    header_word word;
    memcpy(&word, &link, sizeof(word));
    word ^= (header_word)1 << bit;
    memcpy(&link, &word, sizeof(link));
    return link;
}

static void previous_bit_0(fixture *f, block *b) {
    (void)f;
    b->previous = link_with_bit_flipped(b->previous, 0);
}

static void previous_bit_1(fixture *f, block *b) {
    (void)f;
    b->previous = link_with_bit_flipped(b->previous, 1);
}

/* Where links are pointers, the flipped link points between the slots of two lists. */
static void corruption_previous_link_beside_its_list_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    expect_listed_refused(previous_bit_0);
    expect_listed_refused(previous_bit_1);
    expect_pool_kept(previous_bit_0);
    expect_pool_kept(previous_bit_1);
}

/* ---- sizes and flags ---------------------------------------------------------------- */

static header_word *footer_of(const block *b) {
    return (header_word *)((uintptr_t)block_next(b) - sizeof(header_word));
}

static void header_one_larger(fixture *f, block *b) {
    (void)f;
    b->header += GRANULE_SIZE;
}

static void header_of_no_size(fixture *f, block *b) {
    (void)f;
    b->header = BLOCK_FREE;
}

static void header_of_huge_size(fixture *f, block *b) {
    (void)f;
    b->header = ((header_word)0 - GRANULE_SIZE) | BLOCK_FREE;
}

static void header_without_free_flag(fixture *f, block *b) {
    (void)f;
    b->header &= ~(header_word)BLOCK_FREE;
}

static void header_with_previous_flag(fixture *f, block *b) {
    (void)f;
    b->header |= BLOCK_PREVIOUS_FREE;
}

static void footer_one_larger(fixture *f, block *b) {
    (void)f;
    *footer_of(b) += GRANULE_SIZE;
}

static void footer_of_zero(fixture *f, block *b) {
    (void)f;
    *footer_of(b) = 0;
}

static const corruption sizes[] = {
    header_one_larger,         header_of_no_size, header_of_huge_size, header_without_free_flag,
    header_with_previous_flag, footer_one_larger, footer_of_zero};

static void previous_flag_at_both_ends(fixture *f, block *b) {
    (void)f;
    b->header |= BLOCK_PREVIOUS_FREE;
    *footer_of(b) = b->header;
}

static void no_free_flag_at_both_ends(fixture *f, block *b) {
    (void)f;
    b->header &= ~(header_word)BLOCK_FREE;
    *footer_of(b) = b->header;
}

static void flag_of_block_behind(fixture *f, block *b) {
    (void)f;
    block_next(b)->header &= ~(header_word)BLOCK_PREVIOUS_FREE;
}

/* Everything agrees on a size two granules smaller, except for the list. */
static void smaller_at_both_ends(fixture *f, block *b) {
    (void)f;
    b->header -= 2 * GRANULE_SIZE;
    *footer_of(b) = b->header;
    block_next(b)->header = 2 * GRANULE_SIZE | BLOCK_PREVIOUS_FREE;
}

static void corruption_size_or_flag_is_found_by_search(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        expect_listed_refused(sizes[i]);
    }
    expect_listed_refused(previous_flag_at_both_ends);
    expect_listed_refused(no_free_flag_at_both_ends);
    expect_listed_refused(flag_of_block_behind);
}

static void corruption_size_of_other_list_is_found_by_search(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    EXPECT_EACH_REFUSED(&f, smaller_at_both_ends, listed_block(&f, 0), requests_for_equal);
    fixture_end(&f);
}

/* The checks of level 1 come first. */
static void corruption_size_or_flag_of_neighbour_is_found_as_neighbour(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        expect_neighbour_refused(sizes[i], TLSF_FAULT_NEIGHBOUR);
    }
}

static void corruption_flag_at_both_ends_of_neighbour_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    expect_neighbour_refused(previous_flag_at_both_ends, TLSF_FAULT_CORRUPTION);
}

static void corruption_flag_behind_neighbour_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    EXPECT_EACH_REFUSED(&f, flag_of_block_behind, f.right, requests_for_middle);
    fixture_end(&f);
}

static void corruption_footer_or_flag_behind_keeps_pool(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    expect_pool_kept(footer_one_larger);
    expect_pool_kept(footer_of_zero);
    expect_pool_kept(flag_of_block_behind);
}

/* ---- the pending block -------------------------------------------------------------- */

static void pending_to_used(fixture *f, block *b) {
    (void)b;
    f->t->pending = link_of(f->t, f->alone);
}

static void pending_to_listed(fixture *f, block *b) {
    (void)b;
    f->t->pending = link_of(f->t, f->low);
}

static void pending_to_null(fixture *f, block *b) {
    (void)b;
    f->t->pending = link_null(f->t);
}

static void pending_to_control(fixture *f, block *b) {
    (void)b;
    f->t->pending = list_slot_link(f->t, CLASS_FIRST + 1);
}

static void pending_far_away(fixture *f, block *b) {
    (void)b;
    f->t->pending = link_step(f->t->pending, (size_t)1 << 28);
}

static void pending_of_larger_size(fixture *f, block *b) {
    (void)b;
    f->t->pending_header += GRANULE_SIZE;
}

static void pending_of_no_size(fixture *f, block *b) {
    (void)b;
    f->t->pending_header = 0;
}

/* No block is pending, but the mark of a victim or a size is kept. */
static void pending_none_and_victim(fixture *f, block *b) {
    (void)b;
    pending_clear(f->t);
    f->t->pending_header = PENDING_VICTIM;
}

static void pending_none_of_size(fixture *f, block *b) {
    (void)b;
    pending_clear(f->t);
    f->t->pending_header = GRANULE_SIZE;
}

/* Everything that is kept of the pending block agrees on a size that is too small for links. */
static void pending_of_one_granule(fixture *f, block *b) {
    b->header = GRANULE_SIZE | BLOCK_FREE;
    *footer_of(b) = b->header;
    block_next(b)->header |= BLOCK_PREVIOUS_FREE;
    pending_set(f->t, b, b->header);
}

/* The links of a pending block must be empty. */
static void pending_linked_back(fixture *f, block *b) {
    b->previous = list_slot_link(f->t, class_floor(b->header));
}

static void pending_linked_on(fixture *f, block *b) { b->next = link_of(f->t, f->large); }

/* Verifies T13, T275, T282, T298. */
static void corruption_pending_fields_are_found(void **state) {
    const corruption fields[] = {
        pending_linked_back, pending_linked_on,       pending_to_used,     pending_to_listed,
        pending_to_null,     pending_to_control,      pending_far_away,    pending_of_larger_size,
        pending_of_no_size,  pending_none_and_victim, pending_none_of_size};
    (void)state;
    SKIP_BELOW_LEVEL_2();
    SKIP_WITHOUT_PENDING();
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        expect_pending_refused(fields[i]);
    }
}

/* Verifies T13, T275, T282, T298. */
static void corruption_pending_size_or_flag_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    SKIP_WITHOUT_PENDING();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        expect_pending_refused(sizes[i]);
    }
    expect_pending_refused(previous_flag_at_both_ends);
    expect_pending_refused(flag_of_block_behind);
    expect_pending_refused(smaller_at_both_ends);
}

static void corruption_pending_too_small_for_a_block_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    SKIP_WITHOUT_PENDING();
    if (BLOCK_MIN == GRANULE_SIZE) {
        SKIP_BECAUSE("one granule is enough for a block");
    }
    expect_pending_refused(pending_of_one_granule);
}

/* The block that fills the pool is pending. */
static void corruption_pending_fields_keep_pool(void **state) {
    const corruption fields[] = {pending_of_larger_size, footer_of_zero};
    (void)state;
    SKIP_BELOW_LEVEL_2();
    SKIP_WITHOUT_PENDING();
    fixture f = fixture_make();
    void *p = tlsf_malloc(f.t, bytes_of(60));
    tlsf_free(f.t, p);
    assert_ptr_equal(link_block(f.t, f.t->pending), f.large);
    memcpy(f.sound, f.h.memory.begin, f.h.memory.bytes);
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        expect_refused(&f, fields[i], f.large, remove_pool);
    }
    fixture_end(&f);
}

/* A list names the pending block, which has no valid links. */
static void pending_listed_too(fixture *f, block *b) {
    list_slot(f->t, class_of(10))->next = link_of(f->t, b);
    list_mark(f->t, class_of(10));
    b->previous = list_slot_link(f->t, class_of(10));
    next_far_away(f, b);
}

static bool malloc_of_ten(fixture *f) { return malloc_gives_null(f, 10); }

static void corruption_list_that_names_pending_block_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    SKIP_WITHOUT_PENDING();
    fixture f = fixture_make();
    expect_refused(&f, pending_listed_too, link_block(f.t, f.t->pending), malloc_of_ten);
    fixture_end(&f);
}

/* ---- heads of lists ----------------------------------------------------------------- */

static void head_to(fixture *f, size_t class, const block *b) {
    list_slot(f->t, class)->next = link_of(f->t, b);
}

static void head_to_used(fixture *f, block *b) {
    (void)b;
    head_to(f, class_of(EQUAL), f->alone);
}

static void head_to_control(fixture *f, block *b) {
    (void)b;
    head_to(f, class_of(EQUAL), list_slot(f->t, CLASS_FIRST + 1));
}

static void head_far_away(fixture *f, block *b) {
    (void)b;
    block *slot = list_slot(f->t, class_of(EQUAL));
    slot->next = link_step(slot->next, (size_t)1 << 28);
}

/* The list begins with its second block, which still links back to the first. */
static void head_to_second_block(fixture *f, block *b) {
    (void)b;
    head_to(f, class_of(EQUAL), listed_block(f, 1));
}

static const corruption heads[] = {head_to_used, head_to_control, head_far_away,
                                   head_to_second_block};

static void corruption_head_of_list_is_found_by_search(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        EXPECT_EACH_REFUSED(&f, heads[i], NULL, requests_for_equal);
    }
    fixture_end(&f);
}

/* A block is inserted into the list: the freed block, the rest of a split, or the block that was
 * pending. */
static void corruption_head_of_list_is_found_by_what_inserts(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        EXPECT_EACH_REFUSED(&f, heads[i], NULL, requests_that_insert);
    }
    fixture_end(&f);
}

static void corruption_first_blocks_previous_link_is_found_by_what_inserts(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    for (size_t i = 0; i < COUNT_OF(previous_links); i++) {
        EXPECT_EACH_REFUSED(&f, previous_links[i], listed_block(&f, 0), requests_that_insert);
    }
    fixture_end(&f);
}

/* The coalesced block has a list of its own. With TLSF_PENDING, the block that was pending goes
 * into the list of the equal blocks. */
static void head_of_coalesced_to_used(fixture *f, block *b) {
    (void)b;
    head_to(f, class_of(TLSF_PENDING ? EQUAL : 3 * EQUAL), f->alone);
}

static void corruption_head_of_list_is_found_by_coalescing_free(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    expect_refused(&f, head_of_coalesced_to_used, NULL, free_middle);
    fixture_end(&f);
}

static void head_of_pools_to_used(fixture *f, block *b) {
    head_to(f, TLSF_PENDING ? class_of(EQUAL) : class_floor(b->header), f->alone);
}

static void corruption_head_of_list_is_found_by_add_pool(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    expect_refused(&f, head_of_pools_to_used, f.large, add_pool);
    fixture_end(&f);
}

/* memalign inserts what it leaves in front of the aligned address into its list at once. What it
 * leaves behind the block is inserted at once too, or when the next free finds it pending. */
static size_t class_of_rest;

static void head_of_rest_to_used(fixture *f, block *b) {
    (void)b;
    head_to(f, class_of_rest, f->alone);
}

static void expect_rest_refused(fixture *f, outer_size rest, request run) {
    assert_true(rest >= BLOCK_MIN);
    class_of_rest = class_floor(rest);
    assert_true(list_is_empty(f->t, class_of_rest));
    expect_refused(f, head_of_rest_to_used, NULL, run);
}

static void corruption_head_of_list_is_found_by_memalign(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    const block *aligned = block_of_payload(memalign_of_large(&f));
    const outer_size gap = size_of_bytes((uintptr_t)aligned - (uintptr_t)f.large);
    const outer_size behind = block_size(block_next(aligned));
    fixture_restore(&f);
    expect_rest_refused(&f, gap, memalign_large);
    expect_rest_refused(&f, behind, memalign_large);
    expect_rest_refused(&f, gap, realloc_moving_to_alignment);
    expect_rest_refused(&f, behind, realloc_moving_to_alignment);
    fixture_end(&f);
}

/* A realloc that moves allocates nothing if it could not free the old block. */
static void head_of_freed_to_used(fixture *f, block *b) {
    (void)b;
    head_to(f, class_of(EQUAL), f->alone);
}

static void corruption_head_of_list_is_found_by_moving_realloc(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    const outer_size rest = block_size(f.large) - 60 * UNIT * GRANULE_SIZE;
    expect_rest_refused(&f, rest, realloc_moving);
    expect_rest_refused(&f, rest, realloc_moving_from_neighbours);
    expect_refused(&f, head_of_freed_to_used, NULL, realloc_moving);
    expect_refused(&f, head_of_coalesced_to_used, NULL, realloc_moving_from_neighbours);
    expect_rest_refused(&f, rest, begin_moving);
    expect_refused(&f, head_of_freed_to_used, NULL, begin_moving);
    expect_refused(&f, head_of_coalesced_to_used, NULL, begin_moving_from_neighbours);
    fixture_end(&f);
}

/* What a block leaves behind it that begins to slide back goes into its list. */
static void corruption_head_of_list_is_found_by_realloc_that_begins_to_slide(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    expect_rest_refused(&f, (3 * EQUAL - 30) * UNIT * GRANULE_SIZE, begin_middle_sliding);
    fixture_end(&f);
}

/* ---- the second half of a realloc --------------------------------------------------- */

static tlsf_move_t slide; /* that has begun */
static size_t slide_outer;

/* Refused, the block keeps all that it has joined. */
static bool end_sliding(fixture *f) {
    assert_ptr_equal(tlsf_realloc_end(f->t, &slide), slide.to);
    return outer_of(slide.to) == slide_outer;
}

static void plan_larger(fixture *f, block *b);

static void corruption_is_found_by_the_second_half_of_a_realloc(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    void *moved = tlsf_realloc_begin(f.t, block_payload(f.slider), 0, bytes_of(24), &slide);
    assert_ptr_equal(moved, block_payload(f.low));
    memmove(slide.to, slide.from, slide.bytes);
    slide_outer = outer_of(moved);
    assert_int_equal(slide_outer, (20 + 16) * UNIT * GRANULE);
    assert_int_equal(tlsf_check(f.t), TLSF_SOUND);
    memcpy(f.sound, f.h.memory.begin, f.h.memory.bytes);
    expect_refused(&f, plan_larger, NULL, end_sliding);
    expect_refused(&f, head_to_used, NULL, end_sliding); /* the list of what is cut off */
    fixture_end(&f);
}

/* ---- a small block between used ones ------------------------------------------------ */

static void plan_larger_of(control *t, const block *b) {
    (void)b;
    t->request_max += GRANULE;
}

static void head_of_small_to_used(control *t, const block *b) {
    block *slot = list_slot(t, class_of_small(block_size(b)));
    slot->next = link_of(t, b);
}

static void corruption_is_found_by_free_of_a_small_block(void **state) {
    static void (*const corrupt[])(control *, const block *) = {plan_larger_of,
                                                                head_of_small_to_used};
    (void)state;
    SKIP_BELOW_LEVEL_2();
    heap h = heap_make(4096);
    void *blocks[3];
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = tlsf_malloc(h.t, inner_for(8 * GRANULE));
        memset(blocks[i], 0x5A, tlsf_block_size(blocks[i]));
    }
    uint8_t *sound = malloc(h.memory.bytes);
    uint8_t *broken = malloc(h.memory.bytes);
    assert_non_null(sound);
    assert_non_null(broken);
    memcpy(sound, h.memory.begin, h.memory.bytes);
    for (size_t i = 0; i < COUNT_OF(corrupt); i++) {
        faults_watch(h.t);
        corrupt[i](h.t, block_of_payload(blocks[1]));
        memcpy(broken, h.memory.begin, h.memory.bytes);
        tlsf_free(h.t, blocks[1]);
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
        assert_memory_equal(broken, h.memory.begin, h.memory.bytes);
        memcpy(h.memory.begin, sound, h.memory.bytes);
    }
    free(sound);
    free(broken);
    heap_end(&h);
}

/* ---- bitmaps ------------------------------------------------------------------------ */

static void bit_of_empty_list(fixture *f, block *b) {
    (void)b;
    list_mark(f->t, class_of(10));
}

static void corruption_bit_of_empty_list_is_found_by_search(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    expect_refused(&f, bit_of_empty_list, NULL, malloc_of_ten);
    expect_refused(&f, bit_of_empty_list, NULL, malloc_smaller);
    fixture_end(&f);
}

/* The list of the largest class, which is empty. */
static void bit_of_last_list(fixture *f, block *b) {
    (void)b;
    list_mark(f->t, f->t->class_end - 1);
}

static void corruption_bit_of_last_list_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    expect_refused(&f, bit_of_last_list, NULL, ask_largest);
    expect_refused(&f, bit_of_last_list, NULL, ask_stats);
    fixture_end(&f);
}

static void bit_of_last_list_alone(fixture *f, block *b) {
    memset(f->t->second_level, 0, sizeof(f->t->second_level));
    f->t->first_level = 0;
    bit_of_last_list(f, b);
}

static void last_row_empty(fixture *f, block *b) {
    bit_of_last_list_alone(f, b);
    f->t->second_level[class_row(f->t->class_end - 1)] = 0;
}

static void row_beyond_last(fixture *f, block *b) {
    last_row_empty(f, b);
    f->t->first_level = UINT32_C(1) << 31;
}

static void corruption_bit_of_empty_row_is_found(void **state) {
    const corruption rows[] = {last_row_empty, bit_of_last_list_alone, row_beyond_last};
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        EXPECT_EACH_REFUSED(&f, rows[i], NULL, requests_for_large);
        expect_refused(&f, rows[i], NULL, ask_largest);
        expect_refused(&f, rows[i], NULL, ask_stats);
        expect_refused(&f, rows[i], NULL, begin_sliding_back);
    }
    fixture_end(&f);
}

/* The numbers below CLASS_FIRST are no classes. */
static void corruption_bit_below_lists_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    for (size_t c = 0; c < CLASS_FIRST; c++) {
        fixture_restore(&f);
        memset(f.t->second_level, 0, sizeof(f.t->second_level));
        f.t->first_level = 0;
        list_mark(f.t, c);
        assert_int_equal(tlsf_largest(f.t), 0);
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    }
    fixture_restore(&f);
    fixture_end(&f);
}

/* A heap that is planned for its pool alone has fewer lists than the bitmaps have bits. */
static void corruption_bit_beyond_lists_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    region memory = region_make(8192, 0);
    control *t = tlsf_create_sized(memory.begin, memory.bytes, 0);
    assert_non_null(t);
    assert_non_null(tlsf_malloc(t, tlsf_largest(t)));
    assert_true(t->class_end < ROW_COUNT * CLASSES_PER_ROW);
    list_mark(t, t->class_end);
    uint8_t broken[8192];
    faults_watch(t);
    memcpy(broken, memory.begin, sizeof(broken));
    assert_null(tlsf_malloc(t, 1));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    assert_null(tlsf_memalign(t, 4 * GRANULE, 1));
    assert_int_equal(faults_seen(), 2);
    assert_int_equal(tlsf_largest(t), 0);
    assert_int_equal(faults_seen(), 3);
    assert_memory_equal(broken, memory.begin, sizeof(broken));
    region_free(&memory);
}

/* Behind the lists the heap has no memory at all. With address sanitizer there are guard bytes. */
static void corruption_bit_beyond_lists_without_pool_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    const size_t last = ROW_COUNT * CLASSES_PER_ROW - 1;
    if (last == CLASS_MAX) {
        SKIP_BECAUSE("every bit of the last row has a list");
    }
    region memory = region_make(tlsf_size(), 0);
    control *t = tlsf_create(memory.begin);
    list_mark(t, last);
    faults_watch(t);
    assert_null(tlsf_malloc(t, 1));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(tlsf_largest(t), 0);
    assert_int_equal(faults_seen(), 2);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    region_free(&memory);
}

/* ---- the null block ----------------------------------------------------------------- */

static void null_block_of_size(fixture *f, block *b) {
    (void)b;
    f->t->null.header = OUTER_SIZE_MAX;
}

static void null_block_with_next(fixture *f, block *b) {
    (void)b;
    f->t->null.next = link_of(f->t, f->alone);
}

/* No block is large enough. The search ends at the null block, and fails in a sound heap too. */
static bool malloc_too_large(fixture *f) { return malloc_gives_null(f, 1000); }

static void expect_null_block_refused(corruption corrupt) {
    fixture f = fixture_make();
    fixture_restore(&f);
    assert_true(malloc_too_large(&f));
    assert_int_equal(faults_seen(), 0);
    fixture_restore(&f);
    corrupt(&f, NULL);
    uint8_t *broken = malloc(f.h.memory.bytes);
    assert_non_null(broken);
    memcpy(broken, f.h.memory.begin, f.h.memory.bytes);
    assert_true(malloc_too_large(&f));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    assert_int_equal(memcmp(broken, f.h.memory.begin, f.h.memory.bytes), 0);
    free(broken);
    fixture_restore(&f);
    fixture_end(&f);
}

static void corruption_null_block_is_found_by_search_without_result(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    expect_null_block_refused(null_block_of_size);
    expect_null_block_refused(null_block_with_next);
}

static void corruption_null_block_is_found_behind_last_of_list(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    if (TLSF_LOOK_AHEAD < 2) {
        SKIP_BECAUSE("the search looks only at the first block of a list");
    }
    fixture f = fixture_make();
    expect_refused(&f, null_block_of_size, NULL, malloc_large);
    expect_refused(&f, null_block_of_size, NULL, ask_largest);
    fixture_end(&f);
}

/* ---- the plan ----------------------------------------------------------------------- */

static void plan_larger(fixture *f, block *b) {
    (void)b;
    f->t->request_max += GRANULE;
}

static void plan_smaller_by_a_byte(fixture *f, block *b) {
    (void)b;
    f->t->request_max--;
}

static void plan_larger_than_any(fixture *f, block *b) {
    (void)b;
    f->t->request_max = SIZE_MAX;
}

static void plan_of_one_class_more(fixture *f, block *b) {
    (void)b;
    f->t->class_end++;
}

static void plan_of_one_class_less(fixture *f, block *b) {
    (void)b;
    f->t->class_end--;
}

static void corruption_plan_or_null_block_is_found_by_each_request(void **state) {
    static const corruption fields[] = {plan_larger,
                                        plan_smaller_by_a_byte,
                                        plan_larger_than_any,
                                        plan_of_one_class_more,
                                        plan_of_one_class_less,
                                        null_block_of_size,
                                        null_block_with_next};
    static const request others[] = {remove_pool, reset};
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        EXPECT_EACH_REFUSED(&f, fields[i], NULL, requests_for_equal);
        EXPECT_EACH_REFUSED(&f, fields[i], NULL, requests_for_large);
        EXPECT_EACH_REFUSED(&f, fields[i], NULL, requests_for_middle);
        EXPECT_EACH_REFUSED(&f, fields[i], NULL, requests_that_insert);
        EXPECT_EACH_REFUSED(&f, fields[i], NULL, others);
        /* With a plan that is out of range, add_pool finds every pool too large and looks no
         * further. */
        if (fields[i] != plan_larger && fields[i] != plan_larger_than_any) {
            expect_refused(&f, fields[i], NULL, add_pool);
        }
    }
    fixture_end(&f);
}

/* ---- the list of pools -------------------------------------------------------------- */

static void last_pool_far_away(fixture *f, block *b) {
    (void)b;
    f->t->pools.previous = link_step(f->t->pools.previous, (size_t)1 << 28);
}

static void last_pool_is_first(fixture *f, block *b) {
    (void)b;
    f->t->pools.previous = f->t->pools.next;
}

static void pool_next_far_away(fixture *f, block *b) {
    (void)b;
    pool_describe(f->second)->next = link_step(pool_describe(f->second)->next, (size_t)1 << 28);
}

static void pool_next_to_itself(fixture *f, block *b) {
    (void)b;
    pool_describe(f->second)->next = pool_link(f->t, pool_describe(f->second));
}

static void pool_previous_far_away(fixture *f, block *b) {
    (void)b;
    pool_describe(f->second)->previous =
        link_step(pool_describe(f->second)->previous, (size_t)1 << 28);
}

static void pool_previous_to_anchor(fixture *f, block *b) {
    (void)b;
    pool_describe(f->second)->previous = pool_link(f->t, &f->t->pools);
}

static void first_pool_far_away(fixture *f, block *b) {
    (void)b;
    f->t->pools.next = link_step(f->t->pools.next, (size_t)1 << 28);
}

static void first_pool_is_last(fixture *f, block *b) {
    (void)b;
    f->t->pools.next = f->t->pools.previous;
}

static void corruption_pool_list_is_found_by_get_pool(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    expect_refused(&f, first_pool_far_away, NULL, ask_pool);
    expect_refused(&f, first_pool_is_last, NULL, ask_pool);
    fixture_end(&f);
}

static void corruption_pool_list_is_found_by_add_pool(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    expect_refused(&f, last_pool_far_away, NULL, add_pool);
    expect_refused(&f, last_pool_is_first, NULL, add_pool);
    fixture_end(&f);
}

static void corruption_pool_list_is_found_by_remove_pool(void **state) {
    const corruption links[] = {pool_next_far_away, pool_next_to_itself, pool_previous_far_away,
                                pool_previous_to_anchor};
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        expect_refused(&f, links[i], NULL, remove_pool);
    }
    fixture_end(&f);
}

static void corruption_pool_list_is_found_by_reset(void **state) {
    static const corruption links[] = {pool_next_far_away,     pool_next_to_itself,
                                       pool_previous_far_away, pool_previous_to_anchor,
                                       last_pool_far_away,     last_pool_is_first};
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        expect_refused(&f, links[i], NULL, reset);
    }
    fixture_end(&f);
}

/* ---- a used block's own size -------------------------------------------------------- */

/* Gives b the guard that level 3 expects at the end of a used block. */
static void write_guard(const control *t, const block *b) {
    guard_write(t, b, block_inner_bytes(b), block_inner_bytes(b));
}

/* The control structure lies between two pools that are full of used blocks. The size of a block in
 * the lower pool is overwritten, so that it leads to a used block in the upper pool. */
static void corruption_size_across_control_structure_is_found(void **state) {
    enum { ROOM = 3 * 4096, BLOCKS = 256 }; /* claims lie mostly before the structure, or behind */
    (void)state;
    SKIP_BELOW_LEVEL_2();
    const size_t middle = round_up(tlsf_size(), REGION_ALIGN);
    region memory = region_make(ROOM + middle + ROOM, 0);
    tlsf_t t = tlsf_create(memory.begin + ROOM);
    assert_non_null(tlsf_add_pool(t, memory.begin, ROOM));
    assert_non_null(tlsf_add_pool(t, memory.begin + ROOM + middle, ROOM));
    uint8_t *lowest = NULL, *upper = NULL;
    for (size_t i = 0; i < BLOCKS; i++) {
        uint8_t *payload = tlsf_malloc(t, 200);
        if (payload != NULL && (lowest == NULL || payload < lowest)) {
            lowest = payload;
        }
        if (payload != NULL && payload > memory.begin + ROOM && upper == NULL) {
            upper = payload;
        }
    }
    assert_true(lowest < memory.begin + ROOM && upper > memory.begin + ROOM);
    upper = block_payload(block_next(block_of_payload(upper))); /* behind a block, not a pool */
    uint8_t *broken = malloc(memory.bytes);
    assert_non_null(broken);
    /* The first and the last block before the control structure claim it. It lies in the second
     * half of one claim, and in the first half of the other. */
    uint8_t *claimers[2] = {lowest, lowest};
    for (uint8_t *p = lowest; p < memory.begin + ROOM - 200; p += outer_for(200)) {
        claimers[1] = block_is_free(block_of_payload(p)) ? claimers[1] : p;
    }
    for (size_t i = 0; i < COUNT_OF(claimers); i++) {
        block *b = block_of_payload(claimers[i]);
        const header_word sound = b->header;
        faults_watch(t);
        b->header = size_of_bytes((size_t)(upper - claimers[i]));
        write_guard(t, b);
        memcpy(broken, memory.begin, memory.bytes);
        tlsf_free(t, claimers[i]);
        assert_int_equal(faults_seen(), 1);
        assert_ptr_equal(faults_last().block, claimers[i]);
        assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
        assert_null(tlsf_realloc(t, claimers[i], 10));
        assert_int_equal(faults_seen(), 2);
        assert_int_equal(memcmp(broken, memory.begin, memory.bytes), 0);
        b->header = sound;
    }
    free(broken);
    region_free(&memory);
}

/* ---- what the hook receives --------------------------------------------------------- */

/* Verifies T290, T292, T293, T294, T295, T296. */
static void corruption_names_block_to_be_freed(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    fixture_restore(&f);
    next_to_used(&f, f.right);
    tlsf_free(f.t, block_payload(f.middle));
    assert_int_equal(faults_seen(), 1);
    assert_ptr_equal(faults_last().block, block_payload(f.middle));
    assert_int_equal(faults_last().size, bytes_of(EQUAL));
    assert_ptr_equal(faults_last().before, block_payload(f.left));
    assert_ptr_equal(faults_last().after, block_payload(f.right));
    fixture_restore(&f);
    fixture_end(&f);
}

/* Verifies T291. */
static void corruption_of_search_names_control_structure(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    fixture_restore(&f);
    bit_of_empty_list(&f, NULL);
    assert_null(tlsf_malloc(f.t, bytes_of(10)));
    assert_int_equal(faults_seen(), 1);
    const uintptr_t offset = (uintptr_t)faults_last().block - (uintptr_t)f.t;
    assert_true(offset < sizeof(control));
    fixture_restore(&f);
    fixture_end(&f);
}

/* A used block in front of all free memory. A block at a multiple of four granules in that memory
 * has a gap before it. */
static block *block_before_gap(const heap *h) {
    block *b;
    do {
        b = block_of_payload(tlsf_malloc(h->t, inner_for(5 * GRANULE)));
    } while (is_aligned(block_payload(b), 4 * (size_t)GRANULE) ||
             is_aligned(block_payload(block_next(b)), 4 * (size_t)GRANULE));
    memset(block_payload(b), 0x5A, tlsf_block_size(block_payload(b)));
    return b;
}

static void *realloc_to_a_gap(const heap *h, void *ptr) {
    return tlsf_realloc_aligned(h->t, ptr, 4 * (size_t)GRANULE, inner_for(60 * GRANULE));
}

/* Without the pending block, the list that the copied block goes into depends on where the copy
 * lies: here, on the gap before the copy. */
/* Verifies T299, T300, D2. */
static void corruption_met_after_a_copy_leaves_the_block(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    if (TLSF_PENDING) {
        SKIP_BECAUSE("a pending block is in no list yet");
    }
    heap h = heap_make(16384);
    const block *b = block_before_gap(&h);
    void *ptr = block_payload(b);
    const outer_size n = block_size(b);
    uint8_t *copy = realloc_to_a_gap(&h, ptr);
    assert_true(copy != NULL && block_is_free(b));
    block *head = list_slot(h.t, class_floor(b->header)); /* by now the gap is part of b */
    const outer_size whole = block_size(b);
    assert_true(whole > n);
    /* Everything is as before the call, except for the counts. */
    tlsf_free(h.t, copy);
    assert_ptr_equal(tlsf_malloc(h.t, inner_for(5 * GRANULE)), ptr);
    memset(ptr, 0x5A, inner_for(5 * GRANULE));
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);

    const block_link empty = head->next;
    head->next = link_of(h.t, b);
    faults_watch(h.t);
    assert_null(realloc_to_a_gap(&h, ptr));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    head->next = empty;
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    assert_true(!block_is_free(b) && block_size(b) == n);
    assert_true(bytes_are(ptr, inner_for(5 * GRANULE), 0x5A));
    tlsf_free(h.t, ptr);
    heap_end(&h);
}

/* Free memory contains the header of an old block, with what looks like blocks behind it. The place
 * that realloc would copy to ends before the header, but belongs to the same free block. */
static void corruption_stale_block_in_free_memory_is_not_moved_into_itself(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    heap h = heap_make(16384);
    uint8_t *p = tlsf_malloc(h.t, 64 * (size_t)GRANULE);
    assert_non_null(p);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    tlsf_free(h.t, p);
    block *stale = block_at(block_of_payload(p), 52 * GRANULE_SIZE);
    stale->header = 4 * GRANULE_SIZE;
    block_next(stale)->header = 4 * GRANULE_SIZE;
    block_next(block_next(stale))->header = 4 * GRANULE_SIZE;
    write_guard(h.t, stale);
    uint8_t *broken = malloc(h.memory.bytes);
    assert_non_null(broken);
    for (size_t align = 1; align <= 2 * (size_t)GRANULE; align *= 2) {
        faults_watch(h.t);
        memcpy(broken, h.memory.begin, h.memory.bytes);
        assert_null(tlsf_realloc_aligned(h.t, block_payload(stale), align, 40 * (size_t)GRANULE));
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
        assert_int_equal(memcmp(broken, h.memory.begin, h.memory.bytes), 0);
    }
    free(broken);
    region_free(&h.memory);
}

/* A user's data at `place`, in granules, looks like a free block of 40 granules, and a list names
 * it. The place is in or around a block of 16 granules, which realloc would copy there. */
static void expect_not_copied_to_false_block(outer_size place, size_t align, size_t granules) {
    enum { SIZE = 64, MOVED = 16, FALSE = 40 };
    static uint8_t broken[65536];
    heap h = heap_make(32768);
    assert_true(h.memory.bytes <= sizeof(broken));
    uint8_t *low = tlsf_malloc(h.t, inner_for((size_t)SIZE * GRANULE));
    uint8_t *moved = tlsf_malloc(h.t, inner_for((size_t)MOVED * GRANULE));
    assert_non_null(tlsf_malloc(h.t, inner_for((size_t)SIZE * GRANULE)));
    void *too_small = tlsf_malloc(h.t, inner_for((size_t)FALSE - 1 * GRANULE));
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    tlsf_free(h.t, too_small);
    block *b = block_at(block_of_payload(low), place * GRANULE_SIZE);
    if (b != block_of_payload(moved) &&
        block_at(b, FALSE * GRANULE_SIZE) != block_next(block_of_payload(moved))) {
        free_blocks_list(h.t, b, (FALSE * GRANULE_SIZE) | BLOCK_FREE);
        block_next(b)->header = BLOCK_MIN | BLOCK_PREVIOUS_FREE;
        faults_watch(h.t);
        memcpy(broken, h.memory.begin, h.memory.bytes);
        assert_null(tlsf_realloc_aligned(h.t, moved, align, inner_for((size_t)granules * GRANULE)));
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(memcmp(broken, h.memory.begin, h.memory.bytes), 0);
    }
    region_free(&h.memory);
}

/* The requests need all of the false block, alignment included. */
static void corruption_false_free_block_is_not_copied_to(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    for (outer_size place = 25; place < 80; place++) {
        expect_not_copied_to_false_block(place, 1, 40);
        expect_not_copied_to_false_block(place, 2 * (size_t)GRANULE, 39 - BLOCK_MIN / GRANULE_SIZE);
    }
}

static size_t alignment_of(const block *b) {
    const uintptr_t payload = (uintptr_t)block_payload(b);
    return payload & (0 - payload);
}

/* The size of a used block is overwritten. It covers all free blocks behind the block, up to the
 * begin of a used one. The block is not aligned, so realloc searches for another, and what it
 * searches for fills most of the last free block. */
static void corruption_size_over_free_blocks_is_found_by_moving_realloc(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    fixture f = fixture_make();
    block *b = f.equal[0];
    while (block_is_free(b) || alignment_of(b) > 4 * (size_t)GRANULE) {
        b = block_next(b);
    }
    const size_t align = 2 * alignment_of(b);
    const block *end = block_next(block_next(f.space));
    fixture_restore(&f);
    b->header = (outer_size)(((uintptr_t)end - (uintptr_t)b) / SIZE_UNIT) |
                (b->header & BLOCK_PREVIOUS_FREE);
    write_guard(f.t, b);
    assert_null(tlsf_realloc_aligned(f.t, block_payload(b), align,
                                     inner_for((size_t)(40) * GRANULE) - align - outer_min()));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    fixture_restore(&f);
    fixture_end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corruption_listed_next_link_is_found_by_search),
        cmocka_unit_test(corruption_listed_next_link_to_less_than_a_block_is_found),
        cmocka_unit_test(corruption_listed_next_link_is_found_by_coalescing),
        cmocka_unit_test(corruption_listed_next_link_keeps_pool),
        cmocka_unit_test(corruption_listed_previous_link_is_found_by_search),
        cmocka_unit_test(corruption_listed_previous_link_is_found_by_coalescing),
        cmocka_unit_test(corruption_listed_previous_link_keeps_pool),
        cmocka_unit_test(corruption_link_back_to_listed_block_is_found),
        cmocka_unit_test(corruption_previous_link_beside_its_list_is_found),
        cmocka_unit_test(corruption_size_or_flag_is_found_by_search),
        cmocka_unit_test(corruption_size_of_other_list_is_found_by_search),
        cmocka_unit_test(corruption_size_or_flag_of_neighbour_is_found_as_neighbour),
        cmocka_unit_test(corruption_flag_at_both_ends_of_neighbour_is_found),
        cmocka_unit_test(corruption_flag_behind_neighbour_is_found),
        cmocka_unit_test(corruption_footer_or_flag_behind_keeps_pool),
        cmocka_unit_test(corruption_pending_fields_are_found),
        cmocka_unit_test(corruption_pending_size_or_flag_is_found),
        cmocka_unit_test(corruption_pending_too_small_for_a_block_is_found),
        cmocka_unit_test(corruption_pending_fields_keep_pool),
        cmocka_unit_test(corruption_list_that_names_pending_block_is_found),
        cmocka_unit_test(corruption_head_of_list_is_found_by_search),
        cmocka_unit_test(corruption_head_of_list_is_found_by_what_inserts),
        cmocka_unit_test(corruption_first_blocks_previous_link_is_found_by_what_inserts),
        cmocka_unit_test(corruption_head_of_list_is_found_by_coalescing_free),
        cmocka_unit_test(corruption_head_of_list_is_found_by_add_pool),
        cmocka_unit_test(corruption_head_of_list_is_found_by_memalign),
        cmocka_unit_test(corruption_head_of_list_is_found_by_moving_realloc),
        cmocka_unit_test(corruption_head_of_list_is_found_by_realloc_that_begins_to_slide),
        cmocka_unit_test(corruption_is_found_by_the_second_half_of_a_realloc),
        cmocka_unit_test(corruption_is_found_by_free_of_a_small_block),
        cmocka_unit_test(corruption_bit_of_empty_list_is_found_by_search),
        cmocka_unit_test(corruption_bit_of_last_list_is_found),
        cmocka_unit_test(corruption_bit_of_empty_row_is_found),
        cmocka_unit_test(corruption_bit_below_lists_is_found),
        cmocka_unit_test(corruption_bit_beyond_lists_is_found),
        cmocka_unit_test(corruption_bit_beyond_lists_without_pool_is_found),
        cmocka_unit_test(corruption_null_block_is_found_by_search_without_result),
        cmocka_unit_test(corruption_null_block_is_found_behind_last_of_list),
        cmocka_unit_test(corruption_plan_or_null_block_is_found_by_each_request),
        cmocka_unit_test(corruption_pool_list_is_found_by_get_pool),
        cmocka_unit_test(corruption_pool_list_is_found_by_add_pool),
        cmocka_unit_test(corruption_pool_list_is_found_by_remove_pool),
        cmocka_unit_test(corruption_pool_list_is_found_by_reset),
        cmocka_unit_test(corruption_size_across_control_structure_is_found),
        cmocka_unit_test(corruption_size_over_free_blocks_is_found_by_moving_realloc),
        cmocka_unit_test(corruption_names_block_to_be_freed),
        cmocka_unit_test(corruption_of_search_names_control_structure),
        cmocka_unit_test(corruption_met_after_a_copy_leaves_the_block),
        cmocka_unit_test(corruption_stale_block_in_free_memory_is_not_moved_into_itself),
        cmocka_unit_test(corruption_false_free_block_is_not_copied_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
