/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace port: the alarm of trace_alarm.h. The core's trace.h has the contract.
 *
 * TRACE_ALARM_NEXT: another sink, which gets each event first. The name of its file is from this
 * folder, as for the ring:
 *     -D'TRACE_ALARM_NEXT="../ring/heap_trace.h"'
 */
#ifndef TRACE_ALARM_HEAP_TRACE_H
#define TRACE_ALARM_HEAP_TRACE_H

#ifndef TRACE_ALARM_NEXT
#define TRACE_ALARM_NEXT "no_other_sink.h"
#endif

#include TRACE_ALARM_NEXT
#include "trace_alarm.h"

/* ---- free blocks are counted -------------------------------------------------------------- */

static inline int alarm_watches(const void *heap) {
    return heap == (const void *)tlsf_trace_alarm.heap;
}

static inline void alarm_count(const void *heap, size_t more) {
    if (alarm_watches(heap)) {
        tlsf_trace_alarm.free_blocks += more;
    }
}

static inline void alarm_count_none(const void *heap) {
    if (alarm_watches(heap)) {
        tlsf_trace_alarm.free_blocks = 0;
    }
}

/* A next sink that counts free blocks as well is not told. */
#undef trace_free_block_more
#undef trace_free_block_less
#undef trace_free_blocks_none
#define trace_free_block_more(heap) alarm_count(heap, 1)
#define trace_free_block_less(heap) alarm_count(heap, (size_t)0 - 1)
#define trace_free_blocks_none(heap) alarm_count_none(heap)

/* ---- events that change the heap: the next sink, then the alarm --------------------------- */

static inline void alarm_ask(const void *heap) {
    if (alarm_watches(heap)) {
        tlsf_trace_alarm_ask();
    }
}

static inline void alarm_reset(void *heap) {
    trace_reset(heap);
    alarm_ask(heap);
}

static inline void alarm_pool(void *heap, void *pool, size_t bytes) {
    (void)pool;
    (void)bytes;
    trace_pool(heap, pool, bytes);
    alarm_ask(heap);
}

static inline void alarm_pool_removed(void *heap, void *pool, size_t bytes) {
    (void)pool;
    (void)bytes;
    trace_pool_removed(heap, pool, bytes);
    alarm_ask(heap);
}

static inline void alarm_allocated(void *heap, void *payload, size_t outer, size_t bytes,
                                   size_t align) {
    (void)payload;
    (void)outer;
    trace_allocated(heap, payload, outer, bytes, align);
    alarm_ask(heap);
}

static inline void alarm_resized(void *heap, void *from, size_t from_outer, void *to, size_t outer,
                                 size_t bytes) {
    (void)from;
    (void)from_outer;
    (void)to;
    (void)outer;
    trace_resized(heap, from, from_outer, to, outer, bytes);
    alarm_ask(heap);
}

static inline void alarm_joined(void *heap, void *from, size_t from_outer, void *to, size_t outer) {
    (void)from;
    (void)from_outer;
    (void)to;
    (void)outer;
    trace_joined(heap, from, from_outer, to, outer);
    alarm_ask(heap);
}

static inline void alarm_freed(void *heap, void *payload, size_t outer) {
    (void)payload;
    (void)outer;
    trace_freed(heap, payload, outer);
    alarm_ask(heap);
}

#undef trace_reset
#undef trace_pool
#undef trace_pool_removed
#undef trace_allocated
#undef trace_resized
#undef trace_joined
#undef trace_freed
#define trace_reset alarm_reset
#define trace_pool alarm_pool
#define trace_pool_removed alarm_pool_removed
#define trace_allocated alarm_allocated
#define trace_resized alarm_resized
#define trace_joined alarm_joined
#define trace_freed alarm_freed

#endif
