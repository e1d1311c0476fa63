/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_attach and tlsf_attach_regions. A "reset" in these cases is that the program forgets its
 * handle: the region is all that is left.
 */
#include "attach_maker.h"
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/random.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

enum { REGION_BYTES = 6000, BLOCKS = 24, DEFAULT_STEPS = 20000, SHORT_STRIDE = 13 };

/* ---- a region with a heap, and its live blocks ------------------------------------------ */

typedef struct {
    region memory;
    tlsf_t t; /* before the reset */
    uint8_t *blocks[BLOCKS];
    uint8_t *copy; /* of the region */
} survivor;

static survivor survivor_make(size_t misalignment) {
    survivor s;
    s.memory = region_make(REGION_BYTES, misalignment);
    s.t = tlsf_create_sized(s.memory.begin, s.memory.bytes, 0);
    assert_non_null(s.t);
    for (size_t i = 0; i < BLOCKS; i++) {
        s.blocks[i] = tlsf_malloc(s.t, 20 + 3 * i);
        assert_non_null(s.blocks[i]);
        memset(s.blocks[i], (int)i, 20 + 3 * i);
    }
    for (size_t i = 1; i < BLOCKS; i += 4) {
        tlsf_free(s.t, s.blocks[i]);
        s.blocks[i] = NULL;
    }
    s.copy = test_malloc(REGION_BYTES);
    memcpy(s.copy, s.memory.begin, REGION_BYTES);
    return s;
}

static void survivor_end(survivor *s) {
    assert_true(region_is_guarded(&s->memory));
    test_free(s->copy);
    region_free(&s->memory);
}

/* Attaches, with a report that must be filled. */
static tlsf_t attach_expecting(const survivor *s, tlsf_invariant lost) {
    tlsf_report_t report;
    memset(&report, 0xFF, sizeof(report));
    tlsf_t t = tlsf_attach(s->memory.begin, s->memory.bytes, &report);
    assert_int_equal(report.broken, lost);
    assert_int_equal(t == NULL, lost != TLSF_SOUND && lost != TLSF_BROKEN_STATISTICS);
    return t;
}

static uint8_t region_before[REGION_BYTES];

/* The attach is refused and writes nothing. Then the region is as it was. */
static void expect_refused(survivor *s, tlsf_invariant lost) {
    memcpy(region_before, s->memory.begin, REGION_BYTES);
    assert_null(attach_expecting(s, lost));
    assert_int_equal(memcmp(region_before, s->memory.begin, REGION_BYTES), 0);
    memcpy(s->memory.begin, s->copy, REGION_BYTES);
}

