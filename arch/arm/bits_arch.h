/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arm with clz: ARMv5T and later, Cortex-M3 and later. For the first set bit the compiler takes
 * rbit and clz where the core has rbit, and clz of the lowest bit alone elsewhere.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) (31u - (unsigned)__builtin_clz(word))

#endif
