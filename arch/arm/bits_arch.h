/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * arm with clz: ARMv5T and later, Cortex-M3 and later. The first set bit is found through
 * clz of the lowest bit alone, which every such core has; those with rbit get rbit + clz.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) (31u - (unsigned)__builtin_clz(word))

#endif
