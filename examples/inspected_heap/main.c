/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A logger with one mistake, to be found with tools/heap: docs/inspect.md does it step by step.
 *   -DMISTAKE=1  a leak
 *   -DMISTAKE=2  an overrun
 *   -DMISTAKE=3  a double free
 *   -DMISTAKE=4  memory in small pieces: a large request fails
 */
#include "fmemory_pool.h"

#ifndef MISTAKE
#define MISTAKE 1
#endif

enum { LEAK = 1, OVERRUN, DOUBLE_FREE, FRAGMENTS, RECORDS = 40, NAME_BYTES = 20 };

static u8 region[8000];
static FMemp memp;
static u8 *records[RECORDS];
static u8 *message;

/* Where a debugger stops. */
void stop_here(void);
__attribute__((noinline)) void stop_here(void) { __asm__ volatile("" ::: "memory"); }

static u8 *record_new(fsize_t bytes) { return FMEMP_MALLOC(&memp, bytes); }

static void record_name(u8 *record, unsigned bytes) {
    unsigned i;

    for (i = 0; i < bytes; i++) {
        record[i] = 'n';
    }
}

static void records_fill(void) {
    unsigned i;

    for (i = 0; i < RECORDS; i++) {
        records[i] = record_new(NAME_BYTES + i);
    }
}

static u8 *message_new(fsize_t bytes) { return FMEMP_MALLOC(&memp, bytes); }

static void message_send(void) {
    message = message_new(64);
    if (MISTAKE != LEAK) {
        FMEMP_FREE(&memp, message);
    }
}

static void every_second_record_dropped(void) {
    unsigned i;

    for (i = 0; i < RECORDS; i += 2) {
        FMEMP_FREE(&memp, records[i]);
    }
}

int main(void) {
    FMempInit(&memp, region, region + sizeof region);
    records_fill();
    stop_here();
    message_send();
    message_send();
    if (MISTAKE == OVERRUN) {
        record_name(records[3], 70);
    } else if (MISTAKE == DOUBLE_FREE) {
        FMEMP_FREE(&memp, records[7]);
        FMEMP_FREE(&memp, records[7]);
    } else if (MISTAKE == FRAGMENTS) {
        every_second_record_dropped();
        records[0] = record_new(5000);
    }
    stop_here();
    return 0;
}
