/* SPDX-License-Identifier: BSD-3-Clause */
/* The model of kernel/FreeRTOS.h. */
#include "kernel.h"

#include <stdbool.h>

#include "FreeRTOS.h"
#include "platform.h"
#include "processor.h"
#include "task.h"

#ifndef KERNEL_FIRST_NESTING
#define KERNEL_FIRST_NESTING 0
#endif
#define CORES 2

const unsigned kernel_depth_max = 2;

static bool scheduler_runs;
static uintptr_t nesting[CORES] = {KERNEL_FIRST_NESTING, KERNEL_FIRST_NESTING};

uintptr_t kernel_depth(void) { return nesting[core_number()]; }

/* ---- the scheduler, assertions --------------------------------------------------------- */

static unsigned suspensions;

void vTaskSuspendAll(void) { suspensions++; }

BaseType_t xTaskResumeAll(void) {
    kernel_assert(suspensions > 0);
    suspensions--;
    return pdFALSE;
}

void kernel_assert(int holds) {
    if (holds == 0) {
        platform_write("kernel: an assertion is false\n");
        platform_exit(EXIT_FAULT);
    }
}

/* ---- masks --------------------------------------------------------------------------- */

static uintptr_t mask_open; /* the kernel's mask when it masks nothing */

UBaseType_t kernel_mask_from_isr(void) {
    const UBaseType_t before = kernel_mask_read();
    kernel_mask_raise();
#if KERNEL == KERNEL_PRIORITY
    interrupts_nest();
#endif
    return before;
}

void kernel_restore_from_isr(UBaseType_t mask) {
    kernel_mask_write(mask);
#if KERNEL == KERNEL_PRIORITY
    interrupts_nest();
#endif
}

/* ---- locks between cores --------------------------------------------------------------- */

#if KERNEL == KERNEL_SMP || KERNEL == KERNEL_SPINLOCK
typedef struct {
    uint32_t owner; /* number of the core + 1, or 0 */
    uint32_t count;
} spinlock;

/* Whoever calls it has masked interrupts. */
static void spinlock_take(spinlock *lock) {
    const uint32_t me = core_number() + 1;
    uint32_t nobody = 0;
    if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != me) {
        while (!__atomic_compare_exchange_n(&lock->owner, &nobody, me, false, __ATOMIC_ACQUIRE,
                                            __ATOMIC_RELAXED)) {
            nobody = 0;
        }
    }
    lock->count++;
}

static void spinlock_give(spinlock *lock) {
    if (--lock->count == 0) {
        __atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
    }
}
#endif

/* ---- critical sections ------------------------------------------------------------------ */

#if KERNEL == KERNEL_SMP
static spinlock task_lock, isr_lock;

void kernel_enter_critical(void) {
    kernel_mask_raise();
    if (scheduler_runs && nesting[core_number()]++ == 0) {
        spinlock_take(&task_lock);
        spinlock_take(&isr_lock);
    }
}

void kernel_exit_critical(void) {
    if (scheduler_runs && nesting[core_number()] != 0 && --nesting[core_number()] == 0) {
        spinlock_give(&isr_lock);
        spinlock_give(&task_lock);
        kernel_mask_write(mask_open);
    }
}

UBaseType_t kernel_enter_critical_from_isr(void) {
    if (!scheduler_runs) {
        return 0;
    }
    const UBaseType_t before = kernel_mask_from_isr();
    if (nesting[core_number()]++ == 0) {
        spinlock_take(&isr_lock);
    }
    return before;
}

void kernel_exit_critical_from_isr(UBaseType_t mask) {
    if (scheduler_runs && nesting[core_number()] != 0 && --nesting[core_number()] == 0) {
        spinlock_give(&isr_lock);
        kernel_restore_from_isr(mask);
    }
}

void kernel_section_begin(void) { taskENTER_CRITICAL(); }
void kernel_section_end(void) { taskEXIT_CRITICAL(); }

#elif KERNEL == KERNEL_SPINLOCK
/* The mask before the outermost section comes back at its end. */
static UBaseType_t outer_mask[CORES];

void kernel_enter_spinlock(portMUX_TYPE *mux) {
    const UBaseType_t before = kernel_mask_from_isr();
    spinlock_take((spinlock *)mux);
    if (nesting[core_number()]++ == 0) {
        outer_mask[core_number()] = before;
    }
}

void kernel_exit_spinlock(portMUX_TYPE *mux) {
    spinlock_give((spinlock *)mux);
    if (--nesting[core_number()] == 0) {
        kernel_restore_from_isr(outer_mask[core_number()]);
    }
}

static portMUX_TYPE section = portMUX_INITIALIZER_UNLOCKED;
void kernel_section_begin(void) { taskENTER_CRITICAL(&section); }
void kernel_section_end(void) { taskEXIT_CRITICAL(&section); }

#else
void kernel_enter_critical(void) {
    kernel_mask_raise();
    nesting[0]++;
}

void kernel_exit_critical(void) {
    if (--nesting[0] == 0) {
        kernel_mask_write(mask_open);
    }
}

void kernel_section_begin(void) { taskENTER_CRITICAL(); }
void kernel_section_end(void) { taskEXIT_CRITICAL(); }
#endif

void kernel_scheduler_begin(void) {
    masks_write(masks_states[0]);
    mask_open = kernel_mask_read();
    nesting[0] = 0;
    nesting[1] = 0;
    __atomic_store_n(&scheduler_runs, true, __ATOMIC_SEQ_CST);
}
