/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TI's compiler for Arm before tiarmclang (armcl), on cores with clz. Unverified: tests compile it
 * with a model of the intrinsic function, not with TI's compiler.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#if (!defined(__TI_ARM__) || !defined(__ARM_FEATURE_CLZ)) && !defined(BITS_UNCHECKED)
#error "arch/ti is for TI's armcl and an Arm with clz. -Iarch chooses the right folder"
#endif

#define BITS_FIRST_SET(word) (31u - (unsigned)__clz((int)((word) & (0u - (word)))))
#define BITS_LAST_SET(word) (31u - (unsigned)__clz((int)(word)))

#endif
