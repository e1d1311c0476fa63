/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace port: the macros traceMALLOC and traceFREE of FreeRTOS, which recorders such as Tracealyzer
 * define. The core's trace.h has the contract. Build lib/ with -DTLSF_TRACE=1
 * -Iports/trace/freertos, and with the include path of FreeRTOS.h.
 *
 * As in FreeRTOS's own heaps, the size is the block's with its header, and a request that fails is
 * traceMALLOC of NULL and 0. A realloc is a free and an allocation. The integration for FreeRTOS's
 * heap functions calls these macros itself: use one of the two.
 */
#ifndef HEAP_TRACE_H
#define HEAP_TRACE_H

#include <FreeRTOS.h>

#define trace_created(heap) ((void)0)
#define trace_reset(heap) ((void)0)
#define trace_pool(heap, pool, bytes) ((void)0)
#define trace_pool_removed(heap, pool, bytes) ((void)(bytes))
#define trace_allocated(heap, payload, outer, bytes, align) \
    do { \
        (void)(bytes); \
        (void)(align); \
        traceMALLOC((payload), (outer)); \
    } while (0)
#define trace_resized(heap, from, from_outer, to, outer, bytes) \
    do { \
        (void)(bytes); \
        traceFREE((from), (from_outer)); \
        traceMALLOC((to), (outer)); \
    } while (0)
#define trace_joined(heap, from, from_outer, to, outer) \
    trace_resized(heap, from, from_outer, to, outer, 0)
#define trace_moves(heap, from, to) ((void)0)
#define trace_freed(heap, payload, outer) \
    do { \
        traceFREE((payload), (outer)); \
    } while (0)
#define trace_failed(heap, bytes, align) \
    do { \
        (void)(bytes); \
        (void)(align); \
        traceMALLOC(NULL, 0); \
    } while (0)
#define trace_caller(heap, payload, caller) ((void)(heap), (void)(caller))
#define trace_caller_again(heap, payload, caller) ((void)(heap), (void)(caller))
#define trace_memory(begin, bytes) ((void)((begin) = NULL), (void)((bytes) = 0))

#endif
