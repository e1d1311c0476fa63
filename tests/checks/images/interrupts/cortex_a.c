/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * 32-bit Arm of the A profile in supervisor mode on qemu's "virt": its virtual timer interrupts,
 * through a GICv2. The mask of a kernel is the priority mask of the GIC.
 */
#include "gic.h"
#include "processor.h"

#define IRQ 0x80u
#define FIQ 0x40u
#define ABORT 0x100u

const uintptr_t masks_states[] = {PRIORITY(PRIORITY_NONE),
                                  PRIORITY(PRIORITY_NONE) | IRQ,
                                  PRIORITY(PRIORITY_NONE) | FIQ,
                                  PRIORITY(PRIORITY_NONE) | IRQ | FIQ,
                                  PRIORITY(PRIORITY_NONE) | IRQ | FIQ | ABORT,
                                  PRIORITY(PRIORITY_KERNEL),
                                  PRIORITY(0x20) | IRQ};
const unsigned masks_state_count = sizeof masks_states / sizeof masks_states[0];

static uint32_t status_read(void) {
    uint32_t status;
    __asm__ volatile("mrs %0, cpsr" : "=r"(status) : : "memory");
    return status;
}

uintptr_t masks_read(void) {
    return (status_read() & (IRQ | FIQ | ABORT)) | PRIORITY(CPU_PRIORITY_MASK);
}

void masks_write(uintptr_t masks) {
    const uint32_t status = status_read() & ~(IRQ | FIQ | ABORT);
    CPU_PRIORITY_MASK = masks >> 16;
    __asm__ volatile("msr cpsr_cx, %0" : : "r"(status | (masks & 0x1C0)) : "memory");
}

/* Serves in supervisor mode and on its stack, which gets aligned, so that interrupts can nest. */
__asm__(".arm\n"
        ".balign 32\n"
        "vectors_of_test:\n"
        ".rept 6\n b other\n .endr\n"
        "b irq\n"
        "b other\n"
        "other: mrs r0, cpsr\n mov r1, lr\n ldr sp, =stack_top\n bl exception_report\n"
        ".pool\n"
        "irq: sub lr, lr, #4\n"
        "srsdb sp!, #0x13\n"
        "cps #0x13\n"
        "push {r0-r3, r12}\n"
        "and r1, sp, #4\n"
        "sub sp, sp, r1\n"
        "push {r1, lr}\n"
        "bl timer_interrupt\n"
        "pop {r1, lr}\n"
        "add sp, sp, r1\n"
        "pop {r0-r3, r12}\n"
        "rfeia sp!\n");
extern const uint8_t vectors_of_test[];

static void timer_control(uint32_t value) {
    __asm__ volatile("mcr p15, 0, %0, c14, c3, 1\n\tisb" : : "r"(value) : "memory");
}

/* The interrupt ends before interrupt(), so that the same one can nest. */
void timer_interrupt(void);
void timer_interrupt(void) {
    const uint32_t acknowledged = CPU_ACKNOWLEDGE;
    timer_control(0);
    CPU_END = acknowledged;
    interrupt();
}

void timer_begin(void) {
    __asm__ volatile("mcr p15, 0, %0, c12, c0, 0\n\tisb" : : "r"(vectors_of_test) : "memory");
    gic_begin();
    masks_write(masks_states[0]);
}

void timer_set(uint32_t instructions) {
    __asm__ volatile("mcr p15, 0, %0, c14, c3, 0" : : "r"(TICKS(instructions)) : "memory");
    timer_control(1);
}

void interrupts_nest(void) { __asm__ volatile("cpsie i" : : : "memory"); }
void interrupts_nest_end(void) { __asm__ volatile("cpsid i" : : : "memory"); }

unsigned core_number(void) { return 0; }
void core_begin(void) {}

uintptr_t kernel_mask_read(void) { return CPU_PRIORITY_MASK; }
void kernel_mask_raise(void) { CPU_PRIORITY_MASK = PRIORITY_KERNEL; }
void kernel_mask_write(uintptr_t mask) { CPU_PRIORITY_MASK = (uint32_t)mask; }
