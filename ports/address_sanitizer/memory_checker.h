/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory checker port: the address sanitizer. The core's header of hardening 3 has the contract.
 * Build lib/ with -DTLSF_MEMORY_CHECKER=1 -Iports/address_sanitizer -fno-sanitize=address: the
 * library touches what nobody else may.
 */
#ifndef TLSF_MEMORY_CHECKER_H
#define TLSF_MEMORY_CHECKER_H

#include <stddef.h>
#include <stdint.h>

#include <sanitizer/asan_interface.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define CHECKER_LOOKS_AT_LIBRARY
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(CHECKER_LOOKS_AT_LIBRARY)
#error "ports/address_sanitizer: compile lib/ with -fno-sanitize=address"
#endif

/* The library is not instrumented, so it needs no pause. */
#define CHECKER_PAUSE() ((void)0)
#define CHECKER_RESUME() ((void)0)

/* The sanitizer closes memory in aligned words of this size, and at the end of a word. */
enum { CHECKER_WORD = 8 };

static inline void memory_take(const void *begin, size_t bytes) {
    __asan_poison_memory_region(begin, bytes);
}

static inline void memory_give_back(const void *begin, size_t bytes) {
    __asan_unpoison_memory_region(begin, bytes);
}

static inline void checker_begin_heap(const void *heap) { (void)heap; }

static inline void checker_end_heap(const void *heap) { (void)heap; }

static inline void payload_hand_out(const void *heap, const void *payload, size_t bytes) {
    (void)heap;
    __asan_unpoison_memory_region(payload, bytes);
}

static inline void payload_survived(const void *heap, const void *payload, size_t bytes) {
    payload_hand_out(heap, payload, bytes);
}

/* With granule 4 a payload can begin within a word. Opening it has opened its header, too. */
static inline void payload_take_back(const void *heap, const void *payload, size_t bytes) {
    const size_t opened = (uintptr_t)payload % CHECKER_WORD;
    (void)heap;
    __asan_poison_memory_region((const char *)payload - opened, opened + bytes);
}

/* Between the halves of a realloc the caller's program copies, and the sanitizer looks at it. */
static inline void payload_make_way(const void *to, const void *from, size_t bytes) {
    const size_t distance = (uintptr_t)from - (uintptr_t)to;
    __asan_unpoison_memory_region(to, bytes < distance ? bytes : distance);
}

static inline void payload_moved(const void *heap, const void *from, size_t kept, const void *to,
                                 size_t bytes) {
    payload_take_back(heap, from, kept);
    payload_hand_out(heap, to, bytes);
}

/* The sanitizer looks at the C library's memory functions, whoever calls them. The library uses
 * these instead. They are volatile, so that no compiler turns them into a call. */
static inline void *checker_memset(void *to, int byte, size_t bytes) {
    volatile unsigned char *target = (volatile unsigned char *)to;
    for (size_t i = 0; i < bytes; i++) {
        target[i] = (unsigned char)byte;
    }
    return to;
}

static inline void *checker_memmove(void *to, const void *from, size_t bytes) {
    volatile unsigned char *target = (volatile unsigned char *)to;
    const volatile unsigned char *source = (const volatile unsigned char *)from;
    const int is_down = (uintptr_t)to < (uintptr_t)from;
    for (size_t i = 0; i < bytes; i++) {
        const size_t at = is_down ? i : bytes - 1 - i;
        target[at] = source[at];
    }
    return to;
}

#define memset(to, byte, bytes) checker_memset(to, byte, bytes)
#define memmove(to, from, bytes) checker_memmove(to, from, bytes)
#define memcpy(to, from, bytes) checker_memmove(to, from, bytes)

#endif
