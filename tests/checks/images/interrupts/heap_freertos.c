/* SPDX-License-Identifier: BSD-3-Clause */
/* FreeRTOS's heap, which is integrations/freertos/heap_fmemp.c. */
#include "FreeRTOS.h"
#include "heap.h"

static size_t free_bytes;

void heap_begin(void) {
    vPortFree(pvPortMalloc(1));
    free_bytes = xPortGetFreeHeapSize();
}

void *heap_malloc(size_t bytes) { return pvPortMalloc(bytes); }
void *heap_calloc(size_t bytes) { return pvPortCalloc(bytes, 1); }
void *heap_malloc_aligned(size_t bytes, size_t align) {
    (void)align;
    return pvPortMalloc(bytes);
}
void *heap_realloc(void *block, size_t bytes) {
    (void)block;
    (void)bytes;
    return NULL;
}
void heap_free(void *block) { vPortFree(block); }

void heap_figures(void) {
    (void)xPortGetMinimumEverFreeHeapSize();
    (void)xPortGetFreeHeapSize();
}

void heap_program_only(void) {
    HeapStats_t stats;
    vPortGetHeapStats(&stats);
}

/* The free blocks are one, as large as at the beginning. */
int heap_check(void) {
    HeapStats_t stats;
    vPortGetHeapStats(&stats);
    return stats.xNumberOfFreeBlocks == 1 && stats.xSizeOfLargestFreeBlockInBytes == free_bytes &&
                   stats.xNumberOfSuccessfulAllocations == stats.xNumberOfSuccessfulFrees
               ? 0
               : 1;
}