/* Frees and allocates until the heap was full and is empty. */
static void use_up(tlsf_t t) {
    void *first = NULL;
    while (tlsf_largest(t) >= sizeof(void *)) {
        void **link = tlsf_malloc(t, sizeof(void *));
        assert_non_null(link);
        *link = first;
        first = link;
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    while (first != NULL) {
        void *next = *(void **)first;
        tlsf_free(t, first);
        first = next;
    }
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
}

/* ---- what survives ------------------------------------------------------------------ */

/* Verifies T51, T54, T60. */
static void attach_gives_the_heap_with_its_blocks(void **state) {
    (void)state;
    for (size_t misalignment = 0; misalignment < 16; misalignment++) {
        survivor s = survivor_make(misalignment);
        const tlsf_stats_t before = stats_of(s.t);
        tlsf_t t = attach_expecting(&s, TLSF_SOUND);
        const tlsf_stats_t after = stats_of(t);
        assert_ptr_equal(t, s.t);
        assert_memory_equal(&before, &after, sizeof(before));
        for (size_t i = 0; i < BLOCKS; i++) {
            assert_true(s.blocks[i] == NULL || s.blocks[i][19 + 3 * i] == i);
        }
        use_up(t);
        for (size_t i = 0; i < BLOCKS; i++) {
            tlsf_free(t, s.blocks[i]);
        }
        assert_int_equal(pool_blocks(tlsf_get_pool(t)), 1);
        assert_int_equal(tlsf_check(t), TLSF_SOUND);
        survivor_end(&s);
    }
}

static size_t stale_calls;

static void stale_hook(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    stale_calls++;
}

/* Verifies T54, T58. */
static void attach_never_calls_the_hook_of_the_program_before(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    stale_calls = 0;
    (void)tlsf_set_fault_hook(s.t, stale_hook);
    control_of(s.t)->class_end++;
    assert_null(attach_expecting(&s, TLSF_BROKEN_CONTROL));
    control_of(s.t)->class_end--;
    tlsf_t t = attach_expecting(&s, TLSF_SOUND);
    assert_true(tlsf_set_fault_hook(t, NULL) == NULL);
    assert_int_equal(stale_calls, 0);
    survivor_end(&s);
}

/* Verifies T52. */
static void attach_without_report_is_allowed(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    assert_ptr_equal(tlsf_attach(s.memory.begin, s.memory.bytes, NULL), s.t);
    memset(s.memory.begin, 0, s.memory.bytes);
    assert_null(tlsf_attach(s.memory.begin, s.memory.bytes, NULL));
    survivor_end(&s);
}

/* Verifies T59. */
static void attach_counts_broken_statistics_again(void **state) {
    (void)state;
    if (!TLSF_STATISTICS) {
        SKIP_BECAUSE("the library keeps no statistics");
    }
    survivor s = survivor_make(0);
    const tlsf_stats_t sound = stats_of(s.t);
    control_of(s.t)->used += 4;
    control_of(s.t)->failures = 99;
    tlsf_t t = attach_expecting(&s, TLSF_BROKEN_STATISTICS);
    const tlsf_stats_t stats = stats_of(t);
    assert_int_equal(stats.used_bytes, sound.used_bytes);
    assert_int_equal(stats.peak_bytes, sound.used_bytes);
    assert_int_equal(stats.live_blocks, sound.live_blocks);
    assert_int_equal(stats.failures, 0);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    survivor_end(&s);
}

/* What the check would find behind the statistics is lost as well, and nothing is written. */
/* Verifies T54, T55. */
static void attach_broken_guard_behind_broken_statistics_is_refused(void **state) {
    (void)state;
    if (TLSF_HARDENING < 3 || !TLSF_STATISTICS) {
        SKIP_BECAUSE("guards need hardening 3, and the library may keep no statistics");
    }
    survivor s = survivor_make(0);
    control_of(s.t)->used += 4;
    s.blocks[4][20 + 3 * 4] ^= 1;
    expect_refused(&s, TLSF_BROKEN_GUARD);
    survivor_end(&s);
}

/* ---- several pools ------------------------------------------------------------------ */

enum { POOL_BYTES = 2000, POOLS = 3 };

typedef struct {
    heap h;
    tlsf_region_t regions[POOLS]; /* of the pools */
    pool_t pools[POOLS];
} pooled;

static pooled pooled_make(void) {
    pooled p;
    p.h = heap_make_empty((size_t)POOLS * 2 * POOL_BYTES);
    for (size_t i = 0; i < POOLS; i++) {
        uint8_t *begin = heap_spare(&p.h) + i * 2 * POOL_BYTES + i;
        p.regions[i] = (tlsf_region_t){begin, POOL_BYTES};
        p.pools[i] = tlsf_add_pool(p.h.t, begin, POOL_BYTES);
        assert_non_null(p.pools[i]);
        assert_non_null(tlsf_malloc(p.h.t, POOL_BYTES / 2));
    }
    return p;
}

static tlsf_t attach_regions(const pooled *p, const tlsf_region_t *added, size_t count,
                             tlsf_report_t *lost) {
    return tlsf_attach_regions(p->h.memory.begin, tlsf_size(), added, count, lost);
}

/* Verifies T62, T64, T66, T63. */
static void attach_regions_in_any_order(void **state) {
    (void)state;
    pooled p = pooled_make();
    static uint8_t other[100];
    const tlsf_region_t mixed[] = {
        p.regions[2], p.regions[0], {other, sizeof(other)}, {NULL, 10}, p.regions[1]};
    tlsf_report_t lost;
    assert_ptr_equal(attach_regions(&p, p.regions, POOLS, &lost), p.h.t);
    assert_ptr_equal(attach_regions(&p, mixed, COUNT_OF(mixed), &lost), p.h.t);
    assert_int_equal(lost.broken, TLSF_SOUND);
    heap_end(&p.h);
}

/* Verifies T54, T66. */
static void attach_without_one_region_is_refused(void **state) {
    (void)state;
    pooled p = pooled_make();
    tlsf_report_t lost;
    for (size_t left_out = 0; left_out < POOLS; left_out++) {
        tlsf_region_t given[POOLS];
        memcpy(given, p.regions, sizeof(given));
        given[left_out] = given[(left_out + 1) % POOLS];
        assert_null(attach_regions(&p, given, POOLS, &lost));
        assert_int_equal(lost.broken, TLSF_BROKEN_POOL_LIST);
    }
    assert_null(attach_regions(&p, NULL, 0, &lost));
    assert_null(tlsf_attach_regions(p.h.memory.begin, 100, p.regions, POOLS, &lost));
    assert_int_equal(lost.broken, TLSF_BROKEN_CONTROL);
    heap_end(&p.h);
}

/* Verifies T62, T66. */
static void attach_removed_pool_need_not_be_given(void **state) {
    (void)state;
    pooled p = pooled_make();
    pool_t high = tlsf_add_pool(p.h.t, heap_spare(&p.h) + (2 * POOLS - 1) * POOL_BYTES, 900);
    assert_non_null(high);
    assert_int_equal(tlsf_remove_pool(p.h.t, high), 0);
    assert_ptr_equal(attach_regions(&p, p.regions, POOLS, NULL), p.h.t);
    assert_int_equal(control_of(p.h.t)->span_end, (uintptr_t)pool_end(p.pools[POOLS - 1]));
    heap_end(&p.h);
}

/* The list of pools has the order in which they were added, whatever their addresses are. */
/* Verifies T62. */
static void attach_pools_of_falling_addresses_renew_the_span(void **state) {
    (void)state;
    heap h = heap_make_empty((size_t)POOLS * POOL_BYTES);
    const tlsf_region_t all = {heap_spare(&h), (size_t)POOLS * POOL_BYTES};
    pool_t pools[POOLS];
    for (size_t i = POOLS; i-- > 0;) {
        pools[i] = tlsf_add_pool(h.t, heap_spare(&h) + i * POOL_BYTES, POOL_BYTES);
        assert_non_null(pools[i]);
    }
    control *t = control_of(h.t);
    const uintptr_t begin = (uintptr_t)pool_first_block(pools[0]);
    const uintptr_t end = (uintptr_t)pool_end(pools[POOLS - 1]);
    assert_true(t->span_begin == begin && t->span_end == end);
    t->span_begin -= 64; /* as of a lower pool that was removed */
    assert_ptr_equal(tlsf_attach_regions(h.memory.begin, tlsf_size(), &all, 1, NULL), h.t);
    assert_int_equal(t->span_begin, begin);
    assert_int_equal(t->span_end, end);
    heap_end(&h);
}

/* The checks of a pool alone cannot see what lies in two pools at once. */
/* Verifies T66. */
static void attach_pools_that_overlap_are_refused(void **state) {
    (void)state;
    pooled p = pooled_make();
    uint8_t *copy = test_malloc(p.h.memory.bytes);
    memcpy(copy, p.h.memory.begin, p.h.memory.bytes);
    tlsf_report_t lost;
    pool_descriptor *first = pool_describe(p.pools[0]);
    const outer_size reach = size_of_bytes((uintptr_t)pool_first_block(p.pools[1]) -
                                           (uintptr_t)pool_first_block(p.pools[0])) +
                             BLOCK_MIN;
    const tlsf_region_t all = {heap_spare(&p.h), (size_t)POOLS * 2 * POOL_BYTES};
    assert_ptr_equal(attach_regions(&p, &all, 1, &lost), p.h.t);
    control_of(p.h.t)->pool_size += reach - first->size;
    first->size = reach;
    assert_null(attach_regions(&p, &all, 1, &lost));
    assert_int_equal(lost.broken, TLSF_BROKEN_POOL_LIST);
    memcpy(p.h.memory.begin, copy, p.h.memory.bytes);
    test_free(copy);
    heap_end(&p.h);
}

/* Verifies T54, T66. */
static void attach_pool_without_blocks_is_refused(void **state) {
    (void)state;
    pooled p = pooled_make();
    tlsf_report_t lost;
    pool_descriptor *first = pool_describe(p.pools[0]);
    const outer_size size = first->size;
    const tlsf_region_t all = {heap_spare(&p.h), (size_t)POOLS * 2 * POOL_BYTES};
    first->size = 0;
    assert_null(attach_regions(&p, &all, 1, &lost));
    assert_int_equal(lost.broken, TLSF_BROKEN_POOL_LIST);
    first->size = size;
    heap_end(&p.h);
}

/* ---- what is refused ---------------------------------------------------------------- */

/* Verifies T54. */
static void attach_bad_arguments_are_refused(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    tlsf_report_t lost;
    assert_null(tlsf_attach(NULL, 1000, &lost));
    assert_int_equal(lost.broken, TLSF_BROKEN_CONTROL);
    assert_null(tlsf_attach(s.memory.begin, SIZE_MAX, &lost)); /* wraps round */
    assert_int_equal(lost.broken, TLSF_BROKEN_CONTROL);
    survivor_end(&s);
}

/* Verifies T54. */
static void attach_shorter_region_is_refused(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    const uint8_t *end = (const uint8_t *)(const void *)pool_end(tlsf_get_pool(s.t));
    const size_t needed = (size_t)(end - s.memory.begin) + header_bytes();
    for (size_t bytes = 0; bytes < needed; bytes++) {
        assert_null(tlsf_attach(s.memory.begin, bytes, NULL));
    }
    assert_ptr_equal(tlsf_attach(s.memory.begin, needed, NULL), s.t);
    survivor_end(&s);
}

/* Verifies T55, T57. */
static void attach_content_that_is_no_heap_is_refused(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    random_source random = random_from(random_seed("attach", 20261129));
    for (int byte = 0; byte < 256; byte++) {
        memset(s.memory.begin, byte, s.memory.bytes);
        expect_refused(&s, TLSF_BROKEN_CONTROL);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t k = 0; k < s.memory.bytes; k++) {
            s.memory.begin[k] = (uint8_t)random_bits(&random);
        }
        expect_refused(&s, TLSF_BROKEN_CONTROL);
    }
    survivor_end(&s);
}

