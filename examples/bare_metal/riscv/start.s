/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RISC-V from reset to main, in machine mode, for 32 and 64 bits. Symbols named bss_* and stack_top
 * come from image.ld.
 */
    .section .text.start, "ax"
    .global _start
_start:
    csrr    t0, mhartid             /* one core runs the program */
    bnez    t0, sleep
    la      sp, stack_top
    la      t0, exception
    csrw    mtvec, t0

    la      t0, bss_begin
    la      t1, bss_end
1:  beq     t0, t1, 2f
    sw      zero, 0(t0)
    addi    t0, t0, 4
    j       1b
2:  call    main
    call    platform_exit

sleep:
    wfi
    j       sleep

    .global semihosting_call        /* a0 operation, a1 parameter; a0 result */
    .type semihosting_call, %function
    .balign 16                      /* these three instructions, in one page */
semihosting_call:
    .option push
    .option norvc
    slli    zero, zero, 0x1f
    ebreak
    srai    zero, zero, 7
    .option pop
    ret

/* Every trap. An interrupt handler saves registers, serves, restores, and returns with mret. */
    .balign 4
exception:
    la      sp, stack_top           /* the old stack may be broken */
    csrr    a0, mcause
    csrr    a1, mepc
    call    exception_report
