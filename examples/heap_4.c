/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names of FreeRTOS's heap on an FMemp. Leave heap_4.c out of the build. Compile all with
 * -DFMEMP_LOCK=1, and add ports/freertos. Add vApplicationMallocFailedHook and the statistics if
 * your application uses them.
 */
#include "fmemory_pool.h"

#ifndef HEAP_BYTES
#define HEAP_BYTES 8192U /* as configTOTAL_HEAP_SIZE */
#endif

void *pvPortMalloc(size_t bytes);
void vPortFree(void *ptr);

static u8 heap_memory[HEAP_BYTES];

/* The first allocation initialises it. */
FMemp kernel_heap = FMEMP_STATIC_INIT(heap_memory, heap_memory + HEAP_BYTES);

void *pvPortMalloc(size_t bytes) { return bytes == 0 ? NULL : FMempMalloc(&kernel_heap, bytes); }

void vPortFree(void *ptr) { FMempFree(&kernel_heap, ptr); }
