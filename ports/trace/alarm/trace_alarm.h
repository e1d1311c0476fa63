/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trace_alarm.h: calls the program when a heap runs short of memory, or falls to pieces. For the
 * program, which sets the thresholds; the library asks after each change (heap_trace.h).
 *
 * Build lib/ with -DTLSF_TRACE=1 -Iports/trace/alarm, and add trace_alarm.c to the program. Both
 * need the same options of the library, and TLSF_STATISTICS 1.
 *
 * What holds
 *   When        After each call, or half of a realloc, that allocates, resizes or frees a block,
 *               resets the heap, or adds, grows or removes a pool. A realloc that moves its block
 *               is an allocation and a free: the hook may be called between the two.
 *   Once        A value that passes its threshold calls the hook once. It calls it again only after
 *               it has been back, and an eighth of the threshold further: a value that wavers
 *               around its threshold calls no storm. So a threshold above 8/9 of what the heap can
 *               have calls once and no more.
 *   Time        O(1): TRACE_ALARM_MAX instructions at most after a change, and
 *               TRACE_ALARM_COUNT_MAX for each free block that comes or goes in it: at most three,
 *               but one for each pool of a reset. Both are for Cortex-M4, gcc -O2, hardening 0
 *               and 1, and without the hook.
 *   Interrupts  The hook runs inside the call that changed the heap: in an interrupt if that was
 *               made there, and with the lock of FMemp held.
 *   Heaps       One heap is watched at a time. Others cost the question which heap it is.
 */
#ifndef TRACE_ALARM_H
#define TRACE_ALARM_H

#include <stddef.h>

#include "tlsf.h"

#if !TLSF_STATISTICS
#error "the alarm needs TLSF_STATISTICS 1"
#endif

#define tlsf_trace_alarm TLSF_NAME(tlsf_trace_alarm)
#define tlsf_trace_alarm_set TLSF_NAME(tlsf_trace_alarm_set)
#define tlsf_trace_alarm_ask TLSF_NAME(tlsf_trace_alarm_ask)

#ifdef __cplusplus
extern "C" {
#endif

/* Instructions, which a check holds: tests/run --only 'trace alarm'. */
enum { TRACE_ALARM_MAX = 110, TRACE_ALARM_COUNT_MAX = 7 };

/* Values of a heap, and thresholds for them. */
typedef struct {
    size_t free_bytes;  /* as in tlsf_stats_t; falls below its threshold; 0: never */
    size_t largest;     /* as tlsf_largest; falls below its threshold; 0: never */
    size_t free_blocks; /* how many there are; rises above its threshold; SIZE_MAX: never */
} trace_alarm_values;

/* Which values have passed their thresholds, as bits. */
typedef enum {
    TRACE_ALARM_FREE_BYTES = 1,
    TRACE_ALARM_LARGEST = 2,
    TRACE_ALARM_FREE_BLOCKS = 4
} trace_alarm_kind;

/* The program's hook. It must not use the heap, nor FMemp: it sets a flag or wakes a task.
 * passed   bits of trace_alarm_kind: what has passed its threshold now, not what had before
 * now      the values after the change, until the hook returns */
typedef void (*trace_alarm_hook)(tlsf_t t, unsigned passed, const trace_alarm_values *now);

/* Watches heap t from now on, and no other one. A value that is past its threshold already calls
 * the hook at the next change.
 * t        not NULL, unless hook is. Call this as you call the heap: from one thread or interrupt
 *          at a time.
 *          End the watch before you destroy the heap. For FMemp: its tlsf_ptr.
 * limits   not NULL; it is copied.
 * hook     NULL ends the watch.
 * Returns  1 if the heap is watched; 0 if and only if hook is NULL, or the walk met a broken size
 *          or link: then no heap is watched.
 * Time     linear in blocks, to count the free ones; O(1) to end the watch. */
int tlsf_trace_alarm_set(tlsf_t t, const trace_alarm_values *limits, trace_alarm_hook hook);

/* ---- for heap_trace.h ------------------------------------------------------------------- */

typedef struct {
    tlsf_t heap;               /* that is watched; NULL: none */
    size_t free_blocks;        /* of that heap now */
    unsigned raised;           /* bits of values that must come back before they call again */
    trace_alarm_values limits; /* where a value calls */
    trace_alarm_values back;   /* where it is back */
    trace_alarm_hook hook;
} trace_alarm;

extern trace_alarm tlsf_trace_alarm;

/* Compares the values of the watched heap, which has changed, with its thresholds. */
void tlsf_trace_alarm_ask(void);

#ifdef __cplusplus
}
#endif

#endif
