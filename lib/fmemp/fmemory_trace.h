/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The trace: FMemp tells the sink of events (TLSF_TRACE) the call site that it knows.
 */
#ifndef FMEMORY_TRACE_H
#define FMEMORY_TRACE_H

#include "fmemory_pool.h"

#if TLSF_TRACE && FMEMP_CALL_SITES
#include <heap_trace.h>
#define TRACE_CALL_SITE(heap, payload, caller) trace_caller(heap, payload, caller)
#define TRACE_CALL_SITE_AGAIN(heap, payload, caller) trace_caller_again(heap, payload, caller)
#else
#define TRACE_CALL_SITE(heap, payload, caller) ((void)(heap), (void)(caller))
#define TRACE_CALL_SITE_AGAIN(heap, payload, caller) ((void)(heap), (void)(caller))
#endif

#endif