/* Plans heap t for the largest blocks. Its list heads then reach into its pool. */
static void plan_largest(control *t) {
    t->request_max = size_inner_bytes(OUTER_SIZE_MAX);
    t->class_end = (uint32_t)class_floor(OUTER_SIZE_MAX) + 1;
}

/* Verifies T54, T57. */
static void attach_plan_with_heads_in_a_pool_is_refused(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    control *t = control_of(s.t);
    plan_largest(t);
    const size_t bytes =
        offsetof(control, heads) + (t->class_end - CLASS_FIRST) * sizeof(block_link);
    expect_refused(&s, bytes > REGION_BYTES ? TLSF_BROKEN_CONTROL : TLSF_BROKEN_POOL_LIST);
    survivor_end(&s);
}

/* Verifies T54, T57. */
static void attach_plan_with_heads_outside_the_region_is_refused(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    tlsf_report_t lost;
    plan_largest(control_of(s.t));
    assert_null(tlsf_attach(s.memory.begin, offsetof(control, heads) + sizeof(block_link), &lost));
    assert_int_equal(lost.broken, TLSF_BROKEN_CONTROL);
    survivor_end(&s);
}

/* Verifies T54, T57. */
static void attach_link_to_a_misaligned_pool_is_refused(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    control_of(s.t)->pools.next += 1; /* less than a granule in every layout */
    expect_refused(&s, TLSF_BROKEN_POOL_LIST);
    survivor_end(&s);
}

