/* SPDX-License-Identifier: BSD-3-Clause */
/* malloc and free of the C library, as its package has built them. They call sbrk for memory. */
#include <malloc.h>
#include <stdlib.h>

#include "../machine/machine.h"
#include "counted_heap.h"

/* newlib calls the first, picolibc the second. */
void *_sbrk(ptrdiff_t bytes);
void *sbrk(ptrdiff_t bytes);

static unsigned char *next, *end;

void *sbrk(ptrdiff_t bytes) {
    unsigned char *given = next;
    if (bytes > end - next) {
        return (void *)-1;
    }
    next += bytes;
    return given;
}

void *_sbrk(ptrdiff_t bytes) { return sbrk(bytes); }

bool heap_make(unsigned char *memory, size_t bytes) {
    next = memory;
    end = memory + bytes;
    return true;
}

void *heap_malloc(size_t bytes, unsigned *instructions) {
    machine_cost cost;
    const uintptr_t block = machine_count((machine_function)malloc, bytes, 0, 0, &cost);
    *instructions = cost.instructions;
    return (void *)block;
}

void heap_free(void *block, unsigned *instructions) {
    machine_cost cost;
    (void)machine_count((machine_function)free, (uintptr_t)block, 0, 0, &cost);
    *instructions = cost.instructions;
}

void *heap_memalign(size_t align, size_t bytes) { return memalign(align, bytes); }

void *heap_realloc(void *block, size_t bytes) { return realloc(block, bytes); }
