/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The allocator of an image, and its counted calls: counted_fmemp.c or counted_libc.c.
 */
#ifndef COUNTED_HEAP_H
#define COUNTED_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* Makes a heap in the memory. Returns false if and only if the memory is too small for one. A
 * second call makes a fresh heap, if the variables were restored before it (variables.h). */
bool heap_make(unsigned char *memory, size_t bytes);

/* *instructions: what the call executed. */
void *heap_malloc(size_t bytes, unsigned *instructions);
void heap_free(void *block, unsigned *instructions);

/* These copy, or are rare: they are not counted. */
void *heap_memalign(size_t align, size_t bytes);
void *heap_realloc(void *block, size_t bytes);

#endif
