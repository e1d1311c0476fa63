/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

#include "task.h"

struct kernel kernel;

void kernel_reset(void) { memset(&kernel, 0, sizeof kernel); }

bool kernel_is_locked(void) { return kernel.mask >= KERNEL_MASK || kernel.suspensions > 0; }

void kernel_assert(int holds) { kernel.assertions += holds == 0; }

/* ---- locks ------------------------------------------------------------------------------- */

UBaseType_t kernel_mask_from_isr(void) {
    const UBaseType_t before = kernel.mask;
    kernel.mask = KERNEL_MASK;
    kernel.masked_times++;
    return before;
}

static void interrupt_comes(void) {
    void (*const handler)(void) = kernel.interrupt;
    if (handler != NULL && kernel.mask == 0) {
        kernel.interrupt = NULL; /* no interrupt in its own handler */
        handler();
        kernel.interrupt = handler;
    }
}

void kernel_restore_from_isr(UBaseType_t mask) {
    if (kernel.mask != KERNEL_MASK) {
        abort(); /* it was not masked */
    }
    kernel.mask = mask;
    interrupt_comes();
}

void vTaskSuspendAll(void) {
    kernel.suspensions++;
    kernel.suspended_times++;
}

BaseType_t xTaskResumeAll(void) {
    if (kernel.suspensions == 0) {
        abort();
    }
    kernel.suspensions--;
    return 0;
}

/* ---- hooks and traces ----------------------------------------------------------------------- */

void vApplicationMallocFailedHook(void);
void vApplicationMallocFailedHook(void) {
    kernel.failures++;
    kernel.locked_failures += kernel_is_locked();
}

void kernel_trace_malloc(const void *block, size_t size);
void kernel_trace_malloc(const void *block, size_t size) {
    kernel.mallocs++;
    kernel.malloc = (kernel_event){block, size, kernel_is_locked()};
}

void kernel_trace_free(const void *block, size_t size);
void kernel_trace_free(const void *block, size_t size) {
    kernel.frees++;
    kernel.free = (kernel_event){block, size, kernel_is_locked()};
}
