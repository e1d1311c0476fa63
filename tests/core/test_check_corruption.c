/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The checker, the walker and all that is as safe on corrupted heaps: every word of a populated
 * heap, and random sets of words. All return, write nothing, and read nothing outside the heap:
 * address sanitizer watches the guard bytes. The checker notices each changed bit that belongs to a
 * block or to the lists.
 */
#include "support/populated.h"
#include "support/random.h"
#include "support/suite.h"

#include <string.h>

#if defined(__unix__)
#include <unistd.h>
#else
static unsigned alarm(unsigned seconds) { return seconds; }
#endif

/* Far longer than a run takes. The alarm stops a walk without end. */
enum { SECONDS_BEFORE_ALARM = 500, DEFAULT_STEPS = 5000 };

static void count_block(void *ptr, size_t size, int used, void *user) {
    size_t *count = user;
    (void)ptr;
    (void)size;
    (void)used;
    (*count)++;
}

/* What is found at any pointer, of whatever heap, is one of the values that the contract names. */
static void look_at(tlsf_t t, const void *ptr) {
    tlsf_block_t found;
    tlsf_diagnosis_t d;
    tlsf_fault_t fault = {.kind = TLSF_FAULT_NOT_A_BLOCK, .block = ptr};
    const pool_t owner = tlsf_owner(t, ptr);
    assert_in_range(tlsf_looks_live(t, ptr), 0, owner != NULL);
    assert_in_range(tlsf_locate(t, ptr, &found), 0, owner != NULL);
    assert_in_range(tlsf_diagnose(t, &fault, &d), TLSF_MISTAKE_UNKNOWN, TLSF_MISTAKE_CONTROL);
    assert_in_range(d.found_bytes, 0, TLSF_DIAGNOSIS_BYTES);
    assert_in_range(d.expected_bytes, 0, d.found_bytes);
}

/* Everything that is as safe on a corrupted heap as the checker. */
static void look_at_heap(const populated *p, int broken) {
    tlsf_report_t report;
    tlsf_survey_t survey;
    tlsf_explanation_t explanation;
    tlsf_diagnosis_t d;
    assert_int_equal(tlsf_check_report(p->t, &report), broken);
    assert_in_range(tlsf_survey(p->t, &survey), 0, 1);
    assert_in_range(tlsf_explain(p->t, 0, 200, &explanation), TLSF_REASON_NONE, TLSF_REASON_BROKEN);
    assert_int_equal(tlsf_diagnose(p->t, NULL, &d) != TLSF_MISTAKE_UNKNOWN || d.damage != NULL,
                     broken != TLSF_SOUND);
    look_at(p->t, block_payload(p->blocks[10]));
    look_at(p->t, block_payload(p->blocks[11]));
}

/* Returns the checker's result. Fails the case if the checker, or what is as safe, wrote
 * anything. */
static int check_reading_only(const populated *p, uint8_t *copy) {
    memcpy(copy, p->h.memory.begin, p->h.memory.bytes);
    const int broken = tlsf_check(p->t);
    assert_true(broken >= TLSF_SOUND && broken <= TLSF_BROKEN_FILL);
    look_at_heap(p, broken);
    assert_int_equal(memcmp(copy, p->h.memory.begin, p->h.memory.bytes), 0);
    return broken;
}

static uint8_t copy_of_region[131072];

static uint32_t word_read(const uint8_t *place) {
    uint32_t word;
    memcpy(&word, place, sizeof(word));
    return word;
}

static void word_write(uint8_t *place, uint32_t word) { memcpy(place, &word, sizeof(word)); }

/* ---- every word --------------------------------------------------------------------- */

typedef struct {
    uint8_t *begin, *end;
} span;

/* The control structure, the first pool, and the begin of the second pool. */
static size_t spans_of(const populated *p, span spans[3]) {
    uint8_t *heads_end = (uint8_t *)&p->t->heads[p->t->class_end - CLASS_FIRST];
    uint8_t *first = (uint8_t *)(void *)pool_describe(p->first);
    uint8_t *second = (uint8_t *)(void *)pool_describe(p->second);
    spans[0] = (span){(uint8_t *)p->t, heads_end};
    spans[1] = (span){first, first + pool_outer(p->first) + tlsf_pool_overhead()};
    spans[2] = (span){second, second + 512};
    return 3;
}

static bool is_descriptor(const populated *p, const uint8_t *place) {
    const uint8_t *first = (const uint8_t *)(const void *)pool_describe(p->first);
    const uint8_t *second = (const uint8_t *)(const void *)pool_describe(p->second);
    return (place >= first && place < first + sizeof(pool_descriptor)) ||
           (place >= second && place < second + sizeof(pool_descriptor));
}

