/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the heaps of integrations/ for operating systems have in common, each on a model of its
 * system. tests/checks/rtos_checks.py builds it once for each.
 */
#include <string.h>

#include "heap_calls.h"
#include "tlsf.h"

struct model model;

void model_assert(int holds);
void model_assert(int holds) { model.assertions += holds == 0; }

enum { BLOCKS_MAX = 4000 };
static void *blocks[BLOCKS_MAX];
static unsigned count;

static void *kept(void *block) {
    if (block != NULL) {
        blocks[count++] = block;
    }
    return block;
}

static int begin(void **state) {
    (void)state;
    memset(&model, 0, sizeof model);
    heap_begin();
    return 0;
}

static int end(void **state) {
    (void)state;
    while (count > 0) {
        heap_free(blocks[--count]);
    }
    assert_int_equal(model.mask, 0);
    assert_int_equal(model.assertions, 0);
    return 0;
}

static void malloc_blocks_are_aligned_and_apart(void **state) {
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        uint8_t *const block = kept(heap_malloc(i + 1));
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % TLSF_GRANULE, 0);
        memset(block, (int)i, i + 1);
    }
    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(*(uint8_t *)blocks[i], i);
    }
}

static void malloc_size_0_gives_null(void **state) {
    (void)state;
    assert_null(heap_malloc(0));
}

static void malloc_too_large_gives_null(void **state) {
    (void)state;
    assert_null(heap_malloc(1000000));
    assert_null(heap_malloc(SIZE_MAX));
    assert_non_null(kept(heap_malloc(10)));
}

static void free_gives_everything_back(void **state) {
    (void)state;
    size_t times[2] = {0, 0};
    for (unsigned round = 0; round < 2; round++) {
        while (kept(heap_malloc(24)) != NULL) {
            times[round]++;
        }
        while (count > 0) {
            heap_free(blocks[--count]);
        }
    }
    assert_true(times[0] > 100);
    assert_int_equal(times[0], times[1]);
}

static void free_null_is_ignored(void **state) {
    (void)state;
    heap_free(NULL);
    assert_int_equal(model.assertions, 0);
}

static void free_twice_asserts_and_changes_nothing(void **state) {
    (void)state;
    void *const block = heap_malloc(40);
    (void)kept(heap_malloc(40));
    heap_free(block);
    heap_free(block);
    assert_int_equal(model.assertions, 1);
    model.assertions = 0;
    assert_ptr_equal(kept(heap_malloc(40)), block);
}

static void calloc_used_memory_is_zeroed(void **state) {
    (void)state;
    uint8_t *const old = heap_malloc(120);
    memset(old, 0xFF, 120);
    heap_free(old);
    const uint8_t *const block = kept(heap_calloc(3, 40));
    assert_ptr_equal(block, old);
    for (unsigned i = 0; i < 120; i++) {
        assert_int_equal(block[i], 0);
    }
}

static void calloc_product_overflows_gives_null(void **state) {
    (void)state;
    assert_null(heap_calloc(SIZE_MAX / 2 + 2, 2));
    assert_null(heap_calloc(2, SIZE_MAX / 2 + 1));
    assert_null(heap_calloc(0, 1));
    assert_null(heap_calloc(1, 0));
}

static void memalign_block_is_aligned(void **state) {
    (void)state;
    void *const first = kept(heap_memalign(64, 100));
    if (first == NULL) {
        SKIP_BECAUSE("the system has no aligned blocks");
    }
    assert_int_equal((uintptr_t)first % 64, 0);
    assert_int_equal((uintptr_t)kept(heap_memalign(256, 10)) % 256, 0);
    assert_null(heap_memalign(48, 10));
}

static void realloc_moves_with_its_content(void **state) {
    (void)state;
    uint8_t *const block = heap_malloc(50);
    memset(block, 0x3C, 50);
    (void)kept(heap_malloc(10));
    const uint8_t *const moved = kept(heap_realloc(block, 500));
    assert_non_null(moved);
    assert_ptr_not_equal(moved, block);
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(moved[i], 0x3C);
    }
}

static void realloc_without_room_leaves_the_block(void **state) {
    (void)state;
    uint8_t *const block = kept(heap_malloc(50));
    memset(block, 0x3C, 50);
    assert_null(heap_realloc(block, 1000000));
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(block[i], 0x3C);
    }
}

static void realloc_null_allocates_and_size_0_frees(void **state) {
    (void)state;
    void *const block = heap_realloc(NULL, 60);
    assert_non_null(block);
    assert_null(heap_realloc(block, 0));
    assert_ptr_equal(kept(heap_malloc(60)), block);
    assert_null(heap_realloc(NULL, 0));
}

static void call_locks_and_restores_what_was(void **state) {
    (void)state;
    for (int mask = 0; mask <= MODEL_MASK; mask += MODEL_MASK) {
        model.mask = mask;
        const unsigned locks = model.locks;
        void *const block = heap_malloc(10);
        assert_true(model.locks > locks);
        heap_free(block);
        heap_free(heap_calloc(10, 2));
        void *const small = heap_malloc(10);
        void *const wall = heap_malloc(10);
        heap_free(heap_realloc(small, 300));
        heap_free(wall);
        assert_true(model.locks >= locks + 9);
        assert_int_equal(model.mask, mask);
    }
    model.mask = 0;
}

static void use_counts_live_blocks(void **state) {
    (void)state;
    if (!heap_reports_use) {
        SKIP_BECAUSE("the system does not tell what is in use");
    }
    const size_t before = heap_used();
    void *const block = heap_malloc(100);
    assert_in_range(heap_used() - before, 100, 100 + 2 * TLSF_GRANULE);
    heap_free(block);
    assert_int_equal(heap_used(), before);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest common[] = {
        CASE(malloc_blocks_are_aligned_and_apart),
        CASE(malloc_size_0_gives_null),
        CASE(malloc_too_large_gives_null),
        CASE(free_gives_everything_back),
        CASE(free_null_is_ignored),
        CASE(free_twice_asserts_and_changes_nothing),
        CASE(calloc_used_memory_is_zeroed),
        CASE(calloc_product_overflows_gives_null),
        CASE(memalign_block_is_aligned),
        CASE(realloc_moves_with_its_content),
        CASE(realloc_without_room_leaves_the_block),
        CASE(realloc_null_allocates_and_size_0_frees),
        CASE(call_locks_and_restores_what_was),
        CASE(use_counts_live_blocks),
    };
    struct CMUnitTest all[COUNT_OF(common) + 20];
    memcpy(all, common, sizeof common);
    for (size_t i = 0; i < own_case_count; i++) {
        all[COUNT_OF(common) + i] = own_cases[i];
        all[COUNT_OF(common) + i].setup_func = begin;
        all[COUNT_OF(common) + i].teardown_func = end;
    }
    return _cmocka_run_group_tests("heap_calls", all, COUNT_OF(common) + own_case_count, NULL,
                                   NULL);
}
