/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_language.h: the words that C11 and C++17 spell differently, for the sources of the library,
 * which compile as both, and with GNU C as C99. Callers do not need it. What else keeps the sources
 * valid in all of them:
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

/* Before a function that one source calls in another: they may be compiled as C and as C++. */
#define OF_ALL_SOURCES extern "C"

#else

#define OF_ALL_SOURCES

#if defined(__GNUC__) && __STDC_VERSION__ < 201112L
/* C99 with what GNU C adds to it: no word about that from -Wpedantic. */
#define alignas __extension__ _Alignas
#define alignof __extension__ _Alignof
#define static_assert __extension__ _Static_assert
#else
#include <stdalign.h> /* alignas, alignof */
#ifndef static_assert /* as in <assert.h>, which a freestanding implementation need not have */
#define static_assert _Static_assert
#endif
#endif

/* The three functions of the C library that the core calls. C11 (7.1.4) allows this declaration; a
 * freestanding implementation need not have <string.h>. The parentheses are for the case that the
 * program has included it, and has macros of these names. */
void *(memcpy)(void *restrict to, const void *restrict from, size_t bytes);
void *(memmove)(void *to, const void *from, size_t bytes);
void *(memset)(void *to, int byte, size_t bytes);

#endif

/* Mark functions that compilers do not copy into their callers: RARE is hardly ever called; APART
 * is called so often that its caller, without it, saves no registers on its short way. */
#ifdef __GNUC__
#define RARE __attribute__((noinline, cold))
#define APART __attribute__((noinline))
#else
#define RARE
#define APART
#endif

#endif
