/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory functions that the library calls (machines.py renames the calls). They set a flag: a
 * call that copies has no bound and is not counted.
 */
#include "machine.h"

/* Keeps gcc from compiling these loops to calls of memmove and memset. */
#if defined __GNUC__ && !defined __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

volatile bool machine_has_copied;

void *counted_memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *counted_memmove(void *to, const void *from, size_t bytes);
void *counted_memset(void *to, int byte, size_t bytes);

void *counted_memmove(void *to, const void *from, size_t bytes) {
    unsigned char *out = to;
    const unsigned char *in = from;
    machine_has_copied = true;
    if (out <= in) {
        for (size_t i = 0; i < bytes; i++) {
            out[i] = in[i];
        }
    } else {
        for (size_t i = bytes; i > 0; i--) {
            out[i - 1] = in[i - 1];
        }
    }
    return to;
}

void *counted_memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    return counted_memmove(to, from, bytes);
}

void *counted_memset(void *to, int byte, size_t bytes) {
    unsigned char *out = to;
    machine_has_copied = true;
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (unsigned char)byte;
    }
    return to;
}
