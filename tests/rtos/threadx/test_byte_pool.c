/* SPDX-License-Identifier: BSD-3-Clause */
/* integrations/threadx on a model of its kernel, by ThreadX's names. */
#include "support/suite.h"

#include <string.h>

#include "byte_pool_fmemp.h"

static UINT posture;     /* of interrupts; 0 is open */
static unsigned locks;   /* calls that disabled them */
static ULONG slept;      /* ticks */
static VOID *freed_at_2; /* released by another thread in the second tick */
static TX_BYTE_POOL *deleted_at_2;

UINT tx_interrupt_control(UINT new_posture) {
    const UINT before = posture;
    locks += new_posture == TX_INT_DISABLE;
    posture = new_posture;
    return before;
}

UINT tx_thread_sleep(ULONG timer_ticks) {
    assert_int_equal(posture, 0);
    slept += timer_ticks;
    if (slept == 2 && freed_at_2 != NULL) {
        assert_int_equal(tx_byte_release(freed_at_2), TX_SUCCESS);
    }
    if (slept == 2 && deleted_at_2 != NULL) {
        assert_int_equal(tx_byte_pool_delete(deleted_at_2), TX_SUCCESS);
    }
    return TX_SUCCESS;
}

static uint64_t memory[2][512];
static TX_BYTE_POOL pools[2];
static CHAR name[] = "pool";

static int begin(void **state) {
    (void)state;
    memset(pools, 0, sizeof pools);
    posture = 0;
    slept = 0;
    freed_at_2 = NULL;
    deleted_at_2 = NULL;
    for (unsigned i = 0; i < 2; i++) {
        if (tx_byte_pool_create(&pools[i], name, memory[i], sizeof memory[i]) != TX_SUCCESS) {
            return -1;
        }
    }
    return 0;
}

static int end(void **state) {
    (void)state;
    assert_int_equal(posture, 0);
    for (unsigned i = 0; i < 2; i++) {
        (void)tx_byte_pool_delete(&pools[i]);
    }
    return 0;
}

static ULONG available(TX_BYTE_POOL *pool) {
    ULONG bytes = 0;
    assert_int_equal(fmemp_byte_pool_info_get(pool, NULL, &bytes), TX_SUCCESS);
    return bytes;
}

static void create_wrong_arguments_are_refused(void **state) {
    (void)state;
    TX_BYTE_POOL pool = {0};
    uint64_t small[10];
    assert_int_equal(tx_byte_pool_create(NULL, name, small, sizeof small), TX_POOL_ERROR);
    assert_int_equal(tx_byte_pool_create(&pools[0], name, small, sizeof small), TX_POOL_ERROR);
    assert_int_equal(tx_byte_pool_create(&pool, name, NULL, sizeof small), TX_PTR_ERROR);
    assert_int_equal(tx_byte_pool_create(&pool, name, small, sizeof small), TX_SIZE_ERROR);
    assert_null(pool.heap);
}

static void allocate_block_lies_in_its_pool(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        VOID *block = NULL;
        assert_int_equal(tx_byte_allocate(&pools[i], &block, 100, TX_NO_WAIT), TX_SUCCESS);
        assert_in_range((uintptr_t)block, (uintptr_t)memory[i], (uintptr_t)memory[i] + 3996);
        memset(block, 1, 100);
    }
}

static void allocate_wrong_arguments_are_refused(void **state) {
    (void)state;
    TX_BYTE_POOL none = {0};
    VOID *block = memory;
    assert_int_equal(tx_byte_allocate(NULL, &block, 10, TX_NO_WAIT), TX_POOL_ERROR);
    assert_null(block);
    assert_int_equal(tx_byte_allocate(&none, &block, 10, TX_NO_WAIT), TX_POOL_ERROR);
    assert_int_equal(tx_byte_allocate(&pools[0], NULL, 10, TX_NO_WAIT), TX_PTR_ERROR);
    assert_int_equal(tx_byte_allocate(&pools[0], &block, 0, TX_NO_WAIT), TX_SIZE_ERROR);
}

static void allocate_without_room_waits_as_long_as_told(void **state) {
    (void)state;
    VOID *block = memory;
    assert_int_equal(tx_byte_allocate(&pools[0], &block, 9000, TX_NO_WAIT), TX_NO_MEMORY);
    assert_null(block);
    assert_int_equal(slept, 0);
    assert_int_equal(tx_byte_allocate(&pools[0], &block, 9000, 5), TX_NO_MEMORY);
    assert_int_equal(slept, 5);
}

