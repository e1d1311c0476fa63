/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shared by the suites of FMemp: the state of the mocked platform, buffers, small helpers.
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

extern size_t mock_locks; /* calls of FMempLock; each has its unlock */
extern bool mock_lock_is_held;
extern size_t mock_prints_with_lock;      /* calls of FMEMP_PRINT with the lock held */
extern void (*mock_while_printing)(void); /* what each of the calls calls; NULL: nothing */
extern void (*mock_at_lock)(void);      /* called at the begin of each section with the lock held */
extern void (*mock_at_unlock)(void);    /* and at its end; NULL: nothing is called */
extern size_t mock_stops;               /* calls of FMEMP_STOP, which returns in these tests */
extern size_t mock_flushes_before_stop; /* calls of FMEMP_FLUSH before the first stop */
extern size_t mock_pieces;              /* calls of FMEMP_PRINT */
extern size_t mock_piece_max;           /* characters of the longest */
extern char mock_printed[];             /* all output since the reset */
extern size_t mock_print_max;           /* size of mock_printed in bytes */

void mock_reset(void);

/* Counts how often mock_printed contains `text`. */
size_t printed_count(const char *text);

/* Returns the pointer as %p prints it. */
const char *pointer_text(const void *pointer);

/* ---- a heap for a test -------------------------------------------------------------- */

#define ARENA_BYTES 200000

/* cmocka setup. Fills `arena` with 0xA5 and makes `memp` ready in its first half, at an odd
 * address. The second half is free for regions. */
extern u8 arena[ARENA_BYTES];
extern u8 *const arena_begin; /* of the region that FMempInit gets */
extern u8 *const arena_middle;
extern FMemp memp;

int heap_setup(void **state);

/* cmocka teardown. Checks that the heap is sound and that nobody holds the lock. */
int heap_teardown(void **state);

/* Gives the fault hook of `memp` a fault of this kind at ptr, as a hook of the program's own that
 * stands in front of it can. It works at level 0, too, where no call finds faults. */
void pass_fault_on(const void *ptr, tlsf_fault_kind kind);

/* ---- small helpers ------------------------------------------------------------------ */

bool is_aligned(const void *pointer, size_t align);
bool is_filled(const void *block, u8 value, size_t bytes);
FMempStats stats_now(void);

#endif
