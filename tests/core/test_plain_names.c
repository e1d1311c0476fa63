/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plain names of the functions that create a heap or initialise an FMemp. As a foreign-function
 * interface does, this file declares the functions itself and includes no header of the library.
 *
 * Each case verifies C71, unless it says otherwise.
 */
#include "support/suite.h"

void *tlsf_create(void *mem);
void *tlsf_create_with_pool(void *mem, size_t bytes);
void *tlsf_create_sized(void *mem, size_t bytes, size_t largest_pool);
void tlsf_destroy(void *t);
void *tlsf_add_pool(void *t, void *mem, size_t bytes);
void *tlsf_malloc(void *t, size_t bytes);
void tlsf_free(void *t, void *ptr);
size_t tlsf_largest(void *t);
size_t tlsf_size(void);
int tlsf_check(void *t);
uint32_t FMempInit(void *memp, void *begin, void *end);
uint32_t FMempInitSized(void *memp, void *begin, void *end, size_t largest_region);
uint32_t FMempAddRegion(void *memp, void *begin, void *end);
void FMempRemove(void *memp);
void *FMempMalloc(void *memp, size_t bytes);
void FMempFree(void *memp, void *ptr);

enum { SMALL = 16384, LARGE = 65536 };

/* In one program, so that a link of the compact layout reaches from one to the other. */
static uint64_t small[SMALL / sizeof(uint64_t)], large[LARGE / sizeof(uint64_t)];

/* An FMemp, whose structure this file does not know. */
typedef struct {
    /* cppcheck-suppress unusedStructMember ; the library uses it */
    uint64_t zeros[32];
} opaque;

static void expect_serves(void *t) {
    void *block = tlsf_malloc(t, 100);
    assert_non_null(block);
    tlsf_free(t, block);
    assert_int_equal(tlsf_check(t), 0);
}

/* Verifies T24, T27. */
static void plain_create_makes_an_empty_heap(void **state) {
    (void)state;
    assert_true(tlsf_size() <= SMALL);
    void *t = tlsf_create(small);
    assert_non_null(t);
    assert_int_equal(tlsf_largest(t), 0);
    assert_non_null(tlsf_add_pool(t, large, LARGE));
    expect_serves(t);
    assert_null(tlsf_create(NULL));
    tlsf_destroy(t);
}

/* Verifies T25, T29. */
static void plain_create_with_pool_takes_pools_of_any_size(void **state) {
    (void)state;
    void *t = tlsf_create_with_pool(small, SMALL);
    assert_non_null(t);
    expect_serves(t);
    assert_true(tlsf_largest(t) > SMALL / 2 && tlsf_largest(t) < SMALL);
    assert_non_null(tlsf_add_pool(t, large, LARGE));
    assert_null(tlsf_create_with_pool(small, 16));
    tlsf_destroy(t);
}

/* Verifies T35. */
static void plain_create_sized_plans_for_its_largest_pool(void **state) {
    (void)state;
    void *t = tlsf_create_sized(small, SMALL, 0);
    assert_non_null(t);
    expect_serves(t);
    assert_null(tlsf_add_pool(t, large, LARGE));
    tlsf_destroy(t);
    t = tlsf_create_sized(small, SMALL, LARGE);
    assert_non_null(tlsf_add_pool(t, large, LARGE));
    tlsf_destroy(t);
}

/* Adds a larger region to a ready FMemp. Returns the error code. */
static uint32_t larger_region_added(opaque *memp) {
    void *block = FMempMalloc(memp, 100);
    assert_non_null(block);
    FMempFree(memp, block);
    const uint32_t result = FMempAddRegion(memp, large, large + LARGE / sizeof(uint64_t));
    FMempRemove(memp);
    return result;
}

/* Verifies F26, F28, F34. */
static void plain_init_plans_for_first_region_or_as_asked(void **state) {
    (void)state;
    opaque memp = {{0}};
    void *end = small + SMALL / sizeof(uint64_t);
    assert_int_equal(FMempInit(&memp, small, end), 0);
    assert_int_equal(FMempInit(&memp, small, end), 0x0010003U);
    assert_int_not_equal(larger_region_added(&memp), 0);
    assert_int_equal(FMempInitSized(&memp, small, end, LARGE), 0);
    assert_int_equal(larger_region_added(&memp), 0);
    assert_int_equal(FMempInit(&memp, end, small), 0x0010000U);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_create_makes_an_empty_heap),
        cmocka_unit_test(plain_create_with_pool_takes_pools_of_any_size),
        cmocka_unit_test(plain_create_sized_plans_for_its_largest_pool),
        cmocka_unit_test(plain_init_plans_for_first_region_or_as_asked),
    };
    return cmocka_run_group_tests_name("plain names", tests, NULL, NULL);
}
