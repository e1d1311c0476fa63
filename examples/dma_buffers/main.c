/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DMA buffers on cache lines. A buffer that owns whole lines can be cleaned and invalidated, and
 * nothing else is touched. One from plain malloc shares its lines with the heap's headers and with
 * other blocks: to invalidate it loses what was written there. The cache is a model (cache.h).
 */
#include <stdio.h>
#include <string.h>

#include "cache.h"
#include "tlsf.h"

#define WHOLE_LINES(bytes) (((bytes) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE)

enum { FRAME = 100 };

static _Alignas(CACHE_LINE) unsigned char memory[8192];

static void *dma_malloc(tlsf_t heap, size_t bytes) {
    return tlsf_memalign(heap, CACHE_LINE, WHOLE_LINES(bytes));
}

/* Receives into `buffer` while the owner of `neighbour` writes. Returns 1 if both have what was
 * written to them, and the heap is sound. */
static int receives(tlsf_t heap, unsigned char *buffer, size_t bytes, unsigned char *neighbour) {
    memset(neighbour, 0, 4);
    cache_clean(memory, sizeof memory);
    dma_write(buffer, 0xD5, bytes);
    memset(neighbour, 0x4E, 4);
    cache_invalidate(buffer, bytes);
    return buffer[0] == 0xD5 && buffer[bytes - 1] == 0xD5 && neighbour[0] == 0x4E &&
           neighbour[3] == 0x4E && tlsf_check(heap) == TLSF_SOUND;
}

/* Sends: the controller reads what the processor wrote. */
static int sends(unsigned char *buffer, size_t bytes) {
    memset(buffer, 0x5E, bytes);
    cache_clean(buffer, bytes);
    return dma_read(buffer) == 0x5E && dma_read(buffer + bytes - 1) == 0x5E;
}

int main(void) {
    tlsf_t heap = tlsf_create_sized(memory, sizeof memory, 0);
    if (heap == NULL) {
        return 1;
    }
    cache_begin(memory, sizeof memory);
    unsigned char *frame = dma_malloc(heap, FRAME);
    unsigned char *behind_frame = tlsf_malloc(heap, 4);
    unsigned char *plain = tlsf_malloc(heap, FRAME);
    unsigned char *behind_plain = tlsf_malloc(heap, 4);
    const int whole_lines = receives(heap, frame, FRAME, behind_frame) && sends(frame, FRAME);
    const int shared_lines = receives(heap, plain, FRAME, behind_plain);
    printf("dma: whole lines %s, shared lines %s\n", whole_lines ? "right" : "wrong",
           shared_lines ? "right" : "wrong");
    return whole_lines && !shared_lines ? 0 : 1;
}
