/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_language.h: the words that C11 and C++17 spell differently, for the sources of the library,
 * which compile as both. Callers do not need it. What else keeps the sources valid in both:
 *
 *   no designated initialisers, no compound literals, no flexible array members;
 *   a cast where a void pointer becomes another one;
 *   no name that is a word of C++, and no member with the name of its type.
 */
#ifndef TLSF_LANGUAGE_H
#define TLSF_LANGUAGE_H

#include <stddef.h>

#ifdef __cplusplus

#include <string.h>

#else

#include <stdalign.h> /* alignas, alignof */

/* As in <assert.h>, which a freestanding implementation need not have. */
#ifndef static_assert
#define static_assert _Static_assert
#endif

/* The three functions of the C library that the core calls. C11 (7.1.4) allows this declaration; a
 * freestanding implementation need not have <string.h>. The parentheses are for the case that the
 * program has included it, and has macros of these names. */
void *(memcpy)(void *restrict to, const void *restrict from, size_t bytes);
void *(memmove)(void *to, const void *from, size_t bytes);
void *(memset)(void *to, int byte, size_t bytes);

#endif

#endif
