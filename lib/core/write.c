/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where printed text goes by default: TLSF_WRITE in tlsf_config.h is the contract. No choice takes
 * memory from a heap, and none makes a program fail to link that prints nothing.
 */
#include "tlsf.h"

#if __STDC_HOSTED__ && defined(__has_include)
#if __has_include(<unistd.h>)
#include <unistd.h> /* has no descriptors in avr-libc */
#endif
#endif

#ifdef __GNUC__
#define WEAK __attribute__((weak))
#else
#define WEAK
#endif

/* Each writes some of the text. Returns the number of characters; 0 or less if it wrote none. */
#if defined(STDOUT_FILENO) && defined(__PICOLIBC__)
/* The program defines stdout, or has none. These streams take no memory. */
#include <stdio.h>
extern FILE *const stdout WEAK;
static ptrdiff_t write_some(const char *text, size_t length) {
    return &stdout == NULL ? 0 : (ptrdiff_t)fwrite(text, 1, length, stdout);
}
#elif defined(STDOUT_FILENO) && defined(__NEWLIB__) && !defined(__unix__)
/* Bare metal has the one or the other, or none. */
extern int _write(int descriptor, const void *text, size_t length) WEAK;
extern _READ_WRITE_RETURN_TYPE write(int descriptor, const void *text, size_t length) WEAK;
static ptrdiff_t write_some(const char *text, size_t length) {
    if (_write != NULL) {
        return _write(STDOUT_FILENO, text, length);
    }
    return write == NULL ? 0 : write(STDOUT_FILENO, text, length);
}
#elif defined(STDOUT_FILENO)
static ptrdiff_t write_some(const char *text, size_t length) {
    return write(STDOUT_FILENO, text, length);
}
#else
static ptrdiff_t write_some(const char *text, size_t length) {
    (void)text;
    (void)length;
    return 0;
}
#endif

WEAK void tlsf_write(const char *text, size_t length) {
    while (length > 0) {
        const ptrdiff_t written = write_some(text, length);
        if (written <= 0) {
            return; /* there is nobody to tell */
        }
        text += written;
        length -= (size_t)written;
    }
}
