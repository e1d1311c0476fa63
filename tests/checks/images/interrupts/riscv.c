/* SPDX-License-Identifier: BSD-3-Clause */
/* 32-bit or 64-bit RISC-V in machine mode, on qemu's "virt": its machine timer interrupts. */
#include "processor.h"

#define MIE ((uintptr_t)8)    /* of mstatus */
#define MTIE ((uintptr_t)128) /* of mie */
#define TIME_COMPARE ((volatile uint32_t *)0x02004000u)
#define TIME ((volatile uint32_t *)0x0200BFF8u)

/* 10 MHz, and one instruction takes 1,024 ns (interrupts.py). */
#define TICKS(instructions) ((instructions)*10 + 1)

const uintptr_t masks_states[] = {MIE | MTIE, MTIE, MIE, 0};
const unsigned masks_state_count = sizeof masks_states / sizeof masks_states[0];

#define READ(name, value) __asm__ volatile("csrr %0, " name : "=r"(value) : : "memory")
#define SET(name, bits) __asm__ volatile("csrs " name ", %0" : : "r"(bits) : "memory")
#define CLEAR(name, bits) __asm__ volatile("csrc " name ", %0" : : "r"(bits) : "memory")

uintptr_t masks_read(void) {
    uintptr_t status, enabled;
    READ("mstatus", status);
    READ("mie", enabled);
    return (status & MIE) | (enabled & MTIE);
}

void masks_write(uintptr_t masks) {
    CLEAR("mstatus", MIE);
    CLEAR("mie", ~masks & MTIE);
    SET("mie", masks & MTIE);
    SET("mstatus", masks & MIE);
}

/* Saves what a function may change, and what a nested interrupt changes. */
#if __riscv_xlen == 64
#define STORE "sd "
#define LOAD "ld "
#define OF(n) #n " * 8(sp)\n"
#else
#define STORE "sw "
#define LOAD "lw "
#define OF(n) #n " * 4(sp)\n"
#endif
#define REGISTERS(DO) \
    DO "ra, " OF(0) DO "t0, " OF(1) DO "t1, " OF(2) DO "t2, " OF(3) DO "t3, " OF(4) DO \
        "t4, " OF(5) DO "t5, " OF(6) DO "t6, " OF(7) DO "a0, " OF(8) DO "a1, " OF(9) DO \
        "a2, " OF(10) DO "a3, " OF(11) DO "a4, " OF(12) DO "a5, " OF(13) DO "a6, " OF(14) DO \
        "a7, " OF(15)
__asm__(".balign 4\n"
        "trap: addi sp, sp, -160\n" REGISTERS(STORE) "csrr t0, mcause\n"
                                                     "csrr a1, mepc\n"
                                                     "csrr t2, mstatus\n" STORE "a1, " OF(16) STORE
        "t2, " OF(17) "bgez t0, 1f\n"
                      "call timer_interrupt\n" LOAD "t1, " OF(16) LOAD
        "t2, " OF(17) "csrw mepc, t1\n"
                      "csrw mstatus, t2\n" REGISTERS(LOAD) "addi sp, sp, 160\n"
                                                           "mret\n"
                                                           "1: mv a0, t0\n"
                                                           "call exception_report\n");
void trap(void);

void timer_interrupt(void);
void timer_interrupt(void) {
    TIME_COMPARE[1] = UINT32_MAX;
    interrupt();
}

void timer_begin(void) {
    TIME_COMPARE[1] = UINT32_MAX;
    __asm__ volatile("csrw mtvec, %0" : : "r"(trap) : "memory");
    masks_write(masks_states[0]);
}

void timer_set(uint32_t instructions) {
    const uint32_t low = TIME[0];
    const uint32_t at = low + TICKS(instructions);
    TIME_COMPARE[0] = at;
    TIME_COMPARE[1] = TIME[1] + (at < low);
}

void interrupts_nest(void) { SET("mstatus", MIE); }
void interrupts_nest_end(void) { CLEAR("mstatus", MIE); }

unsigned core_number(void) { return 0; }
void core_begin(void) {}

uintptr_t kernel_mask_read(void) {
    uintptr_t status;
    READ("mstatus", status);
    return status & MIE;
}
void kernel_mask_raise(void) { CLEAR("mstatus", MIE); }
void kernel_mask_write(uintptr_t mask) { SET("mstatus", mask); }
