/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ARMv6-M (Cortex-M0, M0+, M1): no clz, no rbit, but a single-cycle multiplication on most parts.
 * Halving would take as many instructions, and branch on what it finds.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#define BITS_FIRST_SET(word) multiplied_first_set(word)
#define BITS_LAST_SET(word) multiplied_last_set(word)
#define BITS_LAST_SET_IS_SLOW 1

#endif
