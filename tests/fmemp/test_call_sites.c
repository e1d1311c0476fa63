/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: call sites, in a library that keeps them (FMEMP_CALL_SITES 1) and in one that
 * does not.
 */
#include "fmemp_support.h"
#include "support/fmemp_internals.h"

/* A function like malloc, which passes its own caller. Stores that caller for the test. */
static const void *wrapper_caller;

__attribute__((noinline)) static void *wrapper_malloc(fsize_t nbytes) {
    wrapper_caller = FMEMP_CALLER();
    return FMempSetCallSite(&memp, FMempMalloc(&memp, nbytes), FMEMP_CALLER());
}

/* Verifies F117, F118, F119. */
static void set_call_site_returns_the_block_and_changes_none_of_its_bytes(void **state) {
    (void)state;
    void *block = FMempMalloc(&memp, 100);

    memset(block, 0x5A, 100);
    assert_ptr_equal(FMempSetCallSite(&memp, block, arena), block);
    assert_true(is_filled(block, 0x5A, 100));
    assert_null(FMempSetCallSite(&memp, NULL, arena));
    assert_non_null(wrapper_malloc(10));
}

#if FMEMP_CALL_SITES

static const void *site_of(void *block) {
    assert_non_null(block);
    return call_site_of(block, tlsf_block_size(block));
}

/* Whether the address is in the code of a short function. Address sanitizers make it longer. */
static bool is_in_function(const void *address, uintptr_t function) {
    return (uintptr_t)address > function && (uintptr_t)address < function + 2048;
}

static void *blocks[5];

__attribute__((noinline)) static void allocate_in_each_way(void) {
    blocks[0] = FMempMalloc(&memp, 10);
    blocks[1] = FMempCalloc(&memp, 3, 10);
    blocks[2] = FMempMallocAlign(&memp, 10, 256);
    blocks[3] = FMempRealloc(&memp, NULL, 10);
    blocks[4] = FMempReallocAlign(&memp, NULL, 10, 128);
}

/* Verifies F111, F222, P41. */
static void each_plain_function_records_the_address_that_it_returns_to(void **state) {
    (void)state;
    const void *first_call[5];

    allocate_in_each_way();
    for (size_t i = 0; i < 5; i++) {
        first_call[i] = site_of(blocks[i]);
        assert_true(is_in_function(first_call[i], (uintptr_t)allocate_in_each_way));
        assert_true(i == 0 || (uintptr_t)first_call[i - 1] < (uintptr_t)first_call[i]);
    }
    allocate_in_each_way();
    for (size_t i = 0; i < 5; i++) {
        assert_ptr_equal(site_of(blocks[i]), first_call[i]);
    }
}

/* Verifies F118, P42, P44. */
static void block_of_a_wrapper_has_the_callers_of_the_wrapper(void **state) {
    (void)state;
    void *first = wrapper_malloc(10);
    const void *first_caller = wrapper_caller;
    void *second = wrapper_malloc(10);

    assert_ptr_equal(site_of(first), first_caller);
    assert_ptr_equal(site_of(second), wrapper_caller);
    assert_ptr_not_equal(first_caller, wrapper_caller);
}

/* Verifies F7, F8, F117. */
static void set_call_site_locks_once(void **state) {
    (void)state;
    void *block = FMempMalloc(&memp, 10);
    FMemp zeroed = {0};
    const size_t locks = mock_locks;

    (void)FMempSetCallSite(&memp, block, arena);
    (void)FMempSetCallSite(&memp, NULL, arena);
    (void)FMempSetCallSite(&zeroed, block, arena + 1);
    (void)FMempSetCallSite(NULL, block, arena + 1);
    assert_int_equal(mock_locks - locks, 4);
    assert_ptr_equal(site_of(block), arena);
}

/* Verifies F113, F152. */
static void list_all_prints_the_call_site_of_each_live_block(void **state) {
    (void)state;
    char line[96];
    void *freed = FMempMalloc(&memp, 10);
    void *block = FMempSetCallSite(&memp, FMempMalloc(&memp, 10), arena + 77);

    (void)FMempSetCallSite(&memp, freed, arena + 78);
    FMempFree(&memp, freed);
    FMemListAll(&memp);
    (void)snprintf(line, sizeof line, "  for %s\n", pointer_text(arena + 77));
    assert_int_equal(printed_count(line), 1);
    (void)snprintf(line, sizeof line, "  %s used ", pointer_text(block));
    assert_int_equal(printed_count(line), 1);
    assert_int_equal(printed_count("  for "), 1);
}

/* Verifies F111, P41. */
static void call_site_costs_4_bytes_behind_what_was_asked_for(void **state) {
    (void)state;

    for (size_t bytes = 0; bytes < 200; bytes++) {
        const size_t align = (size_t)1 << bytes % 8;
        u8 *block = wrapper_malloc(bytes);
        const void *caller = wrapper_caller;
        u8 *aligned = FMempMallocAlign(&memp, bytes, align);

        memset(block, 0xD7, bytes);
        assert_ptr_equal(site_of(block), caller);
        assert_true(is_aligned(aligned, align));
        memset(aligned, 0xD7, bytes);
        assert_true(is_in_function(site_of(aligned),
                                   (uintptr_t)call_site_costs_4_bytes_behind_what_was_asked_for));
        if (!FMEMP_TAGS) {
            assert_int_equal(tlsf_block_size(block) - FMempBlockSize(&memp, block), 4);
        }
        if (bytes % 50 == 49) {
            FMempReset(&memp);
        }
    }
}

