/* SPDX-License-Identifier: BSD-3-Clause */
/* Stands in for the kernel's header of this name: types, and the macros of critical sections as the
 * port for AArch64 has them. kernel.c plays the processor. */
#ifndef INC_FREERTOS_H
#define INC_FREERTOS_H

#include <stddef.h>
#include <stdint.h>

typedef long BaseType_t;
typedef unsigned long UBaseType_t;
typedef unsigned long TickType_t;

#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define portMAX_DELAY ((TickType_t)-1)

#ifndef __linux__ /* the priorities of an interrupt controller; a program of Linux has none */
#define configUNIQUE_INTERRUPT_PRIORITIES 32
#endif

BaseType_t xPortIsInsideInterrupt(void);
void vPortEnterCritical(void);
void vPortExitCritical(void);
UBaseType_t uxPortSetInterruptMask(void);
void vPortClearInterruptMask(UBaseType_t mask);

#define portENTER_CRITICAL() vPortEnterCritical()
#define portEXIT_CRITICAL() vPortExitCritical()
#define portSET_INTERRUPT_MASK_FROM_ISR() uxPortSetInterruptMask()
#define portCLEAR_INTERRUPT_MASK_FROM_ISR(mask) vPortClearInterruptMask(mask)

#endif
