/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lock port for FreeRTOS: a critical section. Tasks may share an FMemp, and so may interrupts up to
 * the priority that may call FreeRTOS (configMAX_SYSCALL_INTERRUPT_PRIORITY). Scheduling and these
 * interrupts wait for the length of one call. Make linear calls, FMemListAll above all, where
 * nothing is urgent.
 */
#include "FreeRTOS.h"
#include "task.h"

#include "fmemory_port.h"

#if FMEMP_LOCK != 1
#error "compile the library and its lock port with -DFMEMP_LOCK=1"
#endif

/* Whether the caller is an interrupt. Define it on the command line for a FreeRTOS port without
 * xPortIsInsideInterrupt. */
#ifndef FMEMP_IN_INTERRUPT
#define FMEMP_IN_INTERRUPT() (xPortIsInsideInterrupt() != pdFALSE)
#endif

FMempLockState FMempLock(FMemp *memp) {
    (void)memp;
    if (FMEMP_IN_INTERRUPT()) {
        return (FMempLockState)taskENTER_CRITICAL_FROM_ISR();
    }
    taskENTER_CRITICAL();
    return 0;
}

void FMempUnlock(FMemp *memp, FMempLockState state) {
    (void)memp;
    if (FMEMP_IN_INTERRUPT()) {
        taskEXIT_CRITICAL_FROM_ISR((UBaseType_t)state);
        return;
    }
    taskEXIT_CRITICAL();
}
