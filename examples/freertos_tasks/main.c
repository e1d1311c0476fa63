/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Readings come from a timer's interrupt, which allocates each of them. The task "collect" makes a
 * report of some of them, in a block whose size differs each time. The task "print" prints the
 * sums, frees the reports, and ends the program when it has seen enough.
 */
#include <FreeRTOS.h>
#include <queue.h>
#include <task.h>

#include "console.h"

enum { READINGS = 2000, READINGS_A_REPORT = 20, REPORTS = READINGS / READINGS_A_REPORT };
enum { STACK_WORDS = 200, QUEUE_LENGTH = 8 };

typedef struct {
    uint32_t number;
} reading;

typedef struct {
    uint32_t count;
    uint32_t numbers[];
} report;

static QueueHandle_t readings, reports;
static uint32_t readings_lost; /* the interrupt's: its queue was full */

/* ---- the board's timer --------------------------------------------------------------------- */

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define TIMER_CONTROL REGISTER(0x40000000u)
#define TIMER_RELOAD REGISTER(0x40000008u)
#define TIMER_CLEAR REGISTER(0x4000000Cu)
#define TIMER_IRQ 8
#define ENABLE_IRQ REGISTER(0xE000E100u)
#define IRQ_PRIORITY(n) (*(volatile uint8_t *)(0xE000E400u + (n)))

static void timer_begin(uint32_t clocks) {
    IRQ_PRIORITY(TIMER_IRQ) = configMAX_SYSCALL_INTERRUPT_PRIORITY;
    ENABLE_IRQ = 1u << TIMER_IRQ;
    TIMER_RELOAD = clocks;
    TIMER_CONTROL = 9; /* runs, and interrupts */
}

void timer_interrupt(void);
void timer_interrupt(void) {
    BaseType_t is_woken = pdFALSE;
    reading *const made = pvPortMalloc(sizeof *made);
    TIMER_CLEAR = 1;
    if (made != NULL) {
        static uint32_t number;
        made->number = number;
        if (xQueueSendFromISR(readings, &made, &is_woken) == pdPASS) {
            number++;
        } else {
            readings_lost++;
            vPortFree(made);
        }
    }
    portYIELD_FROM_ISR(is_woken);
}

/* ---- the tasks ----------------------------------------------------------------------------- */

/* Takes `count` readings. Returns the report of them; NULL if there was no memory. */
static report *report_made(uint32_t count) {
    report *const made = pvPortMalloc(sizeof *made + count * sizeof made->numbers[0]);
    for (uint32_t i = 0; i < count; i++) {
        reading *taken;
        (void)xQueueReceive(readings, &taken, portMAX_DELAY);
        if (made != NULL) {
            made->numbers[i] = taken->number;
            made->count = i + 1;
        }
        vPortFree(taken);
    }
    return made;
}

/* Reports of 1, 39, 2, 38 and so on readings: on average READINGS_A_REPORT. */
static void collect(void *unused) {
    (void)unused;
    for (uint32_t i = 0;; i++) {
        const uint32_t part = 1 + i / 2 % (READINGS_A_REPORT - 1);
        report *const made = report_made(i % 2 == 0 ? part : 2 * READINGS_A_REPORT - part);
        configASSERT(made != NULL);
        (void)xQueueSend(reports, &made, portMAX_DELAY);
    }
}

static void program_end(uint32_t count, uint32_t in_order) {
    HeapStats_t stats;
    TIMER_CONTROL = 0;
    vTaskDelay(2); /* the other task takes what is left */
    vPortGetHeapStats(&stats);
    console_print("freertos: %lu readings in %lu reports, %lu in order\n", (unsigned long)count,
                  (unsigned long)REPORTS, (unsigned long)in_order);
    console_print("freertos: heap %s, lost readings %s\n",
                  stats.xMinimumEverFreeBytesRemaining > 0 ? "never full" : "full",
                  readings_lost == 0 ? "none" : "some");
    platform_exit(0);
}

static void print(void *unused) {
    uint32_t next = 0;
    uint32_t in_order = 0;
    (void)unused;
    for (uint32_t i = 0; i < REPORTS; i++) {
        report *taken;
        (void)xQueueReceive(reports, &taken, portMAX_DELAY);
        for (uint32_t n = 0; n < taken->count; n++) {
            in_order += taken->numbers[n] == next++;
        }
        vPortFree(taken);
    }
    program_end(next, in_order);
}

/* ---- the program --------------------------------------------------------------------------- */

void assertion_failed(const char *file, int line) {
    console_print("freertos: assertion in %s, line %lu\n", file, (unsigned long)line);
    platform_exit(EXIT_FAULT);
}

void vApplicationMallocFailedHook(void) { assertion_failed("the heap: a request failed", 0); }

int main(void) {
    readings = xQueueCreate(QUEUE_LENGTH, sizeof(reading *));
    reports = xQueueCreate(QUEUE_LENGTH, sizeof(report *));
    configASSERT(readings != NULL && reports != NULL);
    configASSERT(xTaskCreate(collect, "collect", STACK_WORDS, NULL, 2, NULL) == pdPASS);
    configASSERT(xTaskCreate(print, "print", STACK_WORDS, NULL, 1, NULL) == pdPASS);
    timer_begin(configCPU_CLOCK_HZ / 2003); /* in no step with the tick */
    vTaskStartScheduler();
    return 1; /* there was no memory for the kernel's own task */
}
