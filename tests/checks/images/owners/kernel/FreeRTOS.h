/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* What FreeRTOS's heap needs of a kernel that has one task. */
#ifndef INC_FREERTOS_H
#define INC_FREERTOS_H

#include <stddef.h>
#include <stdint.h>

typedef long BaseType_t;
typedef unsigned long UBaseType_t;

#define PRIVILEGED_FUNCTION
#define PRIVILEGED_DATA
#define configTOTAL_HEAP_SIZE 4096
#define configFMEMP_SUSPENDS_SCHEDULER 1
#define configASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#define traceMALLOC(pvAddress, uiSize)
#define traceFREE(pvAddress, uiSize)

#ifdef __cplusplus
extern "C" {
#endif
#include "rtos/freertos/portable.h"
#ifdef __cplusplus
}
#endif

#endif