/* Verifies T54. */
static void attach_heap_at_another_address_is_refused(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    region other = region_make(REGION_BYTES, 0);
    memcpy(other.begin, s.memory.begin, REGION_BYTES);
    assert_null(tlsf_attach(other.begin, other.bytes, NULL));
    region_free(&other);
    survivor_end(&s);
}

/* Verifies T52, T53. */
static void attach_names_the_broken_block(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    tlsf_report_t lost;
    block_of_payload(s.blocks[4])->header |= BLOCK_PREVIOUS_FREE;
    assert_null(tlsf_attach(s.memory.begin, s.memory.bytes, &lost));
    assert_int_equal(lost.broken, TLSF_BROKEN_PREVIOUS_FLAG);
    assert_ptr_equal(lost.block, s.blocks[4]);
    assert_ptr_equal(lost.pool, tlsf_get_pool(s.t));
    survivor_end(&s);
}

/* ---- flipped bits and random words ------------------------------------------------------ */

/* Attaches to a region with any content. If that succeeds, the heap is sound and can be used. */
static bool attach_whatever(survivor *s) {
    tlsf_report_t lost;
    memcpy(region_before, s->memory.begin, REGION_BYTES);
    tlsf_t t = tlsf_attach(s->memory.begin, s->memory.bytes, &lost);
    if (t == NULL) {
        assert_int_not_equal(lost.broken, TLSF_SOUND);
        assert_int_equal(memcmp(region_before, s->memory.begin, REGION_BYTES), 0);
    } else {
        assert_int_equal(tlsf_check(t), TLSF_SOUND);
        use_up(t);
    }
    assert_true(region_is_guarded(&s->memory));
    return t != NULL;
}