/* Checks and walks each pool alone. For that its descriptor must be sound. */
static void check_and_walk_pools(const populated *p) {
    size_t count = 0;
    assert_true(tlsf_check_pool(p->first) >= TLSF_SOUND);
    assert_true(tlsf_check_pool(p->second) >= TLSF_SOUND);
    tlsf_walk_pool(p->first, count_block, &count);
    tlsf_walk_pool(p->second, count_block, &count);
    assert_true(count < p->h.memory.bytes);
}

static void corrupt_word(populated *p, uint8_t *place, uint32_t word) {
    const uint32_t before = word_read(place);
    word_write(place, word);
    check_reading_only(p, copy_of_region);
    if (!is_descriptor(p, place)) {
        check_and_walk_pools(p);
    }
    word_write(place, before);
}

/* Every word of the control structure, and every third word of the pools: with each value, or with
 * a random one where TLSF_TEST_STEPS asks for short tests. */
/* Verifies T185, T242, T247, T248, T258, T332, D4. */
static void check_every_word_corrupted_comes_back(void **state) {
    populated p = populated_make();
    random_source source = random_from(random_seed("corrupted words", 11));
    const bool is_short = random_steps(DEFAULT_STEPS) < DEFAULT_STEPS;
    span spans[3];
    (void)state;
    assert_true(p.h.memory.bytes <= sizeof(copy_of_region));
    const size_t count = spans_of(&p, spans);
    for (size_t i = 0; i < count; i++) {
        const size_t stride = i == 0 ? 4 : 12;
        for (uint8_t *place = spans[i].begin; place + 4 <= spans[i].end; place += stride) {
            const uint32_t word = word_read(place);
            const uint32_t values[] = {0,        UINT32_MAX, ~word,
                                       word + 1, word - 1,   word ^ 2,
                                       word ^ 4, word << 16, (uint32_t)random_bits(&source)};
            size_t v = is_short ? random_below(&source, COUNT_OF(values)) : 0;
            const size_t end = is_short ? v + 1 : COUNT_OF(values);
            for (; v < end; v++) {
                corrupt_word(&p, place, values[v]);
            }
        }
    }
    assert_int_equal(tlsf_check(p.t), TLSF_SOUND);
    populated_end(&p);
}

/* ---- random sets of words ----------------------------------------------------------- */

/* The span and the descriptors of the pools bound what the checker reads. */
static bool is_bound_of_checker(const populated *p, const uint8_t *place) {
    const uint8_t *bounds = (const uint8_t *)&p->t->span_begin;
    return is_descriptor(p, place) || (place >= bounds && place < bounds + 2 * sizeof(uintptr_t));
}

static void corrupt_random_word(populated *p, random_source *source) {
    span spans[3];
    const size_t count = spans_of(p, spans);
    const span s = spans[random_below(source, count)];
    uint8_t *place = s.begin + random_below(source, (size_t)(s.end - s.begin) / 4) * 4;
    if (!is_bound_of_checker(p, place)) {
        const uint32_t word = word_read(place);
        const uint32_t other = word_read(s.begin + random_below(source, 64) * 4);
        const uint32_t values[] = {0, word ^ UINT32_C(1) << random_below(source, 32), other,
                                   (uint32_t)random_bits(source)};
        word_write(place, values[random_below(source, COUNT_OF(values))]);
    }
}

/* Verifies T185, T242, T247, T248, T258, T332. */
static void check_random_words_corrupted_comes_back(void **state) {
    populated p = populated_make();
    random_source source = random_from(random_seed("corrupted sets", 12));
    const size_t steps = random_steps(DEFAULT_STEPS);
    (void)state;
    for (size_t step = 0; step < steps; step++) {
        const size_t words = 1 + random_below(&source, 12);
        const uint32_t class_end = p.t->class_end;
        for (size_t i = 0; i < words; i++) {
            corrupt_random_word(&p, &source);
            p.t->class_end = class_end; /* spans_of needs it */
        }
        check_reading_only(&p, copy_of_region);
        check_and_walk_pools(&p);
        populated_restore(&p);
    }
    populated_end(&p);
}

/* ---- what the checker must notice --------------------------------------------------- */

