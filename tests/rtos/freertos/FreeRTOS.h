/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of the kernel under heap_fmemp.c: what the heap's contract names, and nothing else. It is
 * no kernel. kernel.c plays its masks, its counter of suspensions and its assertions. Options of
 * FreeRTOSConfig.h come from the command line.
 */
#ifndef INC_FREERTOS_H
#define INC_FREERTOS_H

#include <stddef.h>
#include <stdint.h>

#ifndef MPU_WRAPPERS_INCLUDED_FROM_API_FILE
#define MPU_IS_WRAPPED 1 /* a heap file must see this undefined */
#endif

typedef long BaseType_t;
typedef unsigned long UBaseType_t;

#ifndef portBYTE_ALIGNMENT
#define portBYTE_ALIGNMENT 8
#endif
#ifndef configSUPPORT_DYNAMIC_ALLOCATION
#define configSUPPORT_DYNAMIC_ALLOCATION 1
#endif
#ifndef configAPPLICATION_ALLOCATED_HEAP
#define configAPPLICATION_ALLOCATED_HEAP 0
#endif
#ifndef configUSE_MALLOC_FAILED_HOOK
#define configUSE_MALLOC_FAILED_HOOK 0
#endif

#define PRIVILEGED_FUNCTION __attribute__((section("privileged_functions")))
#define PRIVILEGED_DATA __attribute__((section("privileged_data")))

/* ---- assertions and traces: the test counts them ----------------------------------------- */

void kernel_assert(int holds);
#define configASSERT(condition) kernel_assert((condition) ? 1 : 0)

#ifdef KERNEL_TRACES
void kernel_trace_malloc(const void *block, size_t size);
void kernel_trace_free(const void *block, size_t size);
#define traceMALLOC(pvAddress, uiSize) kernel_trace_malloc(pvAddress, uiSize)
#define traceFREE(pvAddress, uiSize) kernel_trace_free(pvAddress, uiSize)
#else
#define traceMALLOC(pvAddress, uiSize)
#define traceFREE(pvAddress, uiSize)
#endif

/* ---- masks ------------------------------------------------------------------------------- */

UBaseType_t kernel_mask_from_isr(void);
void kernel_restore_from_isr(UBaseType_t mask);
#define portSET_INTERRUPT_MASK_FROM_ISR() kernel_mask_from_isr()
#define portCLEAR_INTERRUPT_MASK_FROM_ISR(mask) kernel_restore_from_isr(mask)

/* ---- portable.h ---------------------------------------------------------------------------- */

typedef struct HeapRegion {
    uint8_t *pucStartAddress;
    size_t xSizeInBytes;
} HeapRegion_t;

typedef struct xHeapStats {
    size_t xAvailableHeapSpaceInBytes;
    size_t xSizeOfLargestFreeBlockInBytes;
    size_t xSizeOfSmallestFreeBlockInBytes;
    size_t xNumberOfFreeBlocks;
    size_t xMinimumEverFreeBytesRemaining;
    size_t xNumberOfSuccessfulAllocations;
    size_t xNumberOfSuccessfulFrees;
} HeapStats_t;

void *pvPortMalloc(size_t xWantedSize) PRIVILEGED_FUNCTION;
void *pvPortCalloc(size_t xNum, size_t xSize) PRIVILEGED_FUNCTION;
void vPortFree(void *pv) PRIVILEGED_FUNCTION;
void vPortInitialiseBlocks(void) PRIVILEGED_FUNCTION;
void vPortHeapResetState(void) PRIVILEGED_FUNCTION;
size_t xPortGetFreeHeapSize(void) PRIVILEGED_FUNCTION;
size_t xPortGetMinimumEverFreeHeapSize(void) PRIVILEGED_FUNCTION;
void xPortResetHeapMinimumEverFreeHeapSize(void) PRIVILEGED_FUNCTION;
void vPortDefineHeapRegions(const HeapRegion_t *const pxHeapRegions) PRIVILEGED_FUNCTION;
void vPortGetHeapStats(HeapStats_t *pxHeapStats);

#if configUSE_MALLOC_FAILED_HOOK == 1
void vApplicationMallocFailedHook(void);
#endif

#endif
