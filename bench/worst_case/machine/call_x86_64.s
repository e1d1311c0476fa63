# SPDX-License-Identifier: BSD-3-Clause
# x86-64: a call with the trap flag set from its first instruction on, and calibrations.

    .text
# uintptr_t step_call(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c)
    .globl step_call
    .type step_call, @function
step_call:
    pushq   %rbp
    movq    %rsp, %rbp
    andq    $-64, %rsp              # where the stack lies in a cache line is always the same
    movq    %rdi, %rax
    movq    %rsi, %rdi
    movq    %rdx, %rsi
    movq    %rcx, %rdx
    pushfq
    orq     $0x100, (%rsp)
    popfq                           # the next instruction is the first that traps when done
    call    *%rax
    .globl step_return
step_return:                        # the trap handler clears the flag here
    leave
    ret
    .size step_call, . - step_call

    .macro calibration count
    .globl calibrate_\count
    .type calibrate_\count, @function
calibrate_\count:
    .rept \count
    nop
    .endr
    ret
    .size calibrate_\count, . - calibrate_\count
    .endm

    calibration 0
    calibration 10
    calibration 57
    calibration 200

# Touches 7 cache lines of data that begin at its argument, and one of the stack.
    .globl calibrate_lines
    .type calibrate_lines, @function
calibrate_lines:
    pushq   %rbx
    movq    (%rdi), %rax
    movl    60(%rdi), %eax
    movb    $1, 64(%rdi)
    movq    188(%rdi), %rbx         # across two lines
    addl    $1, 256(%rdi)
    movq    320(%rdi), %rax
    movq    384(%rdi), %rax
    leaq    448(%rdi), %rax         # touches nothing
    popq    %rbx
    ret
    .size calibrate_lines, . - calibrate_lines

    .section .note.GNU-stack, "", @progbits
