/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each event of the ring as a function of its own, whose longest path trace_checks.py finds. The
 * values come in registers, as they do in the core.
 */
#include "../../ports/trace/ring/heap_trace.h"

void event_allocated(void *payload, size_t outer, size_t bytes, size_t align);
void event_allocated(void *payload, size_t outer, size_t bytes, size_t align) {
    trace_allocated(NULL, payload, outer, bytes, align);
}

void event_resized(const void *from, const void *to, size_t outer, size_t bytes);
void event_resized(const void *from, const void *to, size_t outer, size_t bytes) {
    trace_resized(NULL, from, 0, to, outer, bytes);
}

void event_freed(const void *heap, const void *payload, size_t outer);
void event_freed(const void *heap, const void *payload, size_t outer) {
    trace_freed(heap, payload, outer);
}

void event_failed(const void *heap, size_t bytes, size_t align);
void event_failed(const void *heap, size_t bytes, size_t align) {
    trace_failed(heap, bytes, align);
}

void event_pool(const void *heap, const void *pool, size_t bytes);
void event_pool(const void *heap, const void *pool, size_t bytes) { trace_pool(heap, pool, bytes); }
