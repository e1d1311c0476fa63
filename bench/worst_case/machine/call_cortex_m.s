/* SPDX-License-Identifier: BSD-3-Clause */
/* Cortex-M: a call between two readings of SysTick, which counts down, and calibrations. */
    .syntax unified
    .thumb

    .equ SYST_CSR, 0xE000E010       /* control, reload value at 4, current value at 8 */

    .text
/* uintptr_t timed_call(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c) */
    .thumb_func
    .global timed_call
    .type timed_call, %function
timed_call:
    push    {r4, r5, r6, lr}
    mov     r4, r0
    mov     r0, r1
    mov     r1, r2
    mov     r2, r3
    ldr     r5, =SYST_CSR
    ldr     r6, [r5, #8]
    blx     r4
    ldr     r1, [r5, #8]
    ldr     r2, =call_ticks
    str     r1, [r2]                /* downwards: the later reading is the smaller */
    str     r6, [r2, #4]
    pop     {r4, r5, r6, pc}

    .thumb_func
    .global timer_begin
    .type timer_begin, %function
timer_begin:
    ldr     r0, =SYST_CSR
    ldr     r1, =0x00FFFFFF
    str     r1, [r0, #4]
    str     r1, [r0, #8]
    movs    r1, #5                  /* enable, with the processor's clock, without interrupt */
    str     r1, [r0]
    bx      lr

    .macro calibration count
    .thumb_func
    .global calibrate_\count
    .type calibrate_\count, %function
calibrate_\count:
    .rept \count
    nop
    .endr
    bx      lr
    .endm

    calibration 0
    calibration 10
    calibration 57
    calibration 200
    .pool

    .section .rodata
    .balign 4
    .global timer_tick_picoseconds, timer_mask
timer_tick_picoseconds:
    .word   31250                   /* 32 MHz, the clock of board AN524 */
timer_mask:
    .word   0x00FFFFFF
