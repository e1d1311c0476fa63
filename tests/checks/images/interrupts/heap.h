/* SPDX-License-Identifier: BSD-3-Clause */
/* The heap that interrupts.c uses: one file heap_*.c for each. */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>

/* Makes the heap, of some 12,000 bytes. */
void heap_begin(void);

/* For the program and for interrupts. What a heap does not have stands in by what it has; a realloc
 * that it does not have returns NULL, and the block stays. */
void *heap_malloc(size_t bytes);
void *heap_calloc(size_t bytes);
void *heap_malloc_aligned(size_t bytes, size_t align);
void *heap_realloc(void *block, size_t bytes);
void heap_free(void *block);
void heap_figures(void);

/* Calls that interrupts may not make. */
void heap_program_only(void);

/* Returns 0 if and only if the heap is sound and has no live block. */
int heap_check(void);

#endif
