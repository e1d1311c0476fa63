/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace port: the heap events of SEGGER SystemView. The core's trace.h has the contract. Build lib/
 * with -DTLSF_TRACE=1 -Iports/trace/systemview, and with the include path of SEGGER_SYSVIEW.h.
 *
 * SystemView takes the size of the block with its header, and has no event for a request that
 * fails. A realloc is a free and an allocation. SystemView hears of a heap once for each pool. On
 * some boards its functions must not be called before SEGGER_SYSVIEW_Conf: make the heap after it.
 */
#ifndef HEAP_TRACE_H
#define HEAP_TRACE_H

#include <SEGGER_SYSVIEW.h>
#include <stdint.h>

/* Its parameters are pointers to what it does not write. */
#define SYSVIEW_ADDRESS(pointer) ((void *)(uintptr_t)(pointer))

#define trace_created(heap) ((void)0)
#define trace_reset(heap) ((void)0)
#define trace_pool(heap, pool, bytes) \
    SEGGER_SYSVIEW_HeapDefine(SYSVIEW_ADDRESS(heap), SYSVIEW_ADDRESS(pool), (unsigned)(bytes), \
                              BLOCK_OVERHEAD + GUARD_BYTES)
#define trace_pool_removed(heap, pool, bytes) ((void)(bytes))
#define trace_allocated(heap, payload, outer, bytes, align) \
    ((void)(bytes), (void)(align), \
     SEGGER_SYSVIEW_HeapAlloc(SYSVIEW_ADDRESS(heap), SYSVIEW_ADDRESS(payload), (unsigned)(outer)))
#define trace_resized(heap, from, from_outer, to, outer, bytes) \
    ((void)(bytes), SEGGER_SYSVIEW_HeapFree(SYSVIEW_ADDRESS(heap), SYSVIEW_ADDRESS(from)), \
     SEGGER_SYSVIEW_HeapAlloc(SYSVIEW_ADDRESS(heap), SYSVIEW_ADDRESS(to), (unsigned)(outer)))
#define trace_joined(heap, from, from_outer, to, outer) \
    trace_resized(heap, from, from_outer, to, outer, 0)
#define trace_moves(heap, from, to) ((void)0)
#define trace_freed(heap, payload, outer) \
    SEGGER_SYSVIEW_HeapFree(SYSVIEW_ADDRESS(heap), SYSVIEW_ADDRESS(payload))
#define trace_failed(heap, bytes, align) ((void)(bytes), (void)(align))
#define trace_caller(heap, payload, caller) ((void)(heap), (void)(caller))
#define trace_caller_again(heap, payload, caller) ((void)(heap), (void)(caller))
#define trace_memory(begin, bytes) ((void)((begin) = NULL), (void)((bytes) = 0))

#endif
