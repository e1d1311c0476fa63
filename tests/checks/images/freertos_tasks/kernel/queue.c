/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue.h"

#include <string.h>

#include "task.h"

struct queue {
    UBaseType_t length, item_size;
    UBaseType_t first, count;
    uint8_t items[];
};

QueueHandle_t xQueueCreate(UBaseType_t length, UBaseType_t item_size) {
    QueueHandle_t queue = pvPortMalloc(sizeof *queue + length * item_size);
    if (queue != NULL) {
        *queue = (struct queue){.length = length, .item_size = item_size};
    }
    return queue;
}

static uint8_t *item_at(QueueHandle_t queue, UBaseType_t place) {
    return &queue->items[(queue->first + place) % queue->length * queue->item_size];
}

static BaseType_t item_put(QueueHandle_t queue, const void *item) {
    if (queue->count == queue->length) {
        return pdFAIL;
    }
    (void)memcpy(item_at(queue, queue->count++), item, queue->item_size);
    return pdPASS;
}

static BaseType_t item_take(QueueHandle_t queue, void *item) {
    if (queue->count == 0) {
        return pdFAIL;
    }
    (void)memcpy(item, item_at(queue, 0), queue->item_size);
    queue->first = (queue->first + 1) % queue->length;
    queue->count--;
    return pdPASS;
}

/* Ends a call: a change wakes those who wait for one; without it the caller waits. Returns whether
 * the call is done. */
static BaseType_t call_end(QueueHandle_t queue, BaseType_t is_changed, TickType_t ticks) {
    configASSERT(ticks == 0 || ticks == portMAX_DELAY);
    BaseType_t yields = ticks != 0;
    if (is_changed == pdPASS) {
        yields = kernel_wake(queue);
    } else if (ticks != 0) {
        kernel_wait(queue);
    }
    if (yields) {
        portYIELD();
    }
    taskEXIT_CRITICAL();
    return is_changed || ticks == 0;
}

BaseType_t xQueueSend(QueueHandle_t queue, const void *item, TickType_t ticks) {
    BaseType_t is_put;
    do {
        taskENTER_CRITICAL();
        is_put = item_put(queue, item);
    } while (!call_end(queue, is_put, ticks));
    return is_put;
}

BaseType_t xQueueReceive(QueueHandle_t queue, void *item, TickType_t ticks) {
    BaseType_t is_taken;
    do {
        taskENTER_CRITICAL();
        is_taken = item_take(queue, item);
    } while (!call_end(queue, is_taken, ticks));
    return is_taken;
}

BaseType_t xQueueSendFromISR(QueueHandle_t queue, const void *item, BaseType_t *is_woken) {
    const UBaseType_t mask = taskENTER_CRITICAL_FROM_ISR();
    const BaseType_t is_put = item_put(queue, item);
    if (is_put) {
        *is_woken = kernel_wake(queue) ? pdTRUE : *is_woken;
    }
    taskEXIT_CRITICAL_FROM_ISR(mask);
    return is_put;
}
