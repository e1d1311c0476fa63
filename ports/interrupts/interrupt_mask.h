/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The processor's own interrupt mask: masks, and restores what was. So calls nest, and interrupts
 * are afterwards as they were: before an operating system runs, in a task, and in a handler.
 *
 * Cortex-M    PRIMASK, which masks all but NMI and hard fault. With FMEMP_LOCK_BASEPRI, BASEPRI.
 * 32-bit Arm  of the other profiles: IRQ and FIQ in CPSR.
 * aarch64     IRQ and FIQ in DAIF, at exception level 1 and above.
 * RISC-V      MIE in mstatus, in machine mode.
 *
 * Only privileged code can mask. Elsewhere the processor ignores the instructions, or traps.
 */
#ifndef INTERRUPT_MASK_H
#define INTERRUPT_MASK_H

#include <stdint.h>

/* FMEMP_LOCK_BASEPRI: 0, the default, or the value for BASEPRI, from a Cortex-M3 on. Interrupts
 * with a lower number as their priority then still come, and must not use FMemp. A Cortex-M7 r0p1
 * has an erratum of BASEPRI: leave it at 0 there. */
#ifndef FMEMP_LOCK_BASEPRI
#define FMEMP_LOCK_BASEPRI 0
#endif
#if FMEMP_LOCK_BASEPRI < 0 || FMEMP_LOCK_BASEPRI > 255
#error "FMEMP_LOCK_BASEPRI must be 0 to 255"
#endif

#define INTERRUPT_MASK_IS_KNOWN 1
#define INTERRUPTS_OPERANDS
#define INTERRUPTS_CLOBBERED "memory"
#if defined __ARM_ARCH_PROFILE && __ARM_ARCH_PROFILE == 'M' && FMEMP_LOCK_BASEPRI == 0
#define INTERRUPTS_READ_AND_MASK "mrs %0, primask\n\tcpsid i"
#define INTERRUPTS_RESTORE "msr primask, %0"
#elif defined __ARM_ARCH_PROFILE && __ARM_ARCH_PROFILE == 'M' && defined __ARM_FEATURE_CLZ
/* A write to basepri_max changes nothing where more is masked already. */
#define INTERRUPTS_READ_AND_MASK "mrs %0, basepri\n\tmsr basepri_max, %1"
#define INTERRUPTS_RESTORE "msr basepri, %0"
#undef INTERRUPTS_OPERANDS
#define INTERRUPTS_OPERANDS "r"(FMEMP_LOCK_BASEPRI)
#elif FMEMP_LOCK_BASEPRI != 0
#error "FMEMP_LOCK_BASEPRI: this processor has no BASEPRI"
#elif defined __arm__ && (!defined __thumb__ || defined __thumb2__)
/* Not by cpsid, which ARMv4 and ARMv5 do not have. */
#define INTERRUPTS_READ_AND_MASK "mrs %0, cpsr\n\torr ip, %0, #0xC0\n\tmsr cpsr_c, ip"
#undef INTERRUPTS_CLOBBERED
#define INTERRUPTS_CLOBBERED "memory", "ip"
#define INTERRUPTS_RESTORE "msr cpsr_c, %0"
#elif defined __aarch64__
#define INTERRUPTS_READ_AND_MASK "mrs %0, daif\n\tmsr daifset, #3"
#define INTERRUPTS_RESTORE "msr daif, %0"
#elif defined __riscv
/* csrrci %0, mstatus, 8 and csrs mstatus, %0, for assemblers that know these names only with an
 * option. Other bits of mstatus may change in between, so MIE alone is set, if it was. */
#define INTERRUPTS_READ_AND_MASK ".insn i 0x73, 7, %0, x8, 0x300\n\tandi %0, %0, 8"
#define INTERRUPTS_RESTORE ".insn i 0x73, 2, x0, %0, 0x300"
#else
#undef INTERRUPT_MASK_IS_KNOWN
#define INTERRUPT_MASK_IS_KNOWN 0
#define INTERRUPTS_READ_AND_MASK ""
#define INTERRUPTS_RESTORE ""
#endif

/* The memory clobbers keep the compiler from moving accesses to the heap out of the masked part. */

static inline uintptr_t interrupts_mask(void) {
    uintptr_t before;
    __asm__ volatile(INTERRUPTS_READ_AND_MASK
                     : "=&r"(before)
                     : INTERRUPTS_OPERANDS
                     : INTERRUPTS_CLOBBERED);
    return before;
}

static inline void interrupts_restore(uintptr_t before) {
    __asm__ volatile(INTERRUPTS_RESTORE : : "r"(before) : "memory");
}

#endif
