/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program whose malloc is an FMemp with a lock that does not nest. It lists its blocks, and then
 * frees one twice. Whoever allocates from the FMemp while it is locked ends with status 3.
 *
 * Ends with status 0 if the fault was reported, 1 if not, and 2 if the listing or the report made
 * an allocation in spite of MAY_ALLOCATE 0.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void report_ends(void);
#define FMEMP_STOP() report_ends()

#include "fmemory_pool.h"

/* The library, in this unit: its FMEMP_STOP is the one above. */
#include LIBRARY

static _Alignas(64) u8 region[1 << 20];
static FMemp memp;
static int is_locked;
static size_t calls; /* of the functions below */

static size_t calls_before;

/* ---- the lock ----------------------------------------------------------------------- */

FMempLockState FMempLock(FMemp *locked) {
    (void)locked;
    if (is_locked) {
        static const char text[] = "own_heap: the lock is taken twice\n";
        (void)!write(STDOUT_FILENO, text, sizeof text - 1);
        _exit(3);
    }
    is_locked = 1;
    return 0;
}

void FMempUnlock(FMemp *locked, FMempLockState state) {
    (void)locked;
    (void)state;
    is_locked = 0;
}

/* ---- the C library's heap ------------------------------------------------------------ */

static FMemp *heap(void) {
    calls++;
    if (memp.is_ready == 0 && FMempInit(&memp, region, region + sizeof region) != FMEMP_SUCCESS) {
        _exit(4);
    }
    return &memp;
}

void *malloc(size_t size) { return FMempMalloc(heap(), size); }
void *calloc(size_t count, size_t size) { return FMempCalloc(heap(), count, size); }
void *realloc(void *ptr, size_t size) { return FMempRealloc(heap(), ptr, size); }
void *aligned_alloc(size_t align, size_t size) { return FMempMallocAlign(heap(), size, align); }
void free(void *ptr) { FMempFree(heap(), ptr); }

/* ---- the program --------------------------------------------------------------------- */

static void report_ends(void) { _exit(MAY_ALLOCATE || calls == calls_before ? 0 : 2); }

int main(void) {
    void *volatile block = malloc(100);
    void *volatile other = malloc(200);

    calls_before = calls;
    FMemListAll(&memp);
    if (!MAY_ALLOCATE && calls != calls_before) {
        _exit(2);
    }
    free(block);
    calls_before = calls + 1;
    free(block);
    free(other);
    _exit(1);
}
