/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The words of a sink that does nothing: what the alarm forwards to when it is alone.
 */
#ifndef NO_OTHER_SINK_H
#define NO_OTHER_SINK_H

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
#define trace_caller(heap, payload, caller) ((void)(heap), (void)(caller))
#define trace_caller_again(heap, payload, caller) ((void)(heap), (void)(caller))
#define trace_memory(begin, bytes) ((void)((begin) = NULL), (void)((bytes) = 0))

#endif
