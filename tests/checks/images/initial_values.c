/* SPDX-License-Identifier: BSD-3-Clause */
/* What start-up code owes a C program: initial values, zeros, an aligned stack. */
#include "fmemory_port.h"

static volatile uint32_t values[3] = {0x01234567, 0x89ABCDEF, 0x5A5A5A5A};
static volatile uint8_t zeros[1001];

int main(void) {
    volatile _Alignas(8) uint64_t on_stack = 1;

    if (values[0] != 0x01234567 || values[1] != 0x89ABCDEF || values[2] != 0x5A5A5A5A) {
        return 11;
    }
    for (unsigned i = 0; i < sizeof zeros; i++) {
        if (zeros[i] != 0) {
            return 12;
        }
    }
    FMEMP_PRINT("initial values: %lu\n", (unsigned long)(sizeof values / sizeof values[0]));
    return (uintptr_t)&on_stack % 8 == 0 && on_stack == 1 ? 42 : 13;
}