/* Verifies F112. */
static void realloc_renews_the_call_site(void **state) {
    (void)state;
    u8 *block = FMempSetCallSite(&memp, FMempMalloc(&memp, 100), arena);

    memset(block, 0x3C, 100);
    block = FMempRealloc(&memp, block, 60);
    const void *shrunk = site_of(block);
    assert_ptr_not_equal(shrunk, arena);
    assert_non_null(FMempMalloc(&memp, 10)); /* in the way */
    block = FMempRealloc(&memp, block, 5000);
    const void *moved = site_of(block);
    assert_ptr_not_equal(moved, shrunk);
    assert_true(is_in_function(moved, (uintptr_t)realloc_renews_the_call_site));
    block = FMempReallocAlign(&memp, block, 70, 512);
    assert_ptr_not_equal(site_of(block), moved);
    assert_true(is_filled(block, 0x3C, 60));
}

/* Verifies F81, F112. */
static void realloc_that_fails_keeps_the_call_site(void **state) {
    (void)state;
    void *block = FMempSetCallSite(&memp, FMempMalloc(&memp, 100), arena);

    assert_null(FMempRealloc(&memp, block, ARENA_BYTES));
    assert_null(FMempRealloc(&memp, block, SIZE_MAX));
    assert_null(FMempReallocAlign(&memp, block, 10, 3));
    assert_ptr_equal(site_of(block), arena);
}

/* Verifies F67, F70. */
static void request_that_overflows_with_its_call_site_fails(void **state) {
    (void)state;
    assert_null(FMempMalloc(&memp, SIZE_MAX - 3));
    assert_null(FMempCalloc(&memp, SIZE_MAX / 2 + 1, 2));
    assert_null(FMempCalloc(&memp, SIZE_MAX / 8, 8)); /* overflows with its call site */
    assert_null(FMempRealloc(&memp, NULL, SIZE_MAX));
    assert_non_null(FMempCalloc(&memp, SIZE_MAX, 0));
}

/* Verifies F133. */
static void largest_is_what_a_caller_can_ask_for(void **state) {
    (void)state;
    const fsize_t largest = (fsize_t)stats_now().largest;

    assert_null(FMempMalloc(&memp, largest + 1));
    u8 *block = wrapper_malloc(largest);
    assert_non_null(block);
    memset(block, 0xD7, largest);
    assert_ptr_equal(site_of(block), wrapper_caller);
}

/* A 64-bit address has more bits than a call site. */
/* Verifies F114, F115, F116, P43. */
static void address_within_2_GiB_of_the_library_is_right(void **state) {
    (void)state;
    const uintptr_t here = (uintptr_t)FMempMalloc;
    const uintptr_t far = 0x7FFFFFFF;

    for (uintptr_t distance = 1; distance <= far; distance = distance * 2 + 1) {
        assert_int_equal((uintptr_t)call_site_address((u32)(here + distance)), here + distance);
        assert_int_equal((uintptr_t)call_site_address((u32)(here - distance)), here - distance);
    }
    assert_int_equal((uintptr_t)call_site_address((u32)here), here);
}

/* Verifies F169. */
static void block_without_call_site_is_listed_without(void **state) {
    (void)state;
    void *block = FMempSetCallSite(&memp, FMempMalloc(&memp, 10), NULL);

    assert_null(site_of(block));
    FMemListAll(&memp);
    assert_int_equal(printed_count("  for "), 0);
}

/* Makes a block look smaller than any block with a call site can be. */
/* Verifies F162. */
static void call_site_of_a_block_of_corrupted_size_is_not_read(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 100);
    const size_t header = tlsf_alloc_overhead() / (TLSF_HARDENING >= 3 ? 2 : 1);
    u8 sound[8];

    memcpy(sound, block - header, header);
    memset(block - header, 0, header);
    if (tlsf_block_size(block) < CALL_SITE_BYTES) {
        FMemListAll(&memp);
        assert_int_equal(printed_count("  for "), 0);
        assert_int_equal(FMempBlockSize(&memp, block), 0);
    }
    memcpy(block - header, sound, header);
}

#else

/* Verifies F121, P44. */
static void set_call_site_of_a_library_without_them_is_no_call(void **state) {
    (void)state;
    void *block = FMempMalloc(&memp, 10);
    const size_t locks = mock_locks;

    assert_ptr_equal(FMempSetCallSite(&memp, block, arena), block);
    assert_int_equal(mock_locks, locks);
    assert_null(FMEMP_CALLER());
    FMemListAll(&memp);
    assert_int_equal(printed_count("  for "), 0);
}

#endif

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(set_call_site_returns_the_block_and_changes_none_of_its_bytes),
#if FMEMP_CALL_SITES
        WITH_HEAP(each_plain_function_records_the_address_that_it_returns_to),
        WITH_HEAP(block_of_a_wrapper_has_the_callers_of_the_wrapper),
        WITH_HEAP(set_call_site_locks_once),
        WITH_HEAP(list_all_prints_the_call_site_of_each_live_block),
        WITH_HEAP(call_site_costs_4_bytes_behind_what_was_asked_for),
        WITH_HEAP(realloc_renews_the_call_site),
        WITH_HEAP(realloc_that_fails_keeps_the_call_site),
        WITH_HEAP(request_that_overflows_with_its_call_site_fails),
        WITH_HEAP(largest_is_what_a_caller_can_ask_for),
        WITH_HEAP(address_within_2_GiB_of_the_library_is_right),
        WITH_HEAP(block_without_call_site_is_listed_without),
        WITH_HEAP(call_site_of_a_block_of_corrupted_size_is_not_read),
#else
        WITH_HEAP(set_call_site_of_a_library_without_them_is_no_call),
#endif
    };

    return cmocka_run_group_tests_name("fmemp_call_sites", tests, NULL, NULL);
}
