/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * 32-bit Arm of the A profile from reset to main, in supervisor mode with the MMU off (as qemu's
 * "virt" starts an image). Symbols named bss_* and stack_top come from image.ld.
 */
    .syntax unified
    .arm

    .section .text.start, "ax"
    .global _start
_start:
    ldr     sp, =stack_top
    ldr     r0, =vectors
    mcr     p15, 0, r0, c12, c0, 0  /* VBAR */

    ldr     r0, =bss_begin
    ldr     r1, =bss_end
    mov     r2, #0
1:  cmp     r0, r1
    beq     2f
    str     r2, [r0], #4
    b       1b
2:  bl      main
    bl      platform_exit

    .global semihosting_call        /* r0 operation, r1 parameter; r0 result */
    .type semihosting_call, %function
semihosting_call:
    push    {r4, lr}                /* svc writes lr of the mode that it is called in */
    svc     #0x123456
    pop     {r4, pc}

/* Eight exceptions. All are handled alike here: each has a stack pointer of its own. */
    .balign 32
vectors:
    .rept   8
    b       exception
    .endr

exception:
    ldr     sp, =stack_top          /* the old stack may be broken */
    mrs     r0, cpsr                /* the mode says which */
    mov     r1, lr
    bl      exception_report
    .pool
