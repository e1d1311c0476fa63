/* SPDX-License-Identifier: BSD-3-Clause */
/* fmemp's core with its default options. */
#include "../machine/machine.h"
#include "counted_heap.h"
#include "tlsf.h"

static tlsf_t heap;

bool heap_make(unsigned char *memory, size_t bytes) {
    heap = tlsf_create_sized(memory, bytes, 0);
    return heap != NULL;
}

void *heap_malloc(size_t bytes, unsigned *instructions) {
    machine_cost cost;
    const uintptr_t block =
        machine_count((machine_function)tlsf_malloc, (uintptr_t)heap, bytes, 0, &cost);
    *instructions = cost.instructions;
    return (void *)block;
}

void heap_free(void *block, unsigned *instructions) {
    machine_cost cost;
    (void)machine_count((machine_function)tlsf_free, (uintptr_t)heap, (uintptr_t)block, 0, &cost);
    *instructions = cost.instructions;
}

void *heap_memalign(size_t align, size_t bytes) { return tlsf_memalign(heap, align, bytes); }

void *heap_realloc(void *block, size_t bytes) { return tlsf_realloc(heap, block, bytes); }
