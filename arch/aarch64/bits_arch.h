/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AArch64: rbit and clz find the first set bit, clz the last one.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#if (!defined(__aarch64__) || !defined(__GNUC__)) && !defined(BITS_UNCHECKED)
#error "arch/aarch64 is for GNU C and aarch64. -Iarch chooses the right folder"
#endif

#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) (31u - (unsigned)__builtin_clz(word))
#define BITS_LAST_SET64(word) (63u - (unsigned)__builtin_clzll(word))

#endif
