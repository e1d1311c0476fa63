/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The lock of ports/freertos and of integrations/freertos: masks the interrupts of this core, and
 * keeps out the other cores. Interrupts are afterwards as they were: before the scheduler runs, in
 * a task that had masked them, in a critical section, and in an interrupt.
 *
 *     kernel                               this core              other cores
 *     one core                             its mask "from ISR"    none
 *     several (configNUMBER_OF_CORES)      its mask "from ISR"    its section "from ISR"
 *     sections take a spinlock (ESP-IDF)   its mask "from ISR"    a spinlock
 *
 * taskENTER_CRITICAL is not used: it leaves interrupts masked before the scheduler runs, and its
 * end unmasks what a task had masked. The calls "from ISR" save and restore, so they are right in
 * tasks, too. Where they are not, the processor's own mask takes their place:
 *
 *   * Ports without nested interrupts, as that for RISC-V, define the mask as the constant 0.
 *   * Ports that mask by the priority of an interrupt controller (Cortex-A, Cortex-R, aarch64)
 *     leave the processor's own mask open on their way.
 *
 * Include FreeRTOS.h and task.h first. Each file that includes this one has a lock of its own.
 */
#ifndef KERNEL_LOCK_H
#define KERNEL_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "../interrupts/interrupt_mask.h"

/* ---- the other cores ---------------------------------------------------------------- */

#if defined portENTER_CRITICAL_SAFE
#define SHARED_BY_CORES 1
static portMUX_TYPE other_cores = portMUX_INITIALIZER_UNLOCKED;
static inline void other_cores_stop(void) { portENTER_CRITICAL_SAFE(&other_cores); }
static inline void other_cores_go(void) { portEXIT_CRITICAL_SAFE(&other_cores); }

#elif defined configNUMBER_OF_CORES && configNUMBER_OF_CORES > 1
#define SHARED_BY_CORES 1
/* Before the scheduler runs, this section does nothing, and only one core may take the lock. */
static UBaseType_t section; /* only its owner writes and reads it */
static inline void other_cores_stop(void) {
    const UBaseType_t state = taskENTER_CRITICAL_FROM_ISR();
    section = state;
}
static inline void other_cores_go(void) {
    const UBaseType_t state = section;
    taskEXIT_CRITICAL_FROM_ISR(state);
}

#else
#define SHARED_BY_CORES 0
static inline void other_cores_stop(void) {}
static inline void other_cores_go(void) {}
#endif

/* ---- this core ---------------------------------------------------------------------- */

/* The kernel's mask. On several cores taskENTER_CRITICAL_FROM_ISR is more than a mask. */
#if SHARED_BY_CORES
#define KERNEL_MASK() portSET_INTERRUPT_MASK_FROM_ISR()
#define KERNEL_RESTORE(state) portCLEAR_INTERRUPT_MASK_FROM_ISR(state)
#else
#define KERNEL_MASK() taskENTER_CRITICAL_FROM_ISR()
#define KERNEL_RESTORE(state) taskEXIT_CRITICAL_FROM_ISR(state)
#endif

#ifdef configUNIQUE_INTERRUPT_PRIORITIES /* an interrupt controller masks by priority */
#define KERNEL_MASKS 0
#elif defined __GNUC__
#define KERNEL_MASKS (!__builtin_constant_p(KERNEL_MASK()))
#else
#define KERNEL_MASKS 1
#endif
_Static_assert(KERNEL_MASKS || INTERRUPT_MASK_IS_KNOWN,
               "the kernel masks nothing, and this processor is not known: write a lock for it");

static inline uintptr_t this_core_mask(void) {
    return KERNEL_MASKS ? (uintptr_t)KERNEL_MASK() : interrupts_mask();
}

static inline void this_core_restore(uintptr_t state) {
    if (KERNEL_MASKS) {
        KERNEL_RESTORE((UBaseType_t)state);
    } else {
        interrupts_restore(state);
    }
}

/* ---- the lock ----------------------------------------------------------------------- */

/* The fences keep the compiler from moving accesses to the heap out of the locked part: the
 * kernel's macros need not. */

static inline uintptr_t kernel_lock(void) {
    const uintptr_t state = this_core_mask();
    other_cores_stop();
    atomic_signal_fence(memory_order_seq_cst);
    return state;
}

static inline void kernel_unlock(uintptr_t state) {
    atomic_signal_fence(memory_order_seq_cst);
    other_cores_go();
    this_core_restore(state);
}

#endif
