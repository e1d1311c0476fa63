/* SPDX-License-Identifier: BSD-3-Clause */
/* A kernel's calls on examples/heap_4.c. */
#include <stdio.h>

#include "fmemory_pool.h"

void *pvPortMalloc(size_t bytes);
void vPortFree(void *ptr);

extern FMemp kernel_heap;

int main(void) {
    FMempStats stats;

    void *stack = pvPortMalloc(1024);
    void *nothing = pvPortMalloc(0);
    void *too_large = pvPortMalloc(8192);
    vPortFree(NULL);
    (void)FMempGetStats(&kernel_heap, &stats);
    printf("heap_4: %s, %lu block\n",
           stack != NULL && nothing == NULL && too_large == NULL ? "served" : "failed",
           (unsigned long)stats.live_blocks);
    vPortFree(stack);
    (void)FMempGetStats(&kernel_heap, &stats);
    return stats.live_blocks == 0 ? 0 : 1;
}
