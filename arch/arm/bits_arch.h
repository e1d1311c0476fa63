/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arm with clz: ARMv5T and later, Cortex-M3 and later. For the first set bit the compiler takes
 * rbit and clz where the core has rbit, and clz of the lowest bit alone elsewhere.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#if !defined(BITS_UNCHECKED)
#if !defined(__arm__) || !defined(__GNUC__)
#error "arch/arm is for GNU C and 32-bit Arm. -Iarch chooses the right folder"
#elif !defined(__ARM_FEATURE_CLZ) || (defined(__thumb__) && !defined(__thumb2__))
#error "arch/arm needs clz, which this core or state lacks: arch/armv6m. -Iarch chooses it"
#endif
#endif

#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) (31u - (unsigned)__builtin_clz(word))

#endif
