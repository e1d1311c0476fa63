/* SPDX-License-Identifier: BSD-3-Clause */
#include "variables.h"

#define SAVED_BYTES ((size_t)1 << 20)

/* Around all variables (mps3_an524.ld). */
extern uint32_t data_begin[], bss_end[];

static void words_copy(uint32_t *to, const uint32_t *from, size_t words) {
    for (size_t i = 0; i < words; i++) {
        to[i] = from[i];
    }
}

static size_t words_count(void) {
    return ((uintptr_t)bss_end - (uintptr_t)data_begin) / sizeof(uint32_t);
}

machine_memory variables_save(machine_memory all) {
    if (words_count() * sizeof(uint32_t) > SAVED_BYTES) {
        machine_fail("there are more variables than can be saved");
    }
    words_copy((uint32_t *)(void *)all.begin, data_begin, words_count());
    return (machine_memory){all.begin + SAVED_BYTES, all.bytes - SAVED_BYTES};
}

void variables_restore(machine_memory all) {
    words_copy(data_begin, (const uint32_t *)(const void *)all.begin, words_count());
}
