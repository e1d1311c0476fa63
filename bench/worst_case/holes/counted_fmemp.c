/* SPDX-License-Identifier: BSD-3-Clause */
/* fmemp's core with its default options. */
#include "../machine/machine.h"
#include "counted_heap.h"
#include "tlsf.h"

static tlsf_t heap;

void heap_make(unsigned char *memory, size_t bytes) {
    heap = tlsf_create_with_pool(memory, bytes);
    if (heap == NULL) {
        machine_fail("the memory does not make a heap");
    }
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
