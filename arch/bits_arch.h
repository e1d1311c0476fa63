/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chooses the folder of arch/ by the macros that the compiler defines itself.
 * lib/core/size_class.h takes this file if no <bits_arch.h> is on the include path. -Iarch takes it
 * by name.
 *
 * A processor's file defines any of these macros. Portable functions of size_class.h stand in for
 * the others.
 *
 *   BITS_FIRST_SET(word)    index of the lowest set bit of a uint32_t; the word is not 0
 *   BITS_LAST_SET(word)     index of the highest set bit of a uint32_t; the word is not 0
 *   BITS_LAST_SET64(word)   the same of a uint64_t (wide layout on 64-bit machines)
 *   BITS_LAST_SET_IS_SLOW   1 where BITS_LAST_SET costs more than a well predicted branch: then
 *                           small sizes find their class without it
 *
 * A folder that is named by hand refuses a target that it is not for. -DBITS_UNCHECKED lets it
 * compile there, for tests on another machine.
 */
#if defined(__ICCARM__) && defined(__ARM_FEATURE_CLZ)
#include "iar/bits_arch.h"
#elif defined(__TI_ARM__) && !defined(__clang__) && defined(__ARM_FEATURE_CLZ)
#include "ti/bits_arch.h"
#elif defined(__GNUC__) && defined(__aarch64__)
#include "aarch64/bits_arch.h"
#elif defined(__GNUC__) && defined(__arm__) && defined(__ARM_FEATURE_CLZ) && \
    (!defined(__thumb__) || defined(__thumb2__)) /* clang says "has clz" of a Cortex-M23, too */
#include "arm/bits_arch.h"
#elif defined(__GNUC__) && defined(__arm__)
#include "armv6m/bits_arch.h"
#elif defined(__GNUC__) && defined(__riscv)
#include "riscv/bits_arch.h"
#elif defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
#include "x86/bits_arch.h"
#else
#include "generic/bits_arch.h"
#endif
