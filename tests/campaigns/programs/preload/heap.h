/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process heap: one tlsf heap that grows by regions. Every function expects the lock to be
 * held. What the heap refuses although tlsf.h promises it stops the program, as a fault does; so
 * does a check that finds something broken, which is made over and over as the heap is used.
 */
#ifndef PRELOAD_HEAP_H
#define PRELOAD_HEAP_H

#include <stddef.h>

#include "journal.h"

/* As the functions of tlsf.h with these names; NULL if and only if the system has no more memory
 * or the request is beyond what a link reaches. */
void *heap_malloc(size_t bytes);
void *heap_calloc(size_t count, size_t size);
void *heap_memalign(size_t align, size_t bytes);
void *heap_realloc(void *ptr, size_t bytes); /* neither is 0 */
void heap_free(void *ptr);

/* In the child of a fork: its operations and checks count from here. */
void heap_begin_in_child(void);

/* Checks the heap, and fills in what is known of it since the start or fork. */
void heap_summarise(journal_summary *summary);

#endif
