/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program for an AVR with 64 KiB of memory: its own data and its stack lie below HEAP, and the
 * heap has all that lies above, up to the end of the address space.
 */
#include <avr/io.h>
#include <avr/sleep.h>

#include "random_requests.h"

#define HEAP 0x1800u
#define STEPS 100u

int main(void) {
    unsigned failed = random_requests(HEAP, 0x10000ul - HEAP, STEPS); /* to the last byte */
    for (unsigned i = 1; failed == 0 && i < 8; i += 3) { /* and small ones, unaligned */
        failed = random_requests(HEAP + i, 4001u + i, STEPS / 2);
    }
    GPIOR1 = (uint8_t)failed;
    GPIOR2 = (uint8_t)(failed >> 8);
    GPIOR0 = 0x5A; /* tells that the program has come to its end */
    sleep_cpu();   /* without interrupts: the end of the simulation */
    return 0;
}
