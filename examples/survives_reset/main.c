/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap that survives a reset: records of each start stay in memory that start-up code leaves
 * alone (.noinit in image.ld). tlsf_attach verifies the whole heap before a word of it is believed.
 * What did not survive is made anew.
 */
#include "console.h"
#include "tlsf.h"

#define NOINIT __attribute__((section(".noinit")))
#define APPLICATION_INTERRUPT_RESET (*(volatile uint32_t *)0xE000ED0Cu)
#define RESET_REQUEST 0x05FA0004u

struct record {
    struct record *before;
    unsigned long start;
};

NOINIT static unsigned char memory[2048];
NOINIT static struct record *last; /* believed only if it is a live block of a sound heap */

static void reset(void) {
    APPLICATION_INTERRUPT_RESET = RESET_REQUEST;
    for (;;) {
    }
}

/* The heap of the start before, or a new one. */
static tlsf_t heap_attach_or_create(void) {
    tlsf_report_t lost;
    tlsf_t heap = tlsf_attach(memory, sizeof memory, &lost);
    if (heap != NULL && tlsf_looks_live(heap, last)) {
        return heap;
    }
    console_print("new heap: %s\n", tlsf_invariant_name((int)lost.broken));
    last = NULL;
    return tlsf_create_sized(memory, sizeof memory, 0);
}

/* Returns  how many records there are; this start's is the last. */
static unsigned long records_add(tlsf_t heap) {
    struct record *record = tlsf_malloc(heap, sizeof *record);
    record->before = last;
    record->start = last == NULL ? 1 : last->start + 1;
    last = record;
    unsigned long count = 0;
    for (; record != NULL; record = record->before) {
        count++;
    }
    return count;
}

int main(void) {
    tlsf_t heap = heap_attach_or_create();
    if (heap == NULL) {
        return 1;
    }
    const unsigned long records = records_add(heap);
    console_print("start %lu: %lu records\n", last->start, records);
    if (records == 3) { /* the fourth start finds a heap that is broken */
        ((uint32_t *)last)[-1] ^= 0xFF0;
    }
    static NOINIT unsigned long starts; /* an emulator's memory begins as zeros */
    if (++starts < 5) {
        reset();
    }
    return 0;
}
