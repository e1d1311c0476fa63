/* SPDX-License-Identifier: BSD-3-Clause */
/* The volume locks of FatFs: semaphores and event groups, which only fmemory_pool.h declares. */
#include "fmemory_pool.h"

#include "consumers.h"
#include "kernel.h"

static SemaphoreHandle_t lock;
static EventGroupHandle_t ready;

int fatfs_volume_lock(void) {
    lock = xSemaphoreCreateMutex();
    EXPECT(lock != NULL && ready == NULL);
    EXPECT(xSemaphoreTake(lock, portMAX_DELAY) == pdTRUE);
    EXPECT(xSemaphoreGive(lock) == pdTRUE);
    return 0;
}
