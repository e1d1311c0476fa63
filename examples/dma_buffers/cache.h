/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A write-back data cache in front of a memory, as a model: what the processor writes reaches the
 * memory when a line is cleaned or evicted, and what a DMA controller writes reaches the processor
 * when the line is invalidated. On a board, cache_clean and cache_invalidate are the functions of
 * your part (SCB_CleanDCache_by_Addr and so on), and the rest is not needed.
 */
#ifndef CACHE_H
#define CACHE_H

#include <stddef.h>

enum { CACHE_LINE = 32 };

/* From here on the memory [begin, begin + bytes) is cached; `bytes` is at most 64 KiB. */
void cache_begin(void *begin, size_t bytes);

/* Writes the lines that hold these bytes to the memory. */
void cache_clean(const void *address, size_t bytes);

/* Drops the lines that hold these bytes: whatever the processor wrote there and did not clean is
 * lost, also what is no part of the bytes. */
void cache_invalidate(const void *address, size_t bytes);

/* What the DMA controller does: it sees the memory, and not the cache. */
void dma_write(void *address, unsigned char value, size_t bytes);
unsigned char dma_read(const void *address);

#endif
