/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* REG_EFL */

#include "processor.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <x86intrin.h>

#include "../../fmemp/mock_freertos/task.h"

#define TRAP_FLAG 0x100
#define MASK_ALL 0x50U  /* masks every interrupt that may call FreeRTOS */
#define MASK_SOME 0x10U /* set when an interrupt begins; has to be set again when it ends */

/* Volatile, so that writes happen in the order of the source: a signal can come in between. */
static volatile bool is_in_interrupt;
static volatile UBaseType_t mask;           /* the processor's interrupt mask */
static const processor_plan *volatile plan; /* of the run in single steps; NULL: none */
static volatile processor_run seen;

bool processor_is_masked(void) { return mask == MASK_ALL; }

/* ---- the kernel --------------------------------------------------------------------- */

/* Sets the trap flag again when interrupts are no longer masked. The flag raises SIGTRAP after each
 * instruction. step() clears it at a masked point that the run does not count. */
static void trap_resume(void) {
    if (plan != NULL && !processor_is_masked()) {
        __writeeflags(__readeflags() | TRAP_FLAG);
    }
}

static void expect_balance(bool holds) {
    if (!holds) {
        seen.is_unbalanced = true;
    }
}

/* Calls of FMemp never nest, so nobody may be inside already. The lock counts at the moment when it
 * begins to exclude others. */
UBaseType_t mock_enter_critical_from_isr(void) {
    const UBaseType_t before = mask;
    expect_balance(!processor_is_masked());
    mask = MASK_ALL;
    seen.locks++;
    return before;
}

void mock_exit_critical_from_isr(UBaseType_t before) {
    expect_balance(mask == MASK_ALL);
    mask = before;
    trap_resume();
}

/* ---- interrupts --------------------------------------------------------------------- */

static void interrupt_take(void) {
    const bool was_in_interrupt = is_in_interrupt;
    const UBaseType_t mask_before = mask;
    const processor_plan *taken = plan;
    plan = NULL; /* nothing interrupts the interrupt */
    seen.is_taken = true;
    seen.locks_first = seen.locks;
    is_in_interrupt = true;
    if (!taken->ignores_masks) {
        mask = MASK_SOME;
    }
    taken->interrupt(taken->argument);
    expect_balance(taken->ignores_masks || mask == MASK_SOME);
    mask = mask_before;
    is_in_interrupt = was_in_interrupt;
}

/* Runs before the next instruction of the call. */
static void step(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    greg_t *flags = &((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];
    if (plan == NULL) { /* the run has ended, or has taken its interrupt */
        *flags &= ~(greg_t)TRAP_FLAG;
        return;
    }
    const bool masked = processor_is_masked();
    const size_t point = masked ? seen.masked++ : seen.open++;
    if (masked == plan->ignores_masks && point == plan->at) {
        interrupt_take();
    }
    if (plan == NULL || (masked && !plan->sees_masked)) {
        *flags &= ~(greg_t)TRAP_FLAG;
    }
}

/* ---- runs --------------------------------------------------------------------------- */

static void run_begin(bool in_interrupt) {
    seen = (const processor_run){0};
    is_in_interrupt = in_interrupt;
    mask = in_interrupt ? MASK_SOME : 0;
}

static processor_run run_end(void) {
    expect_balance(mask == (is_in_interrupt ? MASK_SOME : 0));
    return seen;
}

processor_run processor_run_alone(void (*call)(void *), void *argument, bool in_interrupt) {
    run_begin(in_interrupt);
    call(argument);
    return run_end();
}

processor_run processor_step_through(const processor_plan *wanted) {
    struct sigaction action = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    if (sigaction(SIGTRAP, &action, NULL) != 0) {
        abort();
    }
    run_begin(wanted->is_in_interrupt);
    plan = wanted;
    atomic_signal_fence(memory_order_seq_cst);
    __writeeflags(__readeflags() | TRAP_FLAG);
    wanted->call(wanted->argument);
    __writeeflags(__readeflags() & ~(unsigned long long)TRAP_FLAG);
    plan = NULL;
    return run_end();
}