static void allocate_waiting_is_served_after_a_release(void **state) {
    (void)state;
    VOID *block;
    assert_int_equal(tx_byte_allocate(&pools[0], &freed_at_2, 2000, TX_NO_WAIT), TX_SUCCESS);
    assert_int_equal(tx_byte_allocate(&pools[0], &block, 2000, TX_WAIT_FOREVER), TX_SUCCESS);
    assert_int_equal(slept, 2);
    assert_ptr_equal(block, freed_at_2);
}

static void allocate_waiting_learns_that_the_pool_is_deleted(void **state) {
    (void)state;
    VOID *block;
    deleted_at_2 = &pools[1];
    assert_int_equal(tx_byte_allocate(&pools[1], &block, 9000, TX_WAIT_FOREVER), TX_DELETED);
    assert_int_equal(slept, 2);
}

static void release_finds_the_pool_of_the_block(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const ULONG before = available(&pools[i]);
        VOID *block;
        (void)tx_byte_allocate(&pools[i], &block, 100, TX_NO_WAIT);
        assert_true(available(&pools[i]) < before);
        assert_int_equal(tx_byte_release(block), TX_SUCCESS);
        assert_int_equal(available(&pools[i]), before);
    }
}

static void release_what_is_no_block_is_refused(void **state) {
    (void)state;
    VOID *block;
    uint64_t outside[4] = {0};
    (void)tx_byte_allocate(&pools[0], &block, 100, TX_NO_WAIT);
    memset(block, 0, 100);
    const ULONG before = available(&pools[0]);
    assert_int_equal(tx_byte_release(NULL), TX_PTR_ERROR);
    assert_int_equal(tx_byte_release(&outside[1]), TX_PTR_ERROR);
    assert_int_equal(tx_byte_release((CHAR *)block + 1), TX_PTR_ERROR);
    assert_int_equal(available(&pools[0]), before);
    assert_int_equal(tx_byte_release(block), TX_SUCCESS);
    assert_int_equal(tx_byte_release(block), TX_PTR_ERROR);
}

static void delete_pool_is_one_no_more(void **state) {
    (void)state;
    VOID *block;
    (void)tx_byte_allocate(&pools[0], &block, 100, TX_NO_WAIT);
    assert_int_equal(tx_byte_pool_delete(&pools[0]), TX_SUCCESS);
    assert_int_equal(tx_byte_pool_delete(&pools[0]), TX_POOL_ERROR);
    assert_int_equal(tx_byte_pool_delete(NULL), TX_POOL_ERROR);
    assert_int_equal(tx_byte_release(block), TX_PTR_ERROR);
    assert_int_equal(fmemp_byte_pool_info_get(&pools[0], NULL, NULL), TX_POOL_ERROR);
    assert_int_equal(tx_byte_allocate(&pools[1], &block, 100, TX_NO_WAIT), TX_SUCCESS);
}

static void info_tells_the_name(void **state) {
    (void)state;
    CHAR *told = NULL;
    assert_int_equal(fmemp_byte_pool_info_get(&pools[0], &told, NULL), TX_SUCCESS);
    assert_ptr_equal(told, name);
}

static void call_masks_and_restores_what_was(void **state) {
    (void)state;
    for (UINT before = 0; before <= TX_INT_DISABLE; before += TX_INT_DISABLE) {
        posture = before;
        const unsigned masked = locks;
        VOID *block;
        (void)tx_byte_allocate(&pools[0], &block, 100, TX_NO_WAIT);
        (void)tx_byte_release(block);
        (void)available(&pools[0]);
        assert_int_equal(posture, before);
        assert_true(locks >= masked + 3);
    }
    posture = 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(create_wrong_arguments_are_refused),
        CASE(allocate_block_lies_in_its_pool),
        CASE(allocate_wrong_arguments_are_refused),
        CASE(allocate_without_room_waits_as_long_as_told),
        CASE(allocate_waiting_is_served_after_a_release),
        CASE(allocate_waiting_learns_that_the_pool_is_deleted),
        CASE(release_finds_the_pool_of_the_block),
        CASE(release_what_is_no_block_is_refused),
        CASE(delete_pool_is_one_no_more),
        CASE(info_tells_the_name),
        CASE(call_masks_and_restores_what_was),
    };
    return cmocka_run_group_tests_name("byte_pool", tests, NULL, NULL);
}
