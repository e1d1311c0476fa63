/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program for an AVR with 64 KiB of memory: its own data and its stack lie below HEAP, and the
 * heap has all that lies above, up to the end of the address space.
 */
#include "random_requests.h"

#define HEAP 0x1800u
#define STEPS 60u

/* General purpose registers, which run_avr.c reads. */
#define FINISHED (*(volatile uint8_t *)0x3E)
#define LINE_LOW (*(volatile uint8_t *)0x4A)
#define LINE_HIGH (*(volatile uint8_t *)0x4B)

int main(void) {
    unsigned failed = random_requests(HEAP, 0x10000ul - HEAP, STEPS); /* to the last byte */
    for (unsigned i = 1; failed == 0 && i < 8; i += 3) { /* and small ones, unaligned */
        failed = random_requests(HEAP + i, 4001u + i, STEPS / 2);
    }
    LINE_LOW = (uint8_t)failed;
    LINE_HIGH = (uint8_t)(failed >> 8);
    FINISHED = 0x5A;
    __asm__ volatile("cli\n\tsleep"); /* without interrupts: the end of the simulation */
    return 0;
}
