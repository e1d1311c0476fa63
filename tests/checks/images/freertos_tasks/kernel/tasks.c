/* SPDX-License-Identifier: BSD-3-Clause */
#include "task.h"

struct task {
    StackType_t *top;
    const void *waits_for; /* NULL: it is ready */
    TickType_t wakes_at;   /* if it waits for `ticks` */
    UBaseType_t priority;
    TaskHandle_t next; /* of all tasks, in a ring */
};

static TaskHandle_t running; /* NULL: none was created */
static TickType_t ticks;
static unsigned suspensions;
static BaseType_t scheduler_runs;

BaseType_t xTaskCreate(TaskFunction_t code, const char *name, uint16_t stack_words, void *argument,
                       UBaseType_t priority, TaskHandle_t *created) {
    StackType_t *const stack = pvPortMalloc(stack_words * sizeof *stack);
    TaskHandle_t task = pvPortMalloc(sizeof *task);
    (void)name;
    if (stack == NULL || task == NULL) {
        vPortFree(stack);
        vPortFree(task);
        return pdFAIL;
    }
    *task = (struct task){.top = port_stack_begin(stack + stack_words, code, argument),
                          .priority = priority,
                          .next = task};
    if (running == NULL) {
        running = task;
    } else {
        task->next = running->next;
        running->next = task;
    }
    if (created != NULL) {
        *created = task;
    }
    return pdPASS;
}

static void idle(void *unused) {
    (void)unused;
    for (;;) {
        __asm__ volatile("wfi");
    }
}

void vTaskStartScheduler(void) {
    if (xTaskCreate(idle, "idle", configMINIMAL_STACK_SIZE, NULL, 0, NULL) == pdPASS) {
        scheduler_runs = pdTRUE;
        port_scheduler_begin();
    }
}

/* The most urgent task that is ready; of several, the next after the running one. */
static TaskHandle_t task_next(void) {
    TaskHandle_t next = NULL;
    for (TaskHandle_t task = running->next;; task = task->next) {
        if (task->waits_for == NULL && (next == NULL || task->priority > next->priority)) {
            next = task;
        }
        if (task == running) {
            return next;
        }
    }
}

StackType_t *kernel_switch(StackType_t *top) {
    if (top != NULL) {
        running->top = top;
    }
    if (suspensions == 0) {
        running = task_next();
    }
    return running->top;
}

/* ---- waiting -------------------------------------------------------------------------------- */

void kernel_wait(const void *object) {
    configASSERT(scheduler_runs && suspensions == 0);
    running->waits_for = object;
}

BaseType_t kernel_wake(const void *object) {
    BaseType_t is_more_urgent = pdFALSE;
    TaskHandle_t task = running;
    do {
        if (task != NULL && task->waits_for == object) {
            task->waits_for = NULL;
            is_more_urgent = is_more_urgent || task->priority > running->priority;
        }
        task = task == NULL ? NULL : task->next;
    } while (task != running);
    return is_more_urgent;
}

void vTaskDelay(TickType_t delay) {
    taskENTER_CRITICAL();
    running->wakes_at = ticks + delay;
    kernel_wait(&ticks);
    portYIELD();
    taskEXIT_CRITICAL();
}

void kernel_tick(void) {
    TaskHandle_t task = running;
    ticks++;
    do {
        if (task->waits_for == &ticks && task->wakes_at == ticks) {
            task->waits_for = NULL;
        }
        task = task->next;
    } while (task != running);
}

/* ---- suspension ----------------------------------------------------------------------------- */

void vTaskSuspendAll(void) { suspensions++; }

BaseType_t xTaskResumeAll(void) {
    configASSERT(suspensions > 0);
    suspensions--;
    portYIELD();
    return pdTRUE;
}
