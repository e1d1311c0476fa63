/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A Cortex-M4 on the board mps2-an386. SysTick and a timer of the board interrupt: the timer is
 * more urgent, so it nests in SysTick's handler.
 */
#include "processor.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define SYSTICK_VALUE REGISTER(0xE000E018u)
#define VECTOR_TABLE REGISTER(0xE000ED08u)
#define SYSTICK_PRIORITY (*(volatile uint8_t *)0xE000ED23u)
#define ENABLE_IRQ REGISTER(0xE000E100u)
#define IRQ_PRIORITY(n) (*(volatile uint8_t *)(0xE000E400u + (n)))
#define TIMER_CONTROL REGISTER(0x40000000u)
#define TIMER_VALUE REGISTER(0x40000004u)
#define TIMER_RELOAD REGISTER(0x40000008u)
#define TIMER_CLEAR REGISTER(0x4000000Cu)
#define TIMER_IRQ 8

/* 25 MHz, and one instruction takes 1,024 ns (interrupts.py). */
#define TICKS(instructions) ((instructions)*26)
#define KERNEL_MASK 0x50u
#define PRIMASK 0x1u
#define FAULTMASK 0x2u
#define BASEPRI(value) ((uintptr_t)(value) << 8)

const uintptr_t masks_states[] = {0,
                                  PRIMASK,
                                  FAULTMASK,
                                  BASEPRI(0x20),
                                  BASEPRI(0x50),
                                  BASEPRI(0x70),
                                  BASEPRI(0xC0),
                                  PRIMASK | BASEPRI(0x70)};
const unsigned masks_state_count = sizeof masks_states / sizeof masks_states[0];

#define READ(name, value) __asm__ volatile("mrs %0, " name : "=r"(value) : : "memory")
#define WRITE(name, value) __asm__ volatile("msr " name ", %0" : : "r"(value) : "memory")

uintptr_t masks_read(void) {
    uint32_t primask, faultmask, basepri;
    READ("primask", primask);
    READ("faultmask", faultmask);
    READ("basepri", basepri);
    return primask | faultmask << 1 | basepri << 8;
}

void masks_write(uintptr_t masks) {
    WRITE("primask", masks & 1);
    WRITE("faultmask", masks >> 1 & 1);
    WRITE("basepri", masks >> 8);
}

static bool timer_is_last; /* the two take turns, but each at its own random time */

static void systick(void) {
    SYSTICK_CONTROL = 0;
    interrupt();
}

static void timer(void) {
    TIMER_CONTROL = 0;
    TIMER_CLEAR = 1;
    interrupt();
}

void timer_begin(void) {
    static uint32_t vectors[64] __attribute__((aligned(256)));
    const volatile uint32_t *table = (const volatile uint32_t *)VECTOR_TABLE;
    for (unsigned i = 0; i < 64; i++) {
        vectors[i] = i < 16 ? table[i] : 0;
    }
    vectors[15] = (uint32_t)systick;
    vectors[16 + TIMER_IRQ] = (uint32_t)timer;
    VECTOR_TABLE = (uint32_t)vectors;
    SYSTICK_PRIORITY = 0x80;
    IRQ_PRIORITY(TIMER_IRQ) = 0x60;
    ENABLE_IRQ = 1u << TIMER_IRQ;
}

static void systick_set(uint32_t instructions) {
    SYSTICK_RELOAD = TICKS(instructions);
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7;
}

void timer_set(uint32_t instructions) {
    timer_is_last = !timer_is_last;
    if (timer_is_last) {
        TIMER_VALUE = TICKS(instructions);
        TIMER_RELOAD = TICKS(instructions);
        TIMER_CONTROL = 9;
    } else {
        systick_set(instructions);
    }
}

/* The processor lets more urgent interrupts nest. */
void interrupts_nest(void) {}
void interrupts_nest_end(void) {}

unsigned core_number(void) { return 0; }
void core_begin(void) {}

uintptr_t kernel_mask_read(void) {
    uint32_t basepri;
    READ("basepri", basepri);
    return basepri;
}
void kernel_mask_raise(void) { WRITE("basepri", KERNEL_MASK); }
void kernel_mask_write(uintptr_t mask) { WRITE("basepri", mask); }
