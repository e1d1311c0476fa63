/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A user's own file of bit operations, which a test plugs in. It defines one of the three macros,
 * by counting, and leaves the other two to the portable ones.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#include <stdint.h>

static unsigned own_first_set_calls;

static inline unsigned own_first_set(uint32_t word) {
    unsigned index = 0;
    own_first_set_calls++;
    while (index < 31 && (word >> index & 1u) == 0) {
        index++;
    }
    return index;
}

#define BITS_FIRST_SET(word) own_first_set(word)

#endif
