/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs the consumers, and prints a line for each. The tables of the interrupt controller come
 * first: no kernel runs yet. */
#include <stdio.h>

#include "consumers.h"
#include "fmemory_pool.h"

#ifdef INC_FREERTOS_H
#include "kernel.h"
#endif

static int failures;

static void consumer_run(const char *name, int (*consumer)(void)) {
    int line = consumer();

    if (line == 0) {
        printf("%s passed\n", name);
    } else {
        printf("%s FAILED at line %d\n", name, line);
        failures++;
    }
}

int main(void) {
    consumer_run("gic_tables", gic_tables);
#ifdef INC_FREERTOS_H
    consumer_run("kernel_is_not_called", kernel_is_not_called);
    consumer_run("interrupts_before_scheduler", interrupts_before_scheduler);
    kernel_start();
    consumer_run("fatfs_volume_lock", fatfs_volume_lock);
#endif
    consumer_run("range_test", range_test);
    consumer_run("struct_and_buffer", struct_and_buffer);
    consumer_run("dma_descriptors", dma_descriptors);
    consumer_run("fatfs_memory", fatfs_memory);
    consumer_run("littlefs_memory", littlefs_memory);
    consumer_run("usb_stack", usb_stack);
    consumer_run("acpi_pool", acpi_pool);
    consumer_run("older_source", older_source);
#ifdef INC_FREERTOS_H
    consumer_run("interrupts_in_task", interrupts_in_task);
#endif
    return failures;
}
