/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cortex-M from reset to main, and the interrupts of Arm's board MPS2 with a Cortex-M4
 * (mps2-an386). Symbols named data_*, bss_* and stack_top come from image.ld.
 */
    .syntax unified
    .thumb

/* The stack pointer, reset, the exceptions of the processor, of which the kernel has three, and the
 * interrupts of the board. */
    .section .vectors, "a"
    .word   stack_top
    .word   _start
    .rept   9
    .word   exception
    .endr
    .word   SVC_Handler
    .word   exception, exception
    .word   PendSV_Handler
    .word   SysTick_Handler
    .rept   8
    .word   exception
    .endr
    .word   timer_interrupt

    .text
    .thumb_func
    .global _start
_start:
    ldr     r0, =data_begin         /* initial values, from where the image keeps them */
    ldr     r1, =data_end
    ldr     r2, =data_image
1:  cmp     r0, r1
    beq     2f
    ldr     r3, [r2]
    str     r3, [r0]
    adds    r0, #4
    adds    r2, #4
    b       1b

2:  ldr     r0, =bss_begin
    ldr     r1, =bss_end
    movs    r2, #0
3:  cmp     r0, r1
    beq     4f
    str     r2, [r0]
    adds    r0, #4
    b       3b

4:  bl      main
    bl      platform_exit

    .thumb_func
    .global semihosting_call        /* r0 operation, r1 parameter; r0 result */
    .type semihosting_call, %function
semihosting_call:
    bkpt    0xab
    bx      lr

    .thumb_func
exception:
    mrs     r0, ipsr                /* its number */
    ldr     r1, [sp, #24]           /* where: the processor has pushed it */
    bl      exception_report
    .pool
