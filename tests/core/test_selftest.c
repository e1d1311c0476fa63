/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_selftest on a sound library: it passes, wherever its memory lies, and touches nothing else.
 * That it finds faults is a step of its own: tests/run --only selftest.
 */
#include "support/suite.h"
#include "tlsf_selftest.h"

#include <stdlib.h>
#include <string.h>

enum { AROUND = 64, UNTOUCHED = 0xC3 };

/* Scratch memory with bytes around it that must stay as they are. */
static unsigned char *memory_make(size_t scratch) {
    unsigned char *memory = malloc(scratch + 2 * AROUND);
    assert_non_null(memory);
    memset(memory, UNTOUCHED, scratch + 2 * AROUND);
    return memory;
}

static void expect_untouched(const unsigned char *from, const unsigned char *to) {
    while (from < to) {
        assert_int_equal(*from++, UNTOUCHED);
    }
}

/* Verifies S15, S17. */
static void selftest_at_any_address_passes(void **state) {
    unsigned char *memory = memory_make(TLSF_SELFTEST_BYTES);
    (void)state;
    for (size_t i = 0; i <= AROUND; i += i < 9 ? 1 : 11) {
        assert_int_equal(tlsf_selftest(memory + i, TLSF_SELFTEST_BYTES), TLSF_SELFTEST_PASSED);
    }
    free(memory);
}

/* Verifies S16. */
static void selftest_uses_its_bytes_alone(void **state) {
    const size_t more = 1000;
    unsigned char *memory = memory_make(TLSF_SELFTEST_BYTES + more);
    unsigned char *scratch = memory + AROUND;
    (void)state;
    assert_int_equal(tlsf_selftest(scratch, TLSF_SELFTEST_BYTES + more), TLSF_SELFTEST_PASSED);
    expect_untouched(memory, scratch);
    expect_untouched(scratch + TLSF_SELFTEST_BYTES, scratch + TLSF_SELFTEST_BYTES + more + AROUND);
    free(memory);
}

/* Verifies S15, S17. */
static void selftest_of_any_content_passes(void **state) {
    unsigned char *memory = memory_make(TLSF_SELFTEST_BYTES);
    (void)state;
    for (int value = 0; value < 256; value += 51) {
        memset(memory, value, TLSF_SELFTEST_BYTES);
        assert_int_equal(tlsf_selftest(memory, TLSF_SELFTEST_BYTES), TLSF_SELFTEST_PASSED);
    }
    free(memory);
}

/* Verifies S2. */
static void selftest_without_memory_says_so(void **state) {
    (void)state;
    assert_int_equal(tlsf_selftest(NULL, TLSF_SELFTEST_BYTES), TLSF_SELFTEST_REGION);
}

/* Verifies S2, S16. */
static void selftest_in_too_few_bytes_says_so_and_writes_nothing(void **state) {
    unsigned char *memory = memory_make(TLSF_SELFTEST_BYTES);
    const size_t sizes[] = {0, 1, TLSF_SELFTEST_BYTES - 1};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        assert_int_equal(tlsf_selftest(memory + AROUND, sizes[i]), TLSF_SELFTEST_REGION);
    }
    expect_untouched(memory, memory + TLSF_SELFTEST_BYTES + 2 * AROUND);
    free(memory);
}

/* Verifies S19. */
static void selftest_leaves_memory_for_a_heap(void **state) {
    unsigned char *memory = memory_make(TLSF_SELFTEST_BYTES);
    (void)state;
    assert_int_equal(tlsf_selftest(memory, TLSF_SELFTEST_BYTES), TLSF_SELFTEST_PASSED);
    tlsf_t t = tlsf_create_sized(memory, TLSF_SELFTEST_BYTES, 0);
    void *block = tlsf_malloc(t, tlsf_largest(t));
    assert_non_null(block);
    tlsf_free(t, block);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    tlsf_destroy(t);
    free(memory);
}

/* Verifies S23, S24. */
static void selftest_requirement_of_each_result_is_named(void **state) {
    (void)state;
    assert_string_equal(tlsf_selftest_requirement(TLSF_SELFTEST_PASSED), "");
    assert_string_equal(tlsf_selftest_requirement(TLSF_SELFTEST_REGION), "");
    assert_string_equal(tlsf_selftest_requirement((tlsf_selftest_result)999), "");
    for (int i = TLSF_SELFTEST_BITS; i <= TLSF_SELFTEST_DETECTION; i++) {
        assert_int_equal(*tlsf_selftest_requirement((tlsf_selftest_result)i), 'T');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selftest_at_any_address_passes),
        cmocka_unit_test(selftest_uses_its_bytes_alone),
        cmocka_unit_test(selftest_of_any_content_passes),
        cmocka_unit_test(selftest_without_memory_says_so),
        cmocka_unit_test(selftest_in_too_few_bytes_says_so_and_writes_nothing),
        cmocka_unit_test(selftest_leaves_memory_for_a_heap),
        cmocka_unit_test(selftest_requirement_of_each_result_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
