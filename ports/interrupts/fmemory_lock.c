/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lock port for one core: masks interrupts for the length of one call, so that the main program and
 * interrupt handlers can share an FMemp, and so can the tasks of an operating system. What it
 * masks, and on which processors: interrupt_mask.h.
 *
 * Handlers of what it does not mask must not use FMemp, and neither may another core.
 */
#include "fmemory_port.h"
#include "interrupt_mask.h"

#if FMEMP_LOCK != 1
#error "compile the library and its lock port with -DFMEMP_LOCK=1"
#endif
#if !INTERRUPT_MASK_IS_KNOWN
#error "no code for this processor: write FMempLock and FMempUnlock for it"
#endif

FMempLockState FMempLock(FMemp *memp) {
    (void)memp;
    return interrupts_mask();
}

void FMempUnlock(FMemp *memp, FMempLockState state) {
    (void)memp;
    interrupts_restore(state);
}
