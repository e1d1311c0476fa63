/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of what FreeRTOS does to interrupts, for ports/freertos and integrations/freertos: its
 * critical sections and its masks, and nothing else. It is no kernel. KERNEL says which of its
 * ports is played:
 *
 *   KERNEL_SAVES     one core; "from ISR" saves and restores the kernel's mask
 *   KERNEL_CONSTANT  one core; "from ISR" is the constant 0
 *   KERNEL_PRIORITY  one core; "from ISR" saves the priority mask of an interrupt controller, and
 *                    opens the processor's own mask
 *   KERNEL_SMP       several cores; sections take locks of the kernel once the scheduler runs
 *   KERNEL_SPINLOCK  several cores; sections take a spinlock as their argument
 *
 * KERNEL_FIRST_NESTING is the depth of critical sections before the scheduler runs.
 */
#ifndef FREERTOS_H
#define FREERTOS_H

#include <stdint.h>

#define KERNEL_SAVES 1
#define KERNEL_CONSTANT 2
#define KERNEL_PRIORITY 3
#define KERNEL_SMP 4
#define KERNEL_SPINLOCK 5

typedef long BaseType_t;
typedef unsigned long UBaseType_t;

#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)

UBaseType_t kernel_mask_from_isr(void);
void kernel_restore_from_isr(UBaseType_t mask);

#if KERNEL == KERNEL_CONSTANT
#define portSET_INTERRUPT_MASK_FROM_ISR() 0
#define portCLEAR_INTERRUPT_MASK_FROM_ISR(mask) (void)(mask)
#else
#define portSET_INTERRUPT_MASK_FROM_ISR() kernel_mask_from_isr()
#define portCLEAR_INTERRUPT_MASK_FROM_ISR(mask) kernel_restore_from_isr(mask)
#endif

#if KERNEL == KERNEL_PRIORITY
#define configUNIQUE_INTERRUPT_PRIORITIES 16
#elif KERNEL == KERNEL_SMP
#define configNUMBER_OF_CORES 2
#elif KERNEL == KERNEL_SPINLOCK
typedef struct {
    uint32_t owner; /* number of the core + 1, or 0 */
    uint32_t count;
} portMUX_TYPE;
#define portMUX_INITIALIZER_UNLOCKED \
    { 0, 0 }
void kernel_enter_spinlock(portMUX_TYPE *mux);
void kernel_exit_spinlock(portMUX_TYPE *mux);
#define portENTER_CRITICAL_SAFE(mux) kernel_enter_spinlock(mux)
#define portEXIT_CRITICAL_SAFE(mux) kernel_exit_spinlock(mux)
#endif

#define PRIVILEGED_FUNCTION
#define PRIVILEGED_DATA
#define configTOTAL_HEAP_SIZE 12000
void kernel_assert(int holds);
#define configASSERT(condition) kernel_assert((condition) ? 1 : 0)
#define traceMALLOC(pvAddress, uiSize)
#define traceFREE(pvAddress, uiSize)

#include "portable.h" /* of tests/rtos/freertos */

#endif