/* Flips each bit of these bytes alone. The checker must notice it. */
static void expect_every_bit_noticed(populated *p, void *begin, size_t bytes, const char *what) {
    uint8_t *byte = begin;
    for (size_t bit = 0; bit < bytes * 8; bit++) {
        byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (tlsf_check(p->t) == TLSF_SOUND) {
            fail_msg("bit %zu of %s is not noticed", bit, what);
        }
        byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* But for the mark of a victim, which decides where blocks lie, and breaks nothing. */
static void expect_every_bit_of_pending_header_noticed(populated *p) {
    for (size_t bit = 0; bit < sizeof(header_word) * 8; bit++) {
        const header_word flipped = (header_word)1 << bit;
        p->t->pending_header ^= flipped;
        if (tlsf_check(p->t) == TLSF_SOUND && !(TLSF_PENDING && flipped == PENDING_VICTIM)) {
            fail_msg("bit %zu of the pending header is not noticed", bit);
        }
        p->t->pending_header ^= flipped;
    }
}

/* Flips each bit of a link alone. The checker must notice it, unless the link still names the same
 * block: on a 32-bit machine the upper two bits say nothing. */
static void expect_every_bit_of_link_noticed(populated *p, block_link *link, const char *what) {
    const block *named = link_block(p->t, *link);
    uint8_t *byte = (uint8_t *)link;
    for (size_t bit = 0; bit < sizeof(*link) * 8; bit++) {
        byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (link_block(p->t, *link) != named && tlsf_check(p->t) == TLSF_SOUND) {
            fail_msg("bit %zu of %s is not noticed", bit, what);
        }
        byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void expect_every_bit_of_descriptor_noticed(populated *p, pool_t pool) {
    pool_descriptor *descriptor = pool_describe(pool);
    expect_every_bit_of_link_noticed(p, &descriptor->next, "a pool's next link");
    expect_every_bit_of_link_noticed(p, &descriptor->previous, "a pool's previous link");
    expect_every_bit_noticed(p, &descriptor->size, sizeof(descriptor->size), "a pool's size");
}

/* Verifies T241, T279, T285, T287. */
static void check_every_bit_of_free_block_is_noticed(void **state) {
    populated p = populated_make();
    (void)state;
    for (size_t i = 1; i < POPULATED_BLOCKS; i += 2) {
        block *b = p.blocks[i];
        const bool is_pending = b == link_block(p.t, p.t->pending);
        expect_every_bit_noticed(&p, &b->header, sizeof(b->header), "a free block's header");
        if (!is_pending) { /* the links of the pending block are not in use */
            expect_every_bit_of_link_noticed(&p, &b->next, "a next link");
            expect_every_bit_of_link_noticed(&p, &b->previous, "a previous link");
        }
        uint8_t *footer = (uint8_t *)block_next(b) - sizeof(header_word);
        expect_every_bit_noticed(&p, footer, sizeof(header_word), "a footer");
    }
    populated_end(&p);
}

/* Verifies T241, T279. */
static void check_every_bit_of_used_header_is_noticed(void **state) {
    populated p = populated_make();
    (void)state;
    if (!TLSF_STATISTICS) {
        populated_end(&p);
        SKIP_BECAUSE("without statistics two used blocks look like one large block");
    }
    for (size_t i = 0; i < POPULATED_BLOCKS; i += 2) {
        expect_every_bit_noticed(&p, &p.blocks[i]->header, sizeof(header_word), "a used header");
    }
    populated_end(&p);
}

/* Verifies T241. */
static void check_every_bit_of_control_structure_is_noticed(void **state) {
    populated p = populated_make();
    control *t = p.t;
    (void)state;
    expect_every_bit_noticed(&p, &t->null.header, sizeof(t->null.header), "the null block");
    expect_every_bit_of_link_noticed(&p, &t->null.next, "the null block's link");
    expect_every_bit_of_link_noticed(&p, &t->pending, "the pending link");
    expect_every_bit_of_pending_header_noticed(&p);
    expect_every_bit_noticed(&p, &t->first_level, sizeof(t->first_level), "the first level");
    expect_every_bit_noticed(&p, t->second_level, sizeof(t->second_level), "the second level");
    expect_every_bit_noticed(&p, &t->pool_size, sizeof(t->pool_size), "the sum of pools");
    expect_every_bit_noticed(&p, &t->class_end, sizeof(t->class_end), "the plan");
    expect_every_bit_of_link_noticed(&p, &t->pools.next, "the first pool's link");
    expect_every_bit_of_link_noticed(&p, &t->pools.previous, "the last pool's link");
    for (unsigned i = 0; i < t->class_end - CLASS_FIRST; i++) {
        expect_every_bit_of_link_noticed(&p, &t->heads[i], "a list's head");
    }
    expect_every_bit_of_descriptor_noticed(&p, p.first);
    expect_every_bit_of_descriptor_noticed(&p, p.second);
    populated_end(&p);
}

/* The checker ignores what the caller may write. */
/* Verifies T243. */
static void check_content_of_used_blocks_is_not_noticed(void **state) {
    populated p = populated_make();
    (void)state;
    for (size_t i = 0; i < POPULATED_BLOCKS; i += 2) {
        uint8_t *payload = block_payload(p.blocks[i]);
        memset(payload, (int)(i * 37 % 256), tlsf_block_size(payload));
        assert_int_equal(tlsf_check(p.t), TLSF_SOUND);
    }
    populated_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_every_word_corrupted_comes_back),
        cmocka_unit_test(check_random_words_corrupted_comes_back),
        cmocka_unit_test(check_every_bit_of_free_block_is_noticed),
        cmocka_unit_test(check_every_bit_of_used_header_is_noticed),
        cmocka_unit_test(check_every_bit_of_control_structure_is_noticed),
        cmocka_unit_test(check_content_of_used_blocks_is_not_noticed),
    };
    alarm(SECONDS_BEFORE_ALARM);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
