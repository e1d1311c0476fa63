/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names of FreeRTOS's heap on an FMemp. Leave heap_4.c out of the build. Compile all with
 * -DFMEMP_LOCK=1, and add ports/freertos. Add vApplicationMallocFailedHook and the statistics if
 * your application uses them.
 */
#include "fmemory_pool.h"

void *pvPortMalloc(size_t bytes);
void vPortFree(void *ptr);
extern FMemp kernel_heap; /* initialised before the first task is created */

void *pvPortMalloc(size_t bytes) { return bytes == 0 ? NULL : FMempMalloc(&kernel_heap, bytes); }

void vPortFree(void *ptr) { FMempFree(&kernel_heap, ptr); }
