/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TASK_H
#define TASK_H

#include "FreeRTOS.h"

#if KERNEL == KERNEL_SPINLOCK
#define taskENTER_CRITICAL(mux) kernel_enter_spinlock(mux)
#define taskEXIT_CRITICAL(mux) kernel_exit_spinlock(mux)
#else
void kernel_enter_critical(void);
void kernel_exit_critical(void);
#define taskENTER_CRITICAL() kernel_enter_critical()
#define taskEXIT_CRITICAL() kernel_exit_critical()
#endif

#if KERNEL == KERNEL_SMP
UBaseType_t kernel_enter_critical_from_isr(void);
void kernel_exit_critical_from_isr(UBaseType_t mask);
#define taskENTER_CRITICAL_FROM_ISR() kernel_enter_critical_from_isr()
#define taskEXIT_CRITICAL_FROM_ISR(mask) kernel_exit_critical_from_isr(mask)
#else
#define taskENTER_CRITICAL_FROM_ISR() portSET_INTERRUPT_MASK_FROM_ISR()
#define taskEXIT_CRITICAL_FROM_ISR(mask) portCLEAR_INTERRUPT_MASK_FROM_ISR(mask)
#endif

void vTaskSuspendAll(void);
BaseType_t xTaskResumeAll(void);

#endif
