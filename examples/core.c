/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The core alone: a heap in a static buffer. Compile it with the files of lib/core and -Iinclude.
 */
#include "tlsf.h"

#include <stdio.h>

enum { CACHE_LINE = 32, DMA_BYTES = (100 + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE };

static unsigned char memory[9000]; /* needs no alignment: the heap rounds inside */

int main(void) {
    tlsf_t heap = tlsf_create_sized(memory, sizeof memory, 0);
    if (heap == NULL) {
        return 1;
    }
    void *block = tlsf_malloc(heap, 100);
    void *buffer = tlsf_memalign(heap, CACHE_LINE, DMA_BYTES); /* whole cache lines */
    printf("core: block %p, buffer %p, largest request now %lu\n", block, buffer,
           (unsigned long)tlsf_largest(heap));
    tlsf_free(heap, buffer);
    tlsf_free(heap, block);
    tlsf_destroy(heap);
    return block != NULL && buffer != NULL ? 0 : 1;
}
