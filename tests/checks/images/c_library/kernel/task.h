/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TASK_H
#define TASK_H

#include "FreeRTOS.h"

void vTaskSuspendAll(void);
BaseType_t xTaskResumeAll(void);

#endif
