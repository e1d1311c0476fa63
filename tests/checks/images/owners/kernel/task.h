/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef INC_TASK_H
#define INC_TASK_H

#include "FreeRTOS.h"

/* There is one task. */
static inline void vTaskSuspendAll(void) {}

static inline BaseType_t xTaskResumeAll(void) { return 0; }

#endif
