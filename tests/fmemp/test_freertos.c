/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ports/freertos on a simulated interrupt mask. tests/checks/images/interrupts runs the port with
 * real interrupts, under a model of more kernels.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fmemory_pool.h"
#include "task.h"

#define MASK_ALL 0x50U /* masks every interrupt that may call FreeRTOS */

static UBaseType_t mask; /* the processor's interrupt mask */
static int enters, exits;

static u8 buffer[9000];
static FMemp memp;

UBaseType_t mock_enter_critical_from_isr(void) {
    const UBaseType_t before = mask;

    mask = MASK_ALL;
    enters++;
    return before;
}

void mock_exit_critical_from_isr(UBaseType_t saved_mask) {
    assert_int_equal(mask, MASK_ALL);
    mask = saved_mask;
    exits++;
}

static int kernel_setup(void **state) {
    (void)state;
    mask = 0;
    memset(&memp, 0, sizeof memp);
    const FError error = FMempInit(&memp, buffer, buffer + sizeof buffer);
    enters = exits = 0;
    return error == FMEMP_SUCCESS ? 0 : -1;
}

/* Verifies F7, P7, P8. */
static void call_locks_once_and_restores_the_mask_it_found(void **state) {
    (void)state;
    for (UBaseType_t before = 0; before <= 0x40; before += 0x10) {
        mask = before;
        FMempFree(&memp, FMempMalloc(&memp, 10));
        assert_null(FMempMalloc(&memp, SIZE_MAX));
        assert_int_equal(mask, before);
    }
    assert_int_equal(enters, 15);
    assert_int_equal(exits, 15);
}

static bool hook_saw_the_lock;

static void look_at_the_lock(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    hook_saw_the_lock = mask == MASK_ALL;
}

/* Verifies F7, F243, P7. */
static void work_is_done_under_the_lock(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 10);

    if (TLSF_HARDENING == 0) {
        skip(); /* no fault reaches the hook, so nothing looks at the lock */
    }
    (void)FMempSetFaultHook(&memp, look_at_the_lock);
    FMempFree(&memp, block + 1);
    assert_true(hook_saw_the_lock);
    assert_int_equal(mask, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(call_locks_once_and_restores_the_mask_it_found, kernel_setup),
        cmocka_unit_test_setup(work_is_done_under_the_lock, kernel_setup),
    };

    return cmocka_run_group_tests_name("fmemp_freertos", tests, NULL, NULL);
}
