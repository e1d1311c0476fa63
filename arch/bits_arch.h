/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chooses the folder of arch/ by the macros that the compiler defines itself. lib/core/bits.h takes
 * this file if no <bits_arch.h> is on the include path. -Iarch takes it by name.
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
