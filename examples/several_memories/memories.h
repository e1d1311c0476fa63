/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several memories behind one call: each is a heap of its own, and a request names the one that it
 * prefers. If that has no room, the others are asked in the order of their numbers.
 */
#ifndef MEMORIES_H
#define MEMORIES_H

#include <stddef.h>

/* Fastest first: what prefers a full memory goes to the next that has room. Change them for your
 * part, and the table in memories.c. */
enum memory { MEMORY_TIGHT, MEMORY_SRAM, MEMORY_EXTERNAL, MEMORIES };

/* Makes the heaps. Returns 1; 0 if a memory is too small for one. */
int memories_begin(void);

/* Returns  a block of `bytes` bytes, from `preferred` if that has room; NULL if and only if no
 *          memory has. Time: a bounded number of instructions for each memory. */
void *memories_malloc(enum memory preferred, size_t bytes);

/* The same from this memory alone: for DMA that reaches no other, say. */
void *memories_malloc_only(enum memory only, size_t bytes);

/* Frees a block, whichever memory it is from. NULL is ignored. */
void memories_free(void *block);

/* Returns  the memory that holds the address; MEMORIES if none does. */
enum memory memories_of(const void *address);

#endif