/* A short run flips one bit in SHORT_STRIDE. The seed decides which. */
/* Verifies T54, T55, T57. */
static void attach_each_flipped_bit_is_refused_or_harmless(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    random_source random = random_from(random_seed("attach_bits", 20261129));
    const size_t bits = (size_t)REGION_BYTES * 8;
    const size_t stride = random_steps(DEFAULT_STEPS) < DEFAULT_STEPS ? SHORT_STRIDE : 1;
    size_t attached = 0;
    for (size_t bit = random_below(&random, stride); bit < bits; bit += stride) {
        s.memory.begin[bit / 8] ^= (uint8_t)(1u << bit % 8);
        attached += attach_whatever(&s);
        memcpy(s.memory.begin, s.copy, REGION_BYTES);
    }
    print_message("%s: attached with %zu of %zu bits flipped\n", __func__, attached, bits / stride);
    survivor_end(&s);
}

/* The words of other places of the region, and their like, get further than noise does. */
/* Verifies T55, T57. */
static void attach_random_words_are_refused_or_harmless(void **state) {
    (void)state;
    survivor s = survivor_make(0);
    random_source random = random_from(random_seed("attach_words", 20261129));
    const size_t words = REGION_BYTES / sizeof(uint32_t);
    const size_t steps = random_steps(DEFAULT_STEPS);
    for (size_t step = 0; step < steps; step++) {
        for (size_t n = 1 + random_below(&random, 4); n != 0; n--) {
            uint32_t word;
            memcpy(&word, s.copy + random_below(&random, words) * sizeof(word), sizeof(word));
            word += (uint32_t)random_below(&random, 3) * 4;
            memcpy(s.memory.begin + random_below(&random, words) * sizeof(word), &word,
                   sizeof(word));
        }
        (void)attach_whatever(&s);
        memcpy(s.memory.begin, s.copy, REGION_BYTES);
    }
    survivor_end(&s);
}

/* ---- other options ------------------------------------------------------------------ */

static bool is_same_heap(made_heap made) {
    return made.layout == TLSF_LAYOUT && made.granule == TLSF_GRANULE &&
           made.sl_bits == TLSF_SL_BITS && (made.hardening == 3) == (TLSF_HARDENING == 3);
}

