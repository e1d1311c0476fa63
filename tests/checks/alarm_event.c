/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the alarm adds to a call, as functions whose longest paths trace_checks.py finds. The heap
 * comes in a register, as it does in the core.
 */
#include "../../ports/trace/alarm/heap_trace.h"

void event_changed(void *heap);
void event_changed(void *heap) { trace_reset(heap); }

void event_free_block(void *heap);
void event_free_block(void *heap) { trace_free_block_less(heap); }
