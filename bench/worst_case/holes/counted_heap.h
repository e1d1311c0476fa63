/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The allocator of an image, and its counted calls: counted_fmemp.c or counted_libc.c.
 */
#ifndef COUNTED_HEAP_H
#define COUNTED_HEAP_H

#include <stddef.h>

/* Makes a heap in the memory. A second call makes a fresh heap, because image.c restores all
 * variables first. */
void heap_make(unsigned char *memory, size_t bytes);

/* *instructions: what the call executed. */
void *heap_malloc(size_t bytes, unsigned *instructions);
void heap_free(void *block, unsigned *instructions);

#endif
