/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The trace: events of a heap for a sink that the program chooses.
 *
 * With TLSF_TRACE 1 the build finds the sink, heap_trace.h, on the include path, as it finds the
 * bit operations and the memory checker: ports/trace/ring records events in a ring. With 0 there
 * are no events, and the object code is what it would be without these words.
 *
 * A sink defines the words below, as functions or macros. Each is one call for one event. When the
 * heap changes, its event comes last: the heap is sound, and statistics are up to date. A sink must
 * not use the heap, except that it may ask tlsf_stats then. Addresses are of
 * payloads, `outer` is bytes with the header, `bytes` is what the caller asked for.
 *
 *   trace_created(heap)               the heap is new, and has no pools
 *   trace_reset(heap)                 it has no blocks any more
 *   trace_pool(heap, pool, bytes)     the pool was added, or has so many bytes now
 *   trace_pool_removed(heap, pool, bytes)
 *   trace_allocated(heap, payload, outer, bytes, align)   align: 0 without a wish
 *   trace_resized(heap, from, from_outer, to, outer, bytes)   the block at `from` is at `to` now;
 *                                     in place if the two are equal
 *   trace_joined(heap, from, from_outer, to, outer)   the same, as the first half of a realloc that
 *                                     slides down: trace_resized ends it
 *   trace_moves(heap, from, to)       `to`, which was allocated before, takes over from `from`: the
 *                                     free that follows ends a realloc
 *   trace_freed(heap, payload, outer)
 *   trace_failed(heap, bytes, align)  a request returns NULL
 *   trace_caller(heap, payload, caller)   FMemp's call site of the latest event of this payload;
 *                                     payload NULL: of the latest failure
 *   trace_caller_again(heap, payload, caller)   another one in its place: FMempSetCallSite
 *   trace_memory(begin, bytes)        sets both to the sink's own memory for a dump; NULL and 0
 *                                     without such memory
 *
 * These three come while a call changes the heap, so that nothing may be asked. A sink that does
 * not count free blocks leaves all of them out.
 *
 *   trace_free_block_more(heap)       there is one more
 *   trace_free_block_less(heap)       there is one less
 *   trace_free_blocks_none(heap)      there are none: the heap is new, or being reset
 */
#ifndef TLSF_TRACE_H
#define TLSF_TRACE_H

#include "tlsf_config.h"

#if TLSF_TRACE
#include <heap_trace.h>
#else
#define trace_created(heap) ((void)0)
#define trace_reset(heap) ((void)0)
#define trace_pool(heap, pool, bytes) ((void)0)
#define trace_pool_removed(heap, pool, bytes) ((void)(bytes))
#define trace_allocated(heap, payload, outer, bytes, align) ((void)(bytes), (void)(align))
#define trace_resized(heap, from, from_outer, to, outer, bytes) ((void)(bytes))
#define trace_joined(heap, from, from_outer, to, outer) ((void)0)
#define trace_moves(heap, from, to) ((void)0)
#define trace_freed(heap, payload, outer) ((void)0)
#define trace_failed(heap, bytes, align) ((void)(bytes), (void)(align))
#endif

#ifndef trace_free_block_more
#define trace_free_block_more(heap) ((void)0)
#define trace_free_block_less(heap) ((void)0)
#define trace_free_blocks_none(heap) ((void)0)
#endif

#endif
