/* SPDX-License-Identifier: BSD-3-Clause */
/* Plays a processor with an interrupt mask, and a kernel whose critical sections nest. Before the
 * scheduler runs the nesting starts high, so that no exit unmasks. */
#include "kernel.h"

#include "consumers.h"
#include "fmempory_pool.h"

#define NESTING_BEFORE_SCHEDULER 9999UL

static UBaseType_t nesting = NESTING_BEFORE_SCHEDULER;
static UBaseType_t masked;
static unsigned calls;
static int mutex_taken;

BaseType_t xPortIsInsideInterrupt(void) { return pdFALSE; }

void vPortEnterCritical(void) {
    calls++;
    masked = 1;
    nesting++;
}

void vPortExitCritical(void) {
    nesting--;
    masked = nesting != 0;
}

UBaseType_t uxPortSetInterruptMask(void) {
    UBaseType_t before = masked;

    calls++;
    masked = 1;
    return before;
}

void vPortClearInterruptMask(UBaseType_t mask) { masked = mask; }

/* There is one mutex. */
SemaphoreHandle_t xSemaphoreCreateMutex(void) { return (SemaphoreHandle_t)(void *)&mutex_taken; }

BaseType_t xSemaphoreTake(SemaphoreHandle_t mutex, TickType_t ticks) {
    (void)mutex;
    (void)ticks;
    return mutex_taken++ == 0 ? pdTRUE : pdFALSE;
}

BaseType_t xSemaphoreGive(SemaphoreHandle_t mutex) {
    (void)mutex;
    return mutex_taken-- == 1 ? pdTRUE : pdFALSE;
}

void kernel_start(void) {
    nesting = 0;
    masked = 0;
}

/* ---- consumers --------------------------------------------------------------------------- */

static u8 memory[4096];
static FMemp memp;

int kernel_is_not_called(void) {
    EXPECT(calls == 0);
    return 0;
}

/* main makes its pools before it starts the scheduler. */
int interrupts_before_scheduler(void) {
    EXPECT(FMempInit(&memp, memory, memory + sizeof memory) == FMEMP_SUCCESS);
    EXPECT(masked == 0 && nesting == NESTING_BEFORE_SCHEDULER);
    return 0;
}

int interrupts_in_task(void) {
    unsigned before = calls;
    void *block = FMempMalloc(&memp, 100);

    EXPECT(block != NULL && calls > before && masked == 0);
    masked = 1;
    FMempFree(&memp, block);
    EXPECT(masked == 1 && nesting == 0);
    masked = 0;
    return 0;
}
