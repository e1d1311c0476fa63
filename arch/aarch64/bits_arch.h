/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * aarch64: rbit + clz for the first set bit, clz for the last.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) (31u - (unsigned)__builtin_clz(word))
#define BITS_LAST_SET64(word) (63u - (unsigned)__builtin_clzll(word))

#endif
