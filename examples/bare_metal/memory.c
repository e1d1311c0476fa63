/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The three functions of the C library that fmemp calls, for toolchains without a C library. With
 * one (newlib, picolibc), leave this file out.
 */
#include <stddef.h>

/* gcc would replace such a loop by a call of the very function that it compiles. */
#if defined __GNUC__ && !defined __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

/* The compiler calls these functions where the source does not: for a large assignment, say. With
 * -flto it adds such calls after it has dropped what nobody calls, so they say that they are used.
 */
#define CALLED_BY_COMPILER __attribute__((used))

CALLED_BY_COMPILER void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
CALLED_BY_COMPILER void *memmove(void *to, const void *from, size_t bytes);
CALLED_BY_COMPILER void *memset(void *to, int byte, size_t bytes);

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    unsigned char *out = to;
    const unsigned char *in = from;
    for (size_t i = 0; i < bytes; i++) {
        out[i] = in[i];
    }
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    unsigned char *out = to;
    const unsigned char *in = from;
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

void *memset(void *to, int byte, size_t bytes) {
    unsigned char *out = to;
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (unsigned char)byte;
    }
    return to;
}
