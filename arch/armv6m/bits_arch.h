/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arm without clz: ARMv6-M and ARMv8-M Baseline (Cortex-M0, M0+, M1, M23), ARMv4, and the Thumb
 * state of ARMv5. A multiplication takes one cycle on most parts. Halving takes as many
 * instructions, and branches on what it finds.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#if !defined(BITS_UNCHECKED)
#if !defined(__arm__)
#error "arch/armv6m is for 32-bit Arm. -Iarch chooses the right folder"
#elif defined(__ARM_FEATURE_CLZ) && (!defined(__thumb__) || defined(__thumb2__))
#error "arch/armv6m is for Arm without clz. This core has it: arch/arm. -Iarch chooses it"
#endif
#endif

#define BITS_FIRST_SET(word) multiplied_first_set(word)
#define BITS_LAST_SET(word) multiplied_last_set(word)
#define BITS_LAST_SET_IS_SLOW 1

#endif
