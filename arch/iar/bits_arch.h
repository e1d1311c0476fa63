/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IAR's compiler for Arm, on cores with clz. Unverified: tests compile it with a model of the
 * intrinsic function, not with IAR's compiler.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#if (!defined(__ICCARM__) || !defined(__ARM_FEATURE_CLZ)) && !defined(BITS_UNCHECKED)
#error "arch/iar is for IAR's compiler and an Arm with clz. -Iarch chooses the right folder"
#endif

#include <intrinsics.h>

#define BITS_FIRST_SET(word) (31u - (unsigned)__CLZ((word) & (0u - (word))))
#define BITS_LAST_SET(word) (31u - (unsigned)__CLZ(word))

#endif
