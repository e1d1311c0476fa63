/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * aarch64: rbit + clz for the first set bit, clz for the last. 31 - clz and 63 - clz are
 * written as exclusive or, which compilers fold into the shifts that follow.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#define BITS_FIRST_SET(word) ((unsigned)__builtin_ctz(word))
#define BITS_LAST_SET(word) ((unsigned)__builtin_clz(word) ^ 31u)
#define BITS_LAST_SET64(word) ((unsigned)__builtin_clzll(word) ^ 63u)

#endif
