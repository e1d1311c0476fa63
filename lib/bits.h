/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bit operations of the build. bits_arch.h is found on the include path (-Iarch/<name>,
 * or a folder of the user's own) and defines any of the macros below; the portable ones supply
 * the rest.
 *
 *   BITS_FIRST_SET(word)    0-based index of the lowest set bit of a uint32_t that is not 0
 *   BITS_LAST_SET(word)     0-based index of the highest set bit of a uint32_t that is not 0
 *   BITS_LAST_SET64(word)   the same of a uint64_t that is not 0 (wide layout, 64-bit machines)
 *   BITS_LAST_SET_IS_SLOW   1 where BITS_LAST_SET takes more than a branch that is mostly
 *                           predicted: the classes of small sizes are then found without it
 */
#ifndef TLSF_BITS_H
#define TLSF_BITS_H

#include <bits_arch.h>
#include <stdint.h>

#include "bits_portable.h"

#ifndef BITS_FIRST_SET
#define BITS_FIRST_SET(word) portable_first_set(word)
#endif
#ifndef BITS_LAST_SET
#define BITS_LAST_SET(word) portable_last_set(word)
#define BITS_LAST_SET_IS_SLOW 1
#endif
#ifndef BITS_LAST_SET_IS_SLOW
#define BITS_LAST_SET_IS_SLOW 0
#endif
#ifndef BITS_LAST_SET64
#define BITS_LAST_SET64(word) portable_last_set64(word)
#endif

static inline unsigned bits_first_set(uint32_t word) { return BITS_FIRST_SET(word); }

static inline unsigned bits_last_set(uint32_t word) { return BITS_LAST_SET(word); }

static inline unsigned bits_last_set64(uint64_t word) { return BITS_LAST_SET64(word); }

#endif
