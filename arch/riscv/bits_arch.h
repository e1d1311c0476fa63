/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RISC-V: ctz and clz where the target has Zbb. Without Zbb the compiler's builtins are library
 * calls, so a multiplication replaces them where the target has M. Without M lib/core/size_class.h
 * supplies every operation.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#if (!defined(__riscv) || !defined(__GNUC__)) && !defined(BITS_UNCHECKED)
#error "arch/riscv is for GNU C and RISC-V. -Iarch chooses the right folder"
#endif

#if defined(__riscv_zbb)
#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) ((unsigned)__builtin_clz(word) ^ 31u)
#if __riscv_xlen == 64
#define BITS_LAST_SET64(word) ((unsigned)__builtin_clzll(word) ^ 63u)
#endif
#elif defined(__riscv_mul)
#define BITS_FIRST_SET(word) multiplied_first_set(word)
#define BITS_LAST_SET(word) multiplied_last_set(word)
#define BITS_LAST_SET_IS_SLOW 1
#endif

#endif
