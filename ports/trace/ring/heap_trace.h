/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace port: the ring of trace_ring.h. The core's trace.h has the contract.
 *
 * An event first takes a number, which gives it a place that no other event has until the ring has
 * gone round. It then fills that place, and stamps it with its number. Whoever reads, at whatever
 * moment, compares the stamp with the number that is due there.
 */
#ifndef HEAP_TRACE_H
#define HEAP_TRACE_H

#include "trace_ring.h"

static inline uint32_t trace_number(void) {
#if TRACE_RING_ATOMIC
    return __atomic_add_fetch(&tlsf_trace_ring.latest, TRACE_NUMBER_STEP, __ATOMIC_RELAXED);
#else
    const uintptr_t before = interrupts_mask();
    const uint32_t number = tlsf_trace_ring.latest + TRACE_NUMBER_STEP;
    tlsf_trace_ring.latest = number;
    interrupts_restore(before);
    return number;
#endif
}

/* What was written before is visible to whoever sees the stamp. */
static inline void trace_stamp(trace_event *event, uint32_t stamp) {
#if TRACE_RING_ATOMIC
    __atomic_store_n(&event->stamp, stamp, __ATOMIC_RELEASE);
#else
    __atomic_signal_fence(__ATOMIC_RELEASE);
    event->stamp = stamp;
#endif
}

static inline void trace_record(trace_kind kind, const void *address, uintptr_t other, size_t outer,
                                size_t size) {
    const uint32_t number = trace_number();
    trace_event *event = trace_place(number);
    __asm__("" : "+r"(event)); /* else gcc computes the address of each member from the number */
    event->time = (uint32_t)TRACE_RING_TIME();
    event->task = (uintptr_t)TRACE_RING_TASK();
    event->caller = (uintptr_t)TRACE_RING_CALLER();
    event->address = (uintptr_t)address;
    event->other = other;
    event->outer = outer;
    event->size = size;
    trace_stamp(event, number + (uint32_t)kind);
}

/* Gives the latest event its caller, if it is about this address, and has none or gets another: a
 * free that finds a fault records no event, and must not name itself in one. Another heap may have
 * recorded an event since: then the caller stays unknown. */
static inline void trace_set_caller(const void *address, const void *caller, int again) {
#if !TRACE_RING_ATOMIC
    const uintptr_t before = interrupts_mask();
#endif
    trace_event *event = trace_place(tlsf_trace_ring.latest);
    if (event->address == (uintptr_t)address && (again || event->caller == 0)) {
        event->caller = (uintptr_t)caller;
    }
#if !TRACE_RING_ATOMIC
    interrupts_restore(before);
#endif
}

#define trace_created(heap) trace_record(TRACE_CREATED, heap, 0, 0, 0)
#define trace_reset(heap) trace_record(TRACE_RESET, heap, 0, 0, 0)
#define trace_pool(heap, pool, bytes) trace_record(TRACE_POOL, pool, (uintptr_t)(heap), bytes, 0)
#define trace_pool_removed(heap, pool, bytes) \
    trace_record(TRACE_POOL_REMOVED, pool, (uintptr_t)(heap), bytes, 0)
#define trace_allocated(heap, payload, outer, bytes, align) \
    trace_record(TRACE_ALLOCATED, payload, align, outer, bytes)
#define trace_resized(heap, from, from_outer, to, outer, bytes) \
    trace_record(TRACE_RESIZED, to, (uintptr_t)(from), outer, bytes)
#define trace_joined(heap, from, from_outer, to, outer) \
    trace_record(TRACE_JOINED, to, (uintptr_t)(from), outer, 0)
#define trace_moves(heap, from, to) trace_record(TRACE_MOVES, to, (uintptr_t)(from), 0, 0)
#define trace_freed(heap, payload, outer) \
    trace_record(TRACE_FREED, payload, (uintptr_t)(heap), outer, 0)
#define trace_failed(heap, bytes, align) trace_record(TRACE_FAILED, heap, align, 0, bytes)
#define trace_caller(heap, payload, caller) \
    trace_set_caller((payload) == NULL ? (heap) : (payload), caller, 0)
#define trace_caller_again(heap, payload, caller) \
    trace_set_caller((payload) == NULL ? (heap) : (payload), caller, 1)
#define trace_memory(begin, bytes) ((begin) = &tlsf_trace_ring, (bytes) = sizeof tlsf_trace_ring)

#endif
