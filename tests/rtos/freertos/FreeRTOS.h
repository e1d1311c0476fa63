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

#include "portable.h"

#endif
