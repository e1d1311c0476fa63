/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program whose heap is traced: messages come and go, and settings stay. At the end a request
 * fails. The program then writes a dump to the file that its first argument names, for tools/heap.
 * docs/trace.md shows how to build it and what to ask.
 */
#include <fmemory_pool.h>
#include <stdio.h>

/* So that each request comes from the function that the trace names. */
#define ALONE __attribute__((noinline))

enum { MESSAGES = 24, ROUNDS = 400 };

static _Alignas(4096) u8 region[16384];
static FMemp memp;
static void *messages[MESSAGES];

static u32 random_state = 1;

static u32 random_below(u32 end) {
    random_state = random_state * 1103515245U + 12345U;
    return (random_state >> 16) % end;
}

static void *kept_alone(void *block) {
    __asm__ volatile("" : "+r"(block)); /* the call before is no tail call */
    return block;
}

static ALONE void *message_new(void) { return kept_alone(FMempMalloc(&memp, random_below(700))); }

static ALONE void *message_grow(void *message) {
    void *grown = kept_alone(FMempRealloc(&memp, message, 1 + random_below(900)));
    return grown == NULL ? message : grown;
}

static ALONE void *buffer_new(void) {
    return kept_alone(FMempMallocAlign(&memp, random_below(200), 64));
}

static ALONE void *settings_new(void) { return kept_alone(FMempCalloc(&memp, 4, 25)); }

static ALONE void *picture_new(void) { return kept_alone(FMempMalloc(&memp, sizeof region)); }

static void message_step(void **place) {
    switch (*place == NULL ? random_below(2) : 2 + random_below(2)) {
    case 0:
        *place = message_new();
        break;
    case 1:
        *place = buffer_new();
        break;
    case 2:
        *place = message_grow(*place);
        break;
    default:
        FMempFree(&memp, *place);
        *place = NULL;
    }
}

static int dump_write(void *file, const void *bytes, size_t count) {
    return fwrite(bytes, 1, count, file) == count ? 0 : 1;
}

int main(int argc, char **argv) {
    FILE *file = argc > 1 ? fopen(argv[1], "wb") : NULL;

    if (file == NULL || FMempInit(&memp, region, region + sizeof region) != FMEMP_SUCCESS) {
        return 2;
    }
    for (int i = 0; i < ROUNDS; i++) {
        message_step(&messages[random_below(MESSAGES)]);
        if (i % 100 == 0 && settings_new() == NULL) {
            return 2;
        }
    }
    if (picture_new() != NULL || FMempDump(&memp, dump_write, file) != FMEMP_SUCCESS) {
        return 2;
    }
    return fclose(file) == 0 ? 0 : 2;
}
