/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* The processor's view is the array itself; what the memory holds is kept beside it. */
#include "cache.h"

#include <stdint.h>
#include <string.h>

static unsigned char behind[65536]; /* the memory */
static unsigned char *cached;       /* the processor's view of it */

void cache_begin(void *begin, size_t bytes) {
    cached = begin;
    memcpy(behind, begin, bytes);
}

/* The first byte of a line, as an offset; lines are counted from address 0. */
static size_t line_of(const void *address) {
    return (size_t)((uintptr_t)address / CACHE_LINE * CACHE_LINE - (uintptr_t)cached);
}

void cache_clean(const void *address, size_t bytes) {
    const size_t end = line_of((const char *)address + bytes - 1);
    for (size_t line = line_of(address); line <= end; line += CACHE_LINE) {
        memcpy(behind + line, cached + line, CACHE_LINE);
    }
}

void cache_invalidate(const void *address, size_t bytes) {
    const size_t end = line_of((const char *)address + bytes - 1);
    for (size_t line = line_of(address); line <= end; line += CACHE_LINE) {
        memcpy(cached + line, behind + line, CACHE_LINE);
    }
}

void dma_write(void *address, unsigned char value, size_t bytes) {
    memset(behind + ((unsigned char *)address - cached), value, bytes);
}

unsigned char dma_read(const void *address) {
    return behind[(const unsigned char *)address - cached];
}
