/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program for a processor whose last 64 KiB of addresses are memory. No operating system gives
 * a program these. It has no C library.
 */
#include "random_requests.h"

#define HEAP_BYTES 0xF000u
#define STEPS 25u

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    unsigned char *target = to;
    const unsigned char *source = from;
    while (bytes-- != 0) {
        *target++ = *source++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    unsigned char *target = to;
    const unsigned char *source = from;
    if ((uintptr_t)to < (uintptr_t)from) {
        return memcpy(to, from, bytes);
    }
    while (bytes-- != 0) {
        target[bytes] = source[bytes];
    }
    return to;
}

void *memset(void *to, int byte, size_t bytes) {
    unsigned char *target = to;
    while (bytes-- != 0) {
        *target++ = (unsigned char)byte;
    }
    return to;
}

unsigned last_page(void);

/* Heaps that end with the address space, or some bytes below. */
unsigned last_page(void) {
    for (size_t less = 0; less < 24; less += 5) {
        for (size_t above = 0; above < 8; above += 3) {
            const unsigned failed = random_requests((uintptr_t)0 - HEAP_BYTES + above,
                                                    HEAP_BYTES - above - less, STEPS);
            if (failed != 0) {
                return failed;
            }
        }
    }
    return 0;
}
