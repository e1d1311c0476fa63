/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel's options for this program. Those that are not here have the kernel's defaults. */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#define configCPU_CLOCK_HZ 25000000UL
#define configTICK_RATE_HZ 1000
#define configUSE_16_BIT_TICKS 0
#define configUSE_PREEMPTION 1
#define configUSE_IDLE_HOOK 0
#define configUSE_TICK_HOOK 0
#define configMAX_PRIORITIES 4
#define configMAX_TASK_NAME_LEN 8
#define configMINIMAL_STACK_SIZE 128

/* The heap: heap_fmemp.c is in the build, and no heap_N.c. */
#define configSUPPORT_DYNAMIC_ALLOCATION 1
#define configTOTAL_HEAP_SIZE 8192
#define configUSE_MALLOC_FAILED_HOOK 1

#define INCLUDE_vTaskDelay 1
#define INCLUDE_xTaskGetCurrentTaskHandle 1 /* stream_buffer.c wants it */

/* The processor has 3 bits of priority or more. Interrupts of priority 0x60 and below, as numbers
 * 0x60 and above, may call FreeRTOS: allocate and free, too. */
#define configKERNEL_INTERRUPT_PRIORITY 0xE0
#define configMAX_SYSCALL_INTERRUPT_PRIORITY 0x60

/* The kernel's handlers under the names of start.s. */
#define vPortSVCHandler SVC_Handler
#define xPortPendSVHandler PendSV_Handler
#define xPortSysTickHandler SysTick_Handler

void assertion_failed(const char *file, int line);
#define configASSERT(condition) \
    do { \
        if (!(condition)) { \
            assertion_failed(__FILE__, __LINE__); \
        } \
    } while (0)

#endif
