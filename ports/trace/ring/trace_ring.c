/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ring of trace_ring.h, and its readers.
 *
 * While a reader copies an event, others may be recorded. So it asks twice: before the copy whether
 * the stamp is that of the number it wants, and behind it whether that number's place was taken
 * again meanwhile.
 */
#include "trace_ring.h"

trace_ring tlsf_trace_ring = {0, TRACE_RING_EVENTS, TRACE_RING_TICKS_PER_SECOND, {{0}}};

static uint32_t latest_number(void) {
    return __atomic_load_n(&tlsf_trace_ring.latest, __ATOMIC_ACQUIRE);
}

/* How many events came after the one with this number. */
static uint32_t events_since(uint32_t number) {
    return (latest_number() - number) / TRACE_NUMBER_STEP;
}

/* Leaves out what was overwritten. */
static void catch_up(trace_reader *reader) {
    const uint32_t since = events_since(reader->latest);
    if (since > TRACE_RING_EVENTS) {
        reader->lost += since - TRACE_RING_EVENTS;
        reader->latest += (since - TRACE_RING_EVENTS) * TRACE_NUMBER_STEP;
    }
}

/* Copies the event with this number. Returns whether it was whole. */
static int event_copy(uint32_t number, trace_event *copy) {
    const trace_event *event = trace_place(number);
    const uint32_t stamp = __atomic_load_n(&event->stamp, __ATOMIC_ACQUIRE);
    *copy = *event;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return stamp / TRACE_NUMBER_STEP == number / TRACE_NUMBER_STEP;
}

size_t tlsf_trace_read(trace_reader *reader, trace_event *events, size_t count) {
    size_t copied = 0;
    catch_up(reader);
    while (copied < count && events_since(reader->latest) != 0) {
        const uint32_t number = reader->latest + TRACE_NUMBER_STEP;
        const int is_whole = event_copy(number, &events[copied]);
        if (events_since(number) >= TRACE_RING_EVENTS) {
            catch_up(reader); /* its place was taken again */
        } else if (is_whole) {
            reader->latest = number;
            copied++;
        } else {
            break; /* it is being recorded */
        }
    }
    return copied;
}
