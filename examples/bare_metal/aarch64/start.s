/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * 64-bit Arm from reset to main, at exception level 1 with the MMU off (as qemu's "virt" starts
 * an image). Symbols named *_begin, *_end and stack_top come from image.ld.
 */
    .section .text.start, "ax"
    .global _start
_start:
    ldr     x0, =stack_top
    mov     sp, x0
    mov     x0, #(3 << 20)          /* CPACR_EL1.FPEN: floating point and SIMD do not trap */
    msr     cpacr_el1, x0
    ldr     x0, =vectors
    msr     vbar_el1, x0
    isb

    ldr     x0, =bss_begin
    ldr     x1, =bss_end
1:  cmp     x0, x1
    b.eq    2f
    stp     xzr, xzr, [x0], #16
    b       1b
2:  bl      main
    bl      platform_exit

    .global semihosting_call        /* x0 operation, x1 parameter; x0 result */
    .type semihosting_call, %function
semihosting_call:
    hlt     #0xf000
    ret

/* Sixteen entries of 128 bytes: four kinds, from four states. All are handled alike here. An
 * interrupt handler saves registers, serves, restores, and returns with eret. */
    .section .text.vectors, "ax"
    .balign 2048
vectors:
    .rept   16
    b       exception
    .balign 128
    .endr

exception:
    ldr     x0, =stack_top          /* the old stack may be broken */
    mov     sp, x0
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    bl      exception_report
