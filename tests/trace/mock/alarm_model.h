/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* The sink behind the alarm in its suite: a model, which looks at the heap in its own way after
 * each change. */
#ifndef ALARM_MODEL_H
#define ALARM_MODEL_H

#include <stddef.h>

void model_follows(void *t);

#define trace_created(heap) ((void)0)
#define trace_reset(heap) model_follows(heap)
#define trace_pool(heap, pool, bytes) model_follows(heap)
#define trace_pool_removed(heap, pool, bytes) model_follows(heap)
#define trace_allocated(heap, payload, outer, bytes, align) \
    ((void)(bytes), (void)(align), model_follows(heap))
#define trace_resized(heap, from, from_outer, to, outer, bytes) ((void)(bytes), model_follows(heap))
#define trace_joined(heap, from, from_outer, to, outer) model_follows(heap)
#define trace_moves(heap, from, to) ((void)0)
#define trace_freed(heap, payload, outer) model_follows(heap)
#define trace_failed(heap, bytes, align) ((void)(bytes), (void)(align))
#define trace_caller(heap, payload, caller) ((void)(heap), (void)(caller))
#define trace_caller_again(heap, payload, caller) ((void)(heap), (void)(caller))
#define trace_memory(begin, bytes) ((void)((begin) = NULL), (void)((bytes) = 0))

#endif
