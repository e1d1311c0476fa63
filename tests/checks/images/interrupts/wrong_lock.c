/* SPDX-License-Identifier: BSD-3-Clause */
/* A lock that is wrong, for controls: WRONG_LOCK and WRONG_UNLOCK say what it does. */
#include "FreeRTOS.h"
#include "task.h"

#include "fmemory_port.h"

FMempLockState FMempLock(FMemp *memp) {
    (void)memp;
    return (FMempLockState)(WRONG_LOCK);
}

void FMempUnlock(FMemp *memp, FMempLockState state) {
    (void)memp;
    (void)state;
    WRONG_UNLOCK;
}
