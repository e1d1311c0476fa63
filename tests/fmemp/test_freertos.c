/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ports/freertos on a simulated kernel: a nesting count for tasks, an interrupt mask for
 * interrupts.
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

static bool is_interrupt;
static int nesting;               /* depth of the tasks' critical sections */
static UBaseType_t mask;          /* the processor's interrupt mask */
static int enters, exits;         /* from tasks */
static int isr_enters, isr_exits; /* from interrupts */

static u8 buffer[9000];
static FMemp memp;

BaseType_t xPortIsInsideInterrupt(void) { return is_interrupt ? pdTRUE : pdFALSE; }

void mock_enter_critical(void) {
    assert_false(is_interrupt); /* FreeRTOS forbids this call in an interrupt */
    nesting++;
    enters++;
}

void mock_exit_critical(void) {
    assert_false(is_interrupt);
    assert_true(nesting > 0);
    nesting--;
    exits++;
}

UBaseType_t mock_enter_critical_from_isr(void) {
    const UBaseType_t before = mask;

    assert_true(is_interrupt);
    mask = MASK_ALL;
    isr_enters++;
    return before;
}

void mock_exit_critical_from_isr(UBaseType_t saved_mask) {
    assert_true(is_interrupt);
    assert_int_equal(mask, MASK_ALL);
    mask = saved_mask;
    isr_exits++;
}

static int kernel_setup(void **state) {
    (void)state;
    is_interrupt = false;
    nesting = enters = exits = isr_enters = isr_exits = 0;
    mask = 0;
    memset(&memp, 0, sizeof memp);
    return FMempInit(&memp, buffer, buffer + sizeof buffer) == FMEMP_SUCCESS ? 0 : -1;
}

static void task_call_is_a_critical_section(void **state) {
    (void)state;
    enters = exits = 0;
    FMempFree(&memp, FMempMalloc(&memp, 10));
    assert_int_equal(enters, 2);
    assert_int_equal(exits, 2);
    assert_int_equal(nesting, 0);
    assert_int_equal(isr_enters, 0);
}

static void interrupt_call_locks_and_restores_the_mask(void **state) {
    (void)state;
    enters = exits = 0;
    is_interrupt = true;
    for (UBaseType_t before = 0; before <= 0x40; before += 0x10) {
        mask = before;
        FMempFree(&memp, FMempMalloc(&memp, 10));
        assert_null(FMempMalloc(&memp, SIZE_MAX));
        assert_int_equal(mask, before);
    }
    assert_int_equal(isr_enters, 15);
    assert_int_equal(isr_exits, 15);
    assert_int_equal(enters, 0);
}

static bool hook_saw_the_lock;

static void look_at_the_lock(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    hook_saw_the_lock = is_interrupt ? mask == MASK_ALL : nesting == 1;
}

static void work_in_task_and_interrupt_is_done_under_the_lock(void **state) {
    (void)state;
    u8 *block = FMempMalloc(&memp, 10);

    if (TLSF_HARDENING == 0) {
        skip(); /* no fault reaches the hook, so nothing looks at the lock */
    }
    (void)FMempSetFaultHook(&memp, look_at_the_lock);
    FMempFree(&memp, block + 1);
    assert_true(hook_saw_the_lock);
    hook_saw_the_lock = false;
    is_interrupt = true;
    FMempFree(&memp, block + 1);
    assert_true(hook_saw_the_lock);
    assert_int_equal(mask, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(task_call_is_a_critical_section, kernel_setup),
        cmocka_unit_test_setup(interrupt_call_locks_and_restores_the_mask, kernel_setup),
        cmocka_unit_test_setup(work_in_task_and_interrupt_is_done_under_the_lock, kernel_setup),
    };

    return cmocka_run_group_tests_name("fmemp_freertos", tests, NULL, NULL);
}
