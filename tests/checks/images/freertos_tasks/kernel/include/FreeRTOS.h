/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of the kernel for examples/freertos_tasks: tasks that a tick, an interrupt or a call
 * switches at any instruction, queues and delays, and nothing else. It is no kernel. Its files lie
 * where the kernel has them.
 */
#ifndef INC_FREERTOS_H
#define INC_FREERTOS_H

#include <stddef.h>
#include <stdint.h>

#include "FreeRTOSConfig.h"

#include "portmacro.h"

#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define pdFAIL pdFALSE
#define pdPASS pdTRUE

#define traceMALLOC(pvAddress, uiSize)
#define traceFREE(pvAddress, uiSize)

#define PRIVILEGED_FUNCTION
#define PRIVILEGED_DATA

#include "../../../../../rtos/freertos/portable.h"

/* ---- between the files of the model --------------------------------------------------------- */

/* Lets the running task wait for this object, whose wake() ends it. The caller is in a critical
 * section, and yields. */
void kernel_wait(const void *object);

/* Returns whether a task waited that is more urgent than the running one. */
BaseType_t kernel_wake(const void *object);

/* From the port: a tick has passed; a stack is left at `top`, and another one goes on. */
void kernel_tick(void);
StackType_t *kernel_switch(StackType_t *top);
StackType_t *port_stack_begin(const StackType_t *top, void (*code)(void *), void *argument);
void port_scheduler_begin(void);

#endif
