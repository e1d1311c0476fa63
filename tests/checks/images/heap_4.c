/* SPDX-License-Identifier: BSD-3-Clause */
/* A kernel's calls on examples/heap_4.c. */
#include <stdio.h>

#include "fmemory_pool.h"

void *pvPortMalloc(size_t bytes);
void vPortFree(void *ptr);

FMemp kernel_heap;
static u8 memory[8192];

int main(void) {
    FMempStats stats;

    if (FMempInit(&kernel_heap, memory, memory + sizeof memory) != FMEMP_SUCCESS) {
        return 1;
    }
    void *stack = pvPortMalloc(1024);
    void *nothing = pvPortMalloc(0);
    void *too_large = pvPortMalloc(sizeof memory);
    vPortFree(NULL);
    (void)FMempGetStats(&kernel_heap, &stats);
    printf("heap_4: %s, %lu block\n",
           stack != NULL && nothing == NULL && too_large == NULL ? "served" : "failed",
           (unsigned long)stats.live_blocks);
    vPortFree(stack);
    (void)FMempGetStats(&kernel_heap, &stats);
    return stats.live_blocks == 0 ? 0 : 1;
}
