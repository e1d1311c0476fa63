/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lock port for one core without an operating system: masks interrupts for the length of one
 * call, so that the main program and interrupt handlers can share an FMemp.
 *
 * Nests: what was masked before FMempLock stays masked after FMempUnlock.
 *
 * Cortex-M: PRIMASK, which masks every interrupt but NMI and hard fault. Call it in privileged
 * mode: the processor ignores the instruction in unprivileged mode.
 * aarch64: IRQ and FIQ, at exception level 1 and above.
 *
 * Handlers of what it does not mask must not use FMemp, and neither may another core.
 */
#include "fmemory_port.h"

#if FMEMP_LOCK != 1
#error "compile the library and its lock port with -DFMEMP_LOCK=1"
#endif

#if defined __ARM_ARCH_PROFILE && __ARM_ARCH_PROFILE == 'M'
#define INTERRUPTS_READ_AND_MASK "mrs %0, primask\n\tcpsid i"
#define INTERRUPTS_RESTORE "msr primask, %0"
#elif defined __aarch64__
#define INTERRUPTS_READ_AND_MASK "mrs %0, daif\n\tmsr daifset, #3"
#define INTERRUPTS_RESTORE "msr daif, %0"
#else
#error "no code for this processor: write FMempLock and FMempUnlock for it"
#endif

/* The memory clobbers keep the compiler from moving accesses to the heap out of the locked part. */

FMempLockState FMempLock(FMemp *memp) {
    FMempLockState before;
    (void)memp;
    __asm__ volatile(INTERRUPTS_READ_AND_MASK : "=r"(before) : : "memory");
    return before;
}

void FMempUnlock(FMemp *memp, FMempLockState state) {
    (void)memp;
    __asm__ volatile(INTERRUPTS_RESTORE : : "r"(state) : "memory");
}
