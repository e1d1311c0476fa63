/* SPDX-License-Identifier: BSD-3-Clause */
/* The GICv2 and the virtual timer's interrupt on qemu's "virt". */
#ifndef GIC_H
#define GIC_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define DISTRIBUTOR_CONTROL REGISTER(0x08000000u)
#define DISTRIBUTOR_ENABLE REGISTER(0x08000100u)
#define DISTRIBUTOR_PRIORITY(n) (*(volatile uint8_t *)(uintptr_t)(0x08000400u + (n)))
#define CPU_CONTROL REGISTER(0x08010000u)
#define CPU_PRIORITY_MASK REGISTER(0x08010004u)
#define CPU_ACKNOWLEDGE REGISTER(0x0801000Cu)
#define CPU_END REGISTER(0x08010010u)
#define TIMER_IRQ 27

/* 62.5 MHz, and one instruction takes 1,024 ns (interrupts.py). */
#define TICKS(instructions) ((instructions)*64)

#define PRIORITY_NONE 0xF0u /* masks nothing */
#define PRIORITY_KERNEL 0x50u
#define PRIORITY(value) ((uintptr_t)(value) << 16) /* in a word with the processor's masks */

static inline void gic_begin(void) {
    DISTRIBUTOR_PRIORITY(TIMER_IRQ) = 0xA0;
    DISTRIBUTOR_ENABLE = 1u << TIMER_IRQ;
    DISTRIBUTOR_CONTROL = 1;
    CPU_CONTROL = 1;
}

#endif
