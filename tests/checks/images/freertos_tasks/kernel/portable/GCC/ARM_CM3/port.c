/* SPDX-License-Identifier: BSD-3-Clause */
/* The model's processor: masks, the tick, and the switch from one stack to another. */
#include "FreeRTOS.h"
#include "task.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define PENDSV_SYSTICK_PRIORITY REGISTER(0xE000ED20u)
#define SYSTICK_RUNS 7u
#define THUMB_STATE (1u << 24)

void SVC_Handler(void);
void PendSV_Handler(void);
void SysTick_Handler(void);

/* ---- masks ---------------------------------------------------------------------------------- */

/* As the kernel's port has it: before the scheduler runs, no end of a section unmasks. */
static UBaseType_t nesting = 0xaaaaaaaa;

UBaseType_t port_mask(void) {
    UBaseType_t before;
    __asm__ volatile("mrs %0, basepri\n\tmsr basepri, %1\n\tisb"
                     : "=&r"(before)
                     : "r"(configMAX_SYSCALL_INTERRUPT_PRIORITY)
                     : "memory");
    return before;
}

void port_restore(UBaseType_t mask) {
    __asm__ volatile("msr basepri, %0" : : "r"(mask) : "memory");
}

void vPortEnterCritical(void) {
    (void)port_mask();
    nesting++;
}

void vPortExitCritical(void) {
    configASSERT(nesting > 0);
    if (--nesting == 0) {
        port_restore(0);
    }
}

/* ---- stacks --------------------------------------------------------------------------------- */

static void task_ended(void) { configASSERT(!"a task returned"); }

/* The stack of a task that was interrupted before its first instruction: r4 to r11, then what the
 * processor has pushed. */
StackType_t *port_stack_begin(const StackType_t *top, void (*code)(void *), void *argument) {
    StackType_t *const frame = (StackType_t *)((uintptr_t)top & ~(uintptr_t)7) - 16;
    for (unsigned i = 0; i < 16; i++) {
        frame[i] = 0;
    }
    frame[8] = (StackType_t)argument;
    frame[13] = (StackType_t)task_ended;
    frame[14] = (StackType_t)code & ~(StackType_t)1;
    frame[15] = THUMB_STATE;
    return frame;
}

/* The running task's frame is saved, and another one's restored. */
__attribute__((naked)) void PendSV_Handler(void) {
    __asm__("mrs r0, psp\n\t"
            "stmdb r0!, {r4-r11}\n\t"
            "push {r3, lr}\n\t"
            "bl port_switch\n\t"
            "pop {r3, lr}\n\t"
            "ldmia r0!, {r4-r11}\n\t"
            "msr psp, r0\n\t"
            "bx lr");
}

__attribute__((used)) StackType_t *port_switch(StackType_t *top);
__attribute__((used)) StackType_t *port_switch(StackType_t *top) {
    const UBaseType_t mask = port_mask();
    StackType_t *const next = kernel_switch(top);
    port_restore(mask);
    return next;
}

/* The first task: there is nothing to save. Returns to the task's stack in thread mode. */
__attribute__((naked)) void SVC_Handler(void) {
    __asm__("movs r0, #0\n\t"
            "bl port_switch\n\t"
            "ldmia r0!, {r4-r11}\n\t"
            "msr psp, r0\n\t"
            "movs r0, #0\n\t"
            "msr basepri, r0\n\t"
            "mvn lr, #2\n\t"
            "bx lr");
}

void SysTick_Handler(void) {
    const UBaseType_t mask = port_mask();
    kernel_tick();
    portYIELD();
    port_restore(mask);
}

void port_scheduler_begin(void) {
    PENDSV_SYSTICK_PRIORITY |= (uint32_t)configKERNEL_INTERRUPT_PRIORITY << 16 |
                               (uint32_t)configKERNEL_INTERRUPT_PRIORITY << 24;
    SYSTICK_RELOAD = configCPU_CLOCK_HZ / configTICK_RATE_HZ - 1;
    nesting = 0;
    SYSTICK_CONTROL = SYSTICK_RUNS;
    __asm__ volatile("msr basepri, %0\n\tsvc 0" : : "r"(0) : "memory");
    configASSERT(!"the scheduler returned");
}
