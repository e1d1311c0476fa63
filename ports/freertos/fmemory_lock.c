/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lock port for FreeRTOS: masks the interrupts of this core, and keeps out the other cores, for the
 * length of one call (kernel_lock.h). Tasks may share an FMemp, and so may interrupts up to the
 * priority that may call FreeRTOS (configMAX_SYSCALL_INTERRUPT_PRIORITY).
 */
#include "FreeRTOS.h"
#include "task.h"

#include "fmemory_port.h"
#include "kernel_lock.h"

#if FMEMP_LOCK != 1
#error "compile the library and its lock port with -DFMEMP_LOCK=1"
#endif

FMempLockState FMempLock(FMemp *memp) {
    (void)memp;
    return kernel_lock();
}

void FMempUnlock(FMemp *memp, FMempLockState state) {
    (void)memp;
    kernel_unlock(state);
}
