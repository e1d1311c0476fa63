/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef QUEUE_H
#define QUEUE_H

#include "FreeRTOS.h"

typedef struct queue *QueueHandle_t;

QueueHandle_t xQueueCreate(UBaseType_t length, UBaseType_t item_size);
/* ticks: 0 or portMAX_DELAY. */
BaseType_t xQueueSend(QueueHandle_t queue, const void *item, TickType_t ticks);
BaseType_t xQueueReceive(QueueHandle_t queue, void *item, TickType_t ticks);
BaseType_t xQueueSendFromISR(QueueHandle_t queue, const void *item, BaseType_t *is_woken);

#endif
