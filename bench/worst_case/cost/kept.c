/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Prints the bytes of a region that a heap keeps for itself: those that one block as large as
 * possible does not hold. A line: kept, function that makes the heap, bytes of the region, bytes
 * kept. Then the overhead of a block, and the least that it holds.
 */
#include "../machine/machine.h"
#include "fmemory_pool.h"

static const size_t regions[] = {4u << 10, 32u << 10, 256u << 10};

static size_t largest_of(tlsf_t heap) {
    const size_t largest = tlsf_largest(heap);
    if (tlsf_malloc(heap, largest + 1) != NULL || tlsf_malloc(heap, largest) == NULL) {
        machine_fail("tlsf_largest is not the largest request that succeeds");
    }
    return largest;
}

static void kept_print(const char *maker, size_t region, tlsf_t heap) {
    if (heap == NULL) {
        machine_fail("a region does not make a heap");
    }
    machine_print("kept %s %lu %lu\n", maker, (unsigned long)region,
                  (unsigned long)(region - largest_of(heap)));
}

int main(int count, char *words[]) {
    (void)machine_start(count, words);
    u8 *memory = machine_heap_memory().begin;
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        FMemp memp = {0};
        kept_print("tlsf_create_with_pool", regions[i], tlsf_create_with_pool(memory, regions[i]));
        kept_print("tlsf_create_sized", regions[i], tlsf_create_sized(memory, regions[i], 0));
        (void)FMempInit(&memp, memory, memory + regions[i]);
        kept_print("FMempInit", regions[i], memp.tlsf_ptr);
    }
    machine_print("block %lu %lu\n", (unsigned long)tlsf_alloc_overhead(),
                  (unsigned long)tlsf_block_size_min());
    machine_print("finished\n");
    return 0;
}
