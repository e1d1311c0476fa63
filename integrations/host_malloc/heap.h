/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process heap: one tlsf heap that grows by regions. The caller of every function holds the
 * lock. The program stops if the heap refuses what tlsf.h promises, or if it reports a fault.
 * Where the process keeps a journal, the heap is checked again and again, and the program stops if
 * a check finds it broken.
 */
#ifndef HOST_MALLOC_HEAP_H
#define HOST_MALLOC_HEAP_H

#include <stddef.h>

#include "journal.h"

/* Like the functions of tlsf.h with these names. NULL if and only if the system has no more memory,
 * or a link cannot reach so far. */
void *heap_malloc(size_t bytes);
void *heap_calloc(size_t count, size_t size);
void *heap_memalign(size_t align, size_t bytes);
void *heap_realloc(void *ptr, size_t bytes); /* ptr is not NULL, bytes is not 0 */
void heap_free(void *ptr);

/* Returns the statistics; zeros before the first request. */
tlsf_stats_t heap_figures(void);

/* Call this in the child of a fork: operations and checks count from here. */
void heap_begin_in_child(void);

/* Checks the heap, and fills in its figures since the start or fork. */
void heap_summarise(journal_summary *summary);

#endif
