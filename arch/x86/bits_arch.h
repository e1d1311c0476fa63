/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * x86 and x86-64: bsf and bsr, or tzcnt and lzcnt where the target has them (-mbmi, -mlzcnt,
 * -march=haswell and later). The argument is never 0, so the compiler can take either. 31 - clz is
 * written as an exclusive or, which compilers fold into a single bsr.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#if (!(defined(__x86_64__) || defined(__i386__)) || !defined(__GNUC__)) && !defined(BITS_UNCHECKED)
#error "arch/x86 is for GNU C and x86. -Iarch chooses the right folder"
#endif

#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) ((unsigned)__builtin_clz(word) ^ 31u)
#if !defined(__LZCNT__)
#define BITS_LAST_SET_IS_SLOW 1 /* bsr is microcode on many processors */
#endif
#if defined(__x86_64__)
#define BITS_LAST_SET64(word) ((unsigned)__builtin_clzll(word) ^ 63u)
#endif

#endif
