/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of FMemp share: the state of the mocked platform, buffers, small helpers.
 */
#ifndef FMEMP_SUPPORT_H
#define FMEMP_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fmemory_pool.h"

/* ---- the mocked platform ------------------------------------------------------------ */

extern size_t mock_locks; /* calls of FMempLock, each followed by its own unlock */
extern bool mock_lock_is_held;
extern size_t mock_stops;     /* calls of FMEMP_STOP, which returns here */
extern char mock_printed[];   /* everything printed since the reset */
extern size_t mock_print_max; /* bytes of mock_printed */

void mock_reset(void);

/* How often `text` occurs in mock_printed. */
size_t printed_count(const char *text);

/* What %p prints. */
const char *pointer_text(const void *pointer);

/* ---- a heap for a test -------------------------------------------------------------- */

#define ARENA_BYTES 200000

/* A cmocka setup: fills `arena` with 0xA5 and makes `memp` in its first half, at an odd address.
 * The second half is for regions. */
extern u8 arena[ARENA_BYTES];
extern u8 *const arena_begin; /* begin of the region of FMempInit */
extern u8 *const arena_middle;
extern FMemp memp;

int heap_setup(void **state);

/* A cmocka teardown: checks that the heap is sound and that no lock is held. */
int heap_teardown(void **state);

/* ---- small helpers ------------------------------------------------------------------ */

bool is_aligned(const void *pointer, size_t align);
bool is_filled(const void *block, u8 value, size_t bytes);
FMempStats stats_now(void);

#endif
