/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOCK_TASK_H
#define MOCK_TASK_H

#include "FreeRTOS.h"

UBaseType_t mock_enter_critical_from_isr(void);
void mock_exit_critical_from_isr(UBaseType_t saved_mask);

#define taskENTER_CRITICAL_FROM_ISR() mock_enter_critical_from_isr()
#define taskEXIT_CRITICAL_FROM_ISR(saved_mask) mock_exit_critical_from_isr(saved_mask)

#endif
