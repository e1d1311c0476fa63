/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trace_ring.h: the latest events of all heaps, in a ring. For the program, which may read events;
 * the library records them (heap_trace.h). tools/heap reads the ring from memory, by the program's
 * debug information: docs/trace.md.
 *
 * Build lib/ with -DTLSF_TRACE=1 -Iports/trace/ring, and add trace_ring.c to the program. Both need
 * the same macros below. All need a compiler that knows GNU C.
 *
 * What holds
 *   Time        One event takes O(1): at most 25 instructions on Cortex-M4 (gcc -O2), of which the
 *               macros below are what they cost.
 *   Interrupts  An event may come at any instruction of another one, and a reader may run at any
 *               moment: see TRACE_RING_ATOMIC. While one event is recorded, fewer than
 *               TRACE_RING_EVENTS others may come.
 *   Cores       Several cores may record with TRACE_RING_ATOMIC 1, if their caches are coherent.
 *   Loss        A new event overwrites the oldest one. Events have numbers, so what is lost is
 *               counted.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "../../interrupts/interrupt_mask.h"
#include "tlsf_config.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what the program chooses ---------------------------------------------------------- */

/* TRACE_RING_EVENTS: how many events the ring keeps; a power of two from 2 to 2^24; default 256.
 * An event has 32 bytes on 32-bit machines, and 56 on 64-bit machines. */
#ifndef TRACE_RING_EVENTS
#define TRACE_RING_EVENTS 256
#endif
#if TRACE_RING_EVENTS < 2 || TRACE_RING_EVENTS > 1 << 24 || \
    (TRACE_RING_EVENTS & (TRACE_RING_EVENTS - 1)) != 0
#error "TRACE_RING_EVENTS must be a power of two from 2 to 2^24"
#endif

/* TRACE_RING_TIME(): now, as 32 bits that may wrap; 0, the default, leaves events in order without
 * a time. On a Cortex-M3 and above the cycle counter is
 *     -D'TRACE_RING_TIME()=(*(volatile unsigned *)0xE0001004)'
 * Events must not be further apart than half a wrap.
 * TRACE_RING_TICKS_PER_SECOND: of that time; 0: not known. */
#ifndef TRACE_RING_TIME
#define TRACE_RING_TIME() 0u
#endif
#ifndef TRACE_RING_TICKS_PER_SECOND
#define TRACE_RING_TICKS_PER_SECOND 0
#endif

/* TRACE_RING_TASK(): who runs, as an integer or pointer: a task's number or handle; default 0.
 * TRACE_RING_CALLER(): who called, an address; default 0. Where it stands, it belongs to a function
 * of the library. FMemp with FMEMP_CALL_SITES 1 sets the caller by itself. */
#ifndef TRACE_RING_TASK
#define TRACE_RING_TASK() 0
#endif
#ifndef TRACE_RING_CALLER
#define TRACE_RING_CALLER() 0
#endif

/* TRACE_RING_ATOMIC: how an event gets its number.
 *   0  It masks interrupts for three instructions: on one core, in privileged code. The default
 *      where ports/interrupts knows the processor's mask, and no operating system owns it.
 *   1  By an atomic addition: for threads and for several cores. The compiler must have it for 32
 *      bits without a lock. The default elsewhere. */
#ifndef TRACE_RING_ATOMIC
#if !INTERRUPT_MASK_IS_KNOWN || defined __unix__ || defined __linux__ || defined __APPLE__ || \
    defined _WIN32
#define TRACE_RING_ATOMIC 1
#else
#define TRACE_RING_ATOMIC 0
#endif
#endif
#if TRACE_RING_ATOMIC && __GCC_ATOMIC_INT_LOCK_FREE != 2
#error "TRACE_RING_ATOMIC 1 needs an atomic addition without a lock"
#endif

/* ---- events ---------------------------------------------------------------------------- */

typedef enum {
    TRACE_CREATED = 0,      /* the heap, which has no pools yet */
    TRACE_RESET = 1,        /* all blocks of the heap are gone */
    TRACE_POOL = 2,         /* was added, or has `outer` bytes now */
    TRACE_POOL_REMOVED = 3, /* of `outer` bytes */
    TRACE_ALLOCATED = 4,    /* `other`: the alignment that was asked for; 0: none */
    TRACE_RESIZED = 5,      /* `other`: where the block was */
    TRACE_JOINED = 6,       /* the same; the RESIZED that ends this realloc follows */
    TRACE_MOVES = 7,        /* the free of `other` that follows ends a realloc to `address` */
    TRACE_FREED = 8,
    TRACE_FAILED = 9 /* `other`: the alignment that was asked for; 0: none */
} trace_kind;

/* An event's stamp is its number and its kind. Numbers go up in steps that leave room for the kind,
 * so that an event is stamped by one addition. */
enum { TRACE_KIND_BITS = 4, TRACE_NUMBER_STEP = 1 << TRACE_KIND_BITS };

/* Numbers of a kind that has none are 0. */
typedef struct {
    uint32_t stamp; /* number + kind. Written last, so that a reader knows an event that is not
                       whole yet */
    uint32_t time;
    uintptr_t task;
    uintptr_t caller;
    uintptr_t address; /* of the payload; the pool of POOL; the heap of CREATED, RESET, FAILED */
    uintptr_t other;   /* as the kind says; for POOL and FREED the heap */
    size_t outer;      /* bytes of the block with its header */
    size_t size;       /* bytes that were asked for */
} trace_event;

typedef struct {
    uint32_t latest; /* the number of the latest event, modulo 2^32; 0: none yet */
    uint32_t count;  /* places; number n has the place n / TRACE_NUMBER_STEP % count */
    uint32_t ticks_per_second;
    trace_event events[TRACE_RING_EVENTS];
} trace_ring;

#define tlsf_trace_ring TLSF_NAME(tlsf_trace_ring)
extern trace_ring tlsf_trace_ring;

/* How far a reader is. Zeros: it begins with the oldest event, and counts those before as lost. To
 * begin with the next event: {tlsf_trace_ring.latest, 0}. */
typedef struct {
    uint32_t latest; /* the number of the event that was read last */
    uint32_t lost;   /* events that were overwritten before they were read */
} trace_reader;

/* Copies the events that came since the last call, the oldest first. Any number of readers may read
 * the same ring; each at its own pace.
 * reader   where this reader is; it is moved on, and what it lost is added to reader->lost.
 * events   room for `count` events.
 * Returns  how many events it copied; fewer than count if and only if there are no more that are
 *          whole. An event that is being recorded while it is asked for comes with the next call.
 * Time     linear in count.
 * Threads  one caller at a time for each reader; events may be recorded meanwhile.
 * A reader that falls back by 2^28 events takes new ones for old ones. */
#define tlsf_trace_read TLSF_NAME(tlsf_trace_read)
size_t tlsf_trace_read(trace_reader *reader, trace_event *events, size_t count);

static inline trace_kind trace_kind_of(const trace_event *event) {
    return (trace_kind)(event->stamp % TRACE_NUMBER_STEP);
}

/* The place of the event with this number. */
static inline trace_event *trace_place(uint32_t number) {
    return &tlsf_trace_ring.events[number / TRACE_NUMBER_STEP % TRACE_RING_EVENTS];
}

#ifdef __cplusplus
}
#endif

#endif
