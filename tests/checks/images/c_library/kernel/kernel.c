/* SPDX-License-Identifier: BSD-3-Clause */
/* The scheduler as far as it is the C library's lock, and a caller of the kernel's heap. */
#include <stdbool.h>

#include "../locks.h"
#include "FreeRTOS.h"
#include "task.h"

static int depth, taken;

void vTaskSuspendAll(void) {
    depth++;
    taken++;
}

BaseType_t xTaskResumeAll(void) {
    depth--;
    return 0;
}

bool was_locked(void) {
    const bool was = taken > 0 && depth == 0;
    void *block;

    taken = 0;
    block = pvPortMalloc(100);
    vPortFree(block);
    const bool is_kernel_served = block != NULL && taken == 2 && depth == 0;
    taken = 0;
    return was && is_kernel_served;
}
