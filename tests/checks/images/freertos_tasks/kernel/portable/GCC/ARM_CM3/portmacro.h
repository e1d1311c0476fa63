/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PORTMACRO_H
#define PORTMACRO_H

#include <stdint.h>

typedef long BaseType_t;
typedef unsigned long UBaseType_t;
typedef uint32_t TickType_t;
typedef uint32_t StackType_t;

#define portMAX_DELAY ((TickType_t)0xffffffffu)
#define portBYTE_ALIGNMENT 8

/* Pends the exception that switches tasks. It comes when interrupts are open again. */
#define portYIELD() (*(volatile uint32_t *)0xE000ED04u = 1u << 28)
#define portYIELD_FROM_ISR(is_woken) \
    do { \
        if ((is_woken) != pdFALSE) { \
            portYIELD(); \
        } \
    } while (0)

void vPortEnterCritical(void);
void vPortExitCritical(void);

UBaseType_t port_mask(void);
void port_restore(UBaseType_t mask);
#define portSET_INTERRUPT_MASK_FROM_ISR() port_mask()
#define portCLEAR_INTERRUPT_MASK_FROM_ISR(mask) port_restore(mask)

#endif
