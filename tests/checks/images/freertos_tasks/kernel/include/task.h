/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef INC_TASK_H
#define INC_TASK_H

#include "FreeRTOS.h"

typedef void (*TaskFunction_t)(void *);
typedef struct task *TaskHandle_t;

#define taskENTER_CRITICAL() vPortEnterCritical()
#define taskEXIT_CRITICAL() vPortExitCritical()
#define taskENTER_CRITICAL_FROM_ISR() portSET_INTERRUPT_MASK_FROM_ISR()
#define taskEXIT_CRITICAL_FROM_ISR(mask) portCLEAR_INTERRUPT_MASK_FROM_ISR(mask)

BaseType_t xTaskCreate(TaskFunction_t code, const char *name, uint16_t stack_words, void *argument,
                       UBaseType_t priority, TaskHandle_t *created);
void vTaskStartScheduler(void);
void vTaskDelay(TickType_t ticks);
void vTaskSuspendAll(void);
BaseType_t xTaskResumeAll(void);

#endif
