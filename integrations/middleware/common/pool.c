/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include "pool.h"

#include <fmemory_pool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measured_pool.h"

enum { JUNK = 0xa5, STACK_BYTES = 1 << 17, STACK_STEP = 1 << 10 };

static FMemp memp;
static _Alignas(64) unsigned char memory[POOL_BYTES_MAX];
static pool_record *record; /* NULL: no pool */
static size_t first_to_fail;
static bool rest_fails;

bool pool_is_open(void) { return record != NULL; }

bool pool_holds(const void *ptr) {
    const uintptr_t address = (uintptr_t)ptr;
    return address >= (uintptr_t)memory && address < (uintptr_t)memory + sizeof memory;
}

static int64_t now(void) {
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void stack_touch(void) {
    volatile unsigned char deep[STACK_BYTES];
    for (size_t i = 0; i < sizeof deep; i += STACK_STEP) {
        deep[i] = JUNK;
    }
}

/* No call that is measured meets a page or a function for the first time. */
static void first_calls_make(size_t bytes) {
    stack_touch();
    (void)memset(memory, JUNK, bytes);
    if (FMempInit(&memp, memory, memory + bytes) == FMEMP_SUCCESS) {
        (void)now();
        FMempFree(&memp, FMempRealloc(&memp, FMempCalloc(&memp, 1, 1), 1));
        FMempRemove(&memp);
    }
}

bool pool_begin(size_t bytes, size_t fail_at, bool fail_after, pool_record *written) {
    first_calls_make(bytes);
    if (FMempInit(&memp, memory, memory + bytes) != FMEMP_SUCCESS) {
        return false;
    }
    first_to_fail = fail_at;
    rest_fails = fail_after;
    record = written;
    return true;
}

void pool_end(void) {
    FMempStats stats;
    (void)FMempGetStats(&memp, &stats);
    record->peak_bytes = (size_t)stats.max_used_bytes;
    record->live_blocks = (size_t)stats.live_blocks;
    record->is_sound = FMempCheck(&memp, NULL) == FMEMP_SUCCESS;
    record = NULL;
}

/* ---- failures that are asked for, and time --------------------------------------------------- */

static bool request_fails(void) {
    const size_t number = record->requests++;
    return number == first_to_fail || (rest_fails && number > first_to_fail);
}

static void call_record(call_kind kind, size_t bytes, int64_t begin) {
    const int64_t end = now();
    if (record->calls == POOL_CALLS_MAX) {
        abort();
    }
    record->call[record->calls++] = (pool_call){(uint32_t)(end - begin), (uint32_t)bytes, kind};
}

/* ---- the calls ------------------------------------------------------------------------------- */

void *pool_malloc(size_t bytes) {
    if (request_fails()) {
        return NULL;
    }
    const int64_t begin = now();
    void *const block = FMempMalloc(&memp, bytes);
    call_record(CALL_MALLOC, bytes, begin);
    return block;
}

void *pool_calloc(size_t count, size_t size) {
    if (request_fails()) {
        return NULL;
    }
    const int64_t begin = now();
    void *const block = FMempCalloc(&memp, count, size);
    call_record(CALL_CALLOC, count * size, begin);
    return block;
}

void *pool_realloc(void *ptr, size_t bytes) {
    if (ptr == NULL) {
        return pool_malloc(bytes);
    }
    if (bytes == 0) {
        pool_free(ptr);
        return NULL;
    }
    if (request_fails()) {
        return NULL;
    }
    const int64_t begin = now();
    void *const block = FMempRealloc(&memp, ptr, bytes);
    call_record(CALL_REALLOC, bytes, begin);
    return block;
}

void pool_free(void *ptr) {
    if (ptr != NULL) {
        const int64_t begin = now();
        FMempFree(&memp, ptr);
        call_record(CALL_FREE, 0, begin);
    }
}

size_t pool_block_size(void *ptr) { return FMempBlockSize(&memp, ptr); }
