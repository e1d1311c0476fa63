/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ARMv6-M (Cortex-M0, M0+, M1): no clz, no rbit, but a single-cycle multiply on most parts.
 * The lowest bit alone times a de Bruijn sequence has the bit's index in its top five bits.
 * The last set bit is left to the portable halving, which needs neither table nor multiply.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#include <stdint.h>

static inline unsigned armv6m_first_set(uint32_t word) {
    /* index_of[i] is the position at which the sequence holds the number i. */
    static const uint8_t index_of[32] = {0,  1,  28, 2,  29, 14, 24, 3,  30, 22, 20,
                                         15, 25, 17, 4,  8,  31, 27, 13, 23, 21, 19,
                                         16, 7,  26, 12, 18, 6,  11, 5,  10, 9};
    return index_of[((word & (0u - word)) * 0x077CB531u) >> 27];
}

#define BITS_FIRST_SET(word) armv6m_first_set(word)

#endif
