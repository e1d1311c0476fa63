/* SPDX-License-Identifier: BSD-3-Clause */
/* aarch64: a call between two readings of the virtual counter, and calibrations. */

    .text
/* uintptr_t timed_call(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c) */
    .global timed_call
    .type timed_call, %function
timed_call:
    stp     x29, x30, [sp, #-32]!
    str     x19, [sp, #16]
    mov     x9, x0
    mov     x0, x1
    mov     x1, x2
    mov     x2, x3
    mrs     x19, cntvct_el0
    blr     x9
    mrs     x10, cntvct_el0
    ldr     x11, =call_ticks
    stp     w19, w10, [x11]
    ldr     x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret

    .global timer_begin
    .type timer_begin, %function
timer_begin:                        /* the counter runs from reset on */
    ret

    .macro calibration count
    .global calibrate_\count
    .type calibrate_\count, %function
calibrate_\count:
    .rept \count
    nop
    .endr
    ret
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
    .word   16000                   /* 62.5 MHz */
timer_mask:
    .word   0xFFFFFFFF
