/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * 64-bit Arm at exception level 1 on qemu's "virt": its virtual timer interrupts, through a GICv2.
 * The mask of a kernel is the priority mask of the GIC.
 */
#include "gic.h"
#include "processor.h"

#define IRQ 0x80u
#define FIQ 0x40u
#define SERROR 0x100u

const uintptr_t masks_states[] = {PRIORITY(PRIORITY_NONE),
                                  PRIORITY(PRIORITY_NONE) | IRQ,
                                  PRIORITY(PRIORITY_NONE) | FIQ,
                                  PRIORITY(PRIORITY_NONE) | IRQ | FIQ,
                                  PRIORITY(PRIORITY_NONE) | IRQ | FIQ | SERROR,
                                  PRIORITY(PRIORITY_KERNEL),
                                  PRIORITY(0x20),
                                  PRIORITY(0x20) | IRQ};
const unsigned masks_state_count = sizeof masks_states / sizeof masks_states[0];

#define READ(name, value) __asm__ volatile("mrs %0, " name : "=r"(value) : : "memory")
#define WRITE(name, value) \
    __asm__ volatile("msr " name ", %0\n\tisb" : : "r"((uint64_t)(value)) : "memory")

uintptr_t masks_read(void) {
    uint64_t daif;
    READ("daif", daif);
    return daif | PRIORITY(CPU_PRIORITY_MASK);
}

void masks_write(uintptr_t masks) {
    CPU_PRIORITY_MASK = (uint32_t)(masks >> 16);
    WRITE("daif", masks & 0x3C0);
}

/* Sixteen entries: that for an IRQ at this level, with the stack pointer of this level, is the
 * sixth. Saves what a function may change, and what a nested interrupt changes. */
__asm__(".balign 2048\n"
        "vectors_of_test:\n"
        ".rept 5\n b other\n .balign 128\n .endr\n"
        "b irq\n .balign 128\n"
        ".rept 10\n b other\n .balign 128\n .endr\n"
        "other: mrs x0, esr_el1\n mrs x1, elr_el1\n bl exception_report\n"
        "irq: sub sp, sp, #192\n"
        "stp x0, x1, [sp]\n stp x2, x3, [sp, #16]\n stp x4, x5, [sp, #32]\n"
        "stp x6, x7, [sp, #48]\n stp x8, x9, [sp, #64]\n stp x10, x11, [sp, #80]\n"
        "stp x12, x13, [sp, #96]\n stp x14, x15, [sp, #112]\n stp x16, x17, [sp, #128]\n"
        "stp x18, x30, [sp, #144]\n"
        "mrs x0, elr_el1\n mrs x1, spsr_el1\n stp x0, x1, [sp, #160]\n"
        "bl timer_interrupt\n"
        "ldp x0, x1, [sp, #160]\n msr elr_el1, x0\n msr spsr_el1, x1\n"
        "ldp x18, x30, [sp, #144]\n ldp x16, x17, [sp, #128]\n ldp x14, x15, [sp, #112]\n"
        "ldp x12, x13, [sp, #96]\n ldp x10, x11, [sp, #80]\n ldp x8, x9, [sp, #64]\n"
        "ldp x6, x7, [sp, #48]\n ldp x4, x5, [sp, #32]\n ldp x2, x3, [sp, #16]\n"
        "ldp x0, x1, [sp]\n add sp, sp, #192\n eret\n"
        /* Where the second core begins: its stack is the first parameter. */
        ".globl second_start\n"
        "second_start: mov sp, x0\n bl second_main\n"
        "1: wfi\n b 1b\n");
extern const uint8_t vectors_of_test[];
extern const uint8_t second_start[];

/* The interrupt ends before interrupt(), so that the same one can nest. */
void timer_interrupt(void);
void timer_interrupt(void) {
    const uint32_t acknowledged = CPU_ACKNOWLEDGE;
    WRITE("cntv_ctl_el0", 0);
    CPU_END = acknowledged;
    interrupt();
}

void timer_begin(void) {
    WRITE("vbar_el1", (uintptr_t)vectors_of_test);
    gic_begin();
    masks_write(masks_states[0]);
}

void timer_set(uint32_t instructions) {
    WRITE("cntv_tval_el0", TICKS(instructions));
    WRITE("cntv_ctl_el0", 1);
}

void interrupts_nest(void) { __asm__ volatile("msr daifclr, #2" : : : "memory"); }
void interrupts_nest_end(void) { __asm__ volatile("msr daifset, #2" : : : "memory"); }

unsigned core_number(void) {
    uint64_t affinity;
    READ("mpidr_el1", affinity);
    return affinity & 1;
}

void core_begin(void) {
    static uint8_t stack[16384] __attribute__((aligned(16)));
    register uint64_t x0 __asm__("x0") = 0xC4000003u; /* PSCI: CPU_ON */
    register uint64_t x1 __asm__("x1") = 1;
    register uint64_t x2 __asm__("x2") = (uintptr_t)second_start;
    register uint64_t x3 __asm__("x3") = (uintptr_t)stack + sizeof stack;
    __asm__ volatile("hvc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3) : "memory");
}

uintptr_t kernel_mask_read(void) { return CPU_PRIORITY_MASK; }
void kernel_mask_raise(void) { CPU_PRIORITY_MASK = PRIORITY_KERNEL; }
void kernel_mask_write(uintptr_t mask) { CPU_PRIORITY_MASK = (uint32_t)mask; }