/* From hardening 2 on the pending block has empty links. In heaps of lower levels it may have. */
static bool may_be_taken_over(made_heap made) {
    return is_same_heap(made) && made.pending && TLSF_HARDENING >= 2 && made.hardening < 2;
}

/* Verifies T61. */
static void attach_takes_over_heaps_of_the_same_options_alone(void **state) {
    (void)state;
    made_heap (*const makers[])(void *, size_t) = {
        make_compact,     make_wide,       make_granule_16,   make_granule_32,
        make_sl_bits_3,   make_sl_bits_5,  make_hardening_0,  make_hardening_2,
        make_hardening_3, make_no_pending, make_no_statistics};
    enum { LARGEST = 20000 };
    region memory = region_make(LARGEST, 0);
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        for (size_t bytes = 500; bytes <= LARGEST; bytes += 61) {
            tlsf_report_t lost;
            const made_heap made = makers[i](memory.begin, bytes);
            if (made.heap == NULL) {
                continue;
            }
            tlsf_t t = tlsf_attach(memory.begin, bytes, &lost);
            assert_true((t != NULL) == is_same_heap(made) || may_be_taken_over(made));
            if (t != NULL) {
                assert_int_equal(tlsf_check(t), TLSF_SOUND);
                use_up(t);
            } else if (is_same_heap(made)) {
                assert_int_equal(lost.broken, TLSF_BROKEN_PENDING);
            } else {
                assert_true(lost.broken == TLSF_BROKEN_CONTROL ||
                            lost.broken == TLSF_BROKEN_POOL_LIST);
            }
        }
    }
    region_free(&memory);
}

/* The memory is that of tlsf_create, `mem` and tlsf_size(), and no region is named.
 * Verifies T63, T65. */
static void attach_regions_of_a_heap_without_pools_needs_none(void **state) {
    region r = region_make(tlsf_size(), 0);
    (void)state;
    tlsf_t t = tlsf_create(r.begin);
    assert_ptr_equal(tlsf_attach_regions(r.begin, tlsf_size(), NULL, 0, NULL), t);
    region_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attach_gives_the_heap_with_its_blocks),
        cmocka_unit_test(attach_never_calls_the_hook_of_the_program_before),
        cmocka_unit_test(attach_without_report_is_allowed),
        cmocka_unit_test(attach_counts_broken_statistics_again),
        cmocka_unit_test(attach_broken_guard_behind_broken_statistics_is_refused),
        cmocka_unit_test(attach_regions_in_any_order),
        cmocka_unit_test(attach_without_one_region_is_refused),
        cmocka_unit_test(attach_removed_pool_need_not_be_given),
        cmocka_unit_test(attach_pools_of_falling_addresses_renew_the_span),
        cmocka_unit_test(attach_pools_that_overlap_are_refused),
        cmocka_unit_test(attach_pool_without_blocks_is_refused),
        cmocka_unit_test(attach_bad_arguments_are_refused),
        cmocka_unit_test(attach_shorter_region_is_refused),
        cmocka_unit_test(attach_content_that_is_no_heap_is_refused),
        cmocka_unit_test(attach_plan_with_heads_in_a_pool_is_refused),
        cmocka_unit_test(attach_plan_with_heads_outside_the_region_is_refused),
        cmocka_unit_test(attach_link_to_a_misaligned_pool_is_refused),
        cmocka_unit_test(attach_heap_at_another_address_is_refused),
        cmocka_unit_test(attach_names_the_broken_block),
        cmocka_unit_test(attach_each_flipped_bit_is_refused_or_harmless),
        cmocka_unit_test(attach_random_words_are_refused_or_harmless),
        cmocka_unit_test(attach_takes_over_heaps_of_the_same_options_alone),
        cmocka_unit_test(attach_regions_of_a_heap_without_pools_needs_none),
    };
    return cmocka_run_group_tests_name("attach", tests, NULL, NULL);
}
