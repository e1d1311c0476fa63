/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RISC-V: ctz and clz where the target has Zbb. Without it the compiler's builtins would be
 * library calls, so nothing is defined, and the portable ones are used.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#if defined(__riscv_zbb)
#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) ((unsigned)__builtin_clz(word) ^ 31u)
#if __riscv_xlen == 64
#define BITS_LAST_SET64(word) ((unsigned)__builtin_clzll(word) ^ 63u)
#endif
#endif

#endif
