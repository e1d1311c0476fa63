/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What memory checkers are told (TLSF_MEMORY_CHECKER): whose each byte of a heap's memory is, so
 * that a stray access is reported when it is made. Without one every function here does nothing.
 *
 * What the heap has taken and not handed out is closed: nobody may touch it but the library, which
 * is not looked at. It may read and write before or after each of these calls alike, but for
 * payload_make_way.
 *
 * This is the one file that knows the tools.
 */
#ifndef TLSF_MEMORY_CHECKER_H
#define TLSF_MEMORY_CHECKER_H

#include <stddef.h>
#include <stdint.h>

#include "memory.h"
#include "tlsf_config.h"

/*
 *  memory_take(begin, bytes)          the owner's memory becomes the heap's
 *  memory_give_back(begin, bytes)     it is the owner's again, its content undefined
 *  checker_begin_heap(heap)           the heap has no blocks, whatever was there before
 *  checker_end_heap(heap)             it will not have any more
 *  payload_hand_out(heap, payload, bytes)      a new block's payload is a user's, undefined
 *  payload_take_back(heap, payload, bytes)     it is the heap's again
 *  payload_make_way(to, from, bytes)           so many bytes of a payload are about to be copied
 *                                     down
 *  payload_moved(heap, from, kept, to, bytes)  [from, from + kept) has become [to, to + bytes),
 *                                     which begins no later, with as much of its content as both
 *                                     hold
 *
 *  CHECKER_PAUSE()     stands where a function begins to read what is closed: up to its end nothing
 *                      is reported
 *  CHECKER_RESUME()    stands before the call of a function of the user's, and means the rest of
 *                      its braces; a fault found by a call that realloc makes to move a block is
 *                      told in the pause all the same
 */

#if TLSF_MEMORY_CHECKER == TLSF_NO_CHECKER

/* Macros: what blocks would have to be asked for is not. */
#define CHECKER_PAUSE() ((void)0)
#define CHECKER_RESUME() ((void)0)
#define memory_take(begin, bytes) ((void)(begin), (void)(bytes))
#define memory_give_back(begin, bytes) ((void)(begin), (void)(bytes))
#define checker_begin_heap(heap) ((void)0)
#define checker_end_heap(heap) ((void)0)
#define payload_hand_out(heap, payload, bytes) ((void)0)
#define payload_take_back(heap, payload, bytes) ((void)0)
#define payload_make_way(to, from, bytes) ((void)0)
#define payload_moved(heap, from, kept, to, bytes) ((void)0)

#elif TLSF_MEMORY_CHECKER == TLSF_ADDRESS_SANITIZER

/* ---- address sanitizer --------------------------------------------------------------- */

#include <sanitizer/asan_interface.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define CHECKER_LOOKS_AT_LIBRARY
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(CHECKER_LOOKS_AT_LIBRARY)
#error "TLSF_ADDRESS_SANITIZER: lib/ has to be compiled with -fno-sanitize=address"
#endif

/* What is not instrumented needs no pause. */
#define CHECKER_PAUSE() ((void)0)
#define CHECKER_RESUME() ((void)0)

/* Memory is closed in aligned words of so many bytes, and in the ends of words. */
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

/* A payload that begins within a word, as it can with granule 4, has had its header opened too. */
static inline void payload_take_back(const void *heap, const void *payload, size_t bytes) {
    const size_t opened = (uintptr_t)payload % CHECKER_WORD;
    (void)heap;
    __asan_poison_memory_region((const char *)payload - opened, opened + bytes);
}

static inline void payload_make_way(const void *to, const void *from, size_t bytes) {
    (void)to, (void)from, (void)bytes;
}

static inline void payload_moved(const void *heap, const void *from, size_t kept, const void *to,
                                 size_t bytes) {
    payload_take_back(heap, from, kept);
    payload_hand_out(heap, to, bytes);
}

/* The C library's memory functions are looked at, whoever calls them: in their place the library
 * has these. Volatile, so that no compiler makes a call of them. */
static inline void *checker_memset(void *to, int byte, size_t bytes) {
    volatile unsigned char *target = to;
    for (size_t i = 0; i < bytes; i++) {
        target[i] = (unsigned char)byte;
    }
    return to;
}

static inline void *checker_memmove(void *to, const void *from, size_t bytes) {
    volatile unsigned char *target = to;
    const volatile unsigned char *source = from;
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

#else

/* ---- valgrind ------------------------------------------------------------------------ */

#include <valgrind/memcheck.h>

static inline int checker_stop(void) {
    VALGRIND_DISABLE_ERROR_REPORTING;
    return 0;
}

static inline int checker_go_on(void) {
    VALGRIND_ENABLE_ERROR_REPORTING;
    return 0;
}

static inline void checker_end_pause(const int *pause) {
    (void)pause;
    checker_go_on();
}

static inline void checker_end_resumption(const int *resumption) {
    (void)resumption;
    checker_stop();
}

#define CHECKER_PAUSE() \
    const int checker_pause __attribute__((cleanup(checker_end_pause), unused)) = checker_stop()
#define CHECKER_RESUME() \
    const int checker_resumption __attribute__((cleanup(checker_end_resumption), unused)) = \
        checker_go_on()

static inline void memory_take(const void *begin, size_t bytes) {
    (void)VALGRIND_MAKE_MEM_NOACCESS(begin, bytes);
}

static inline void memory_give_back(const void *begin, size_t bytes) {
    (void)VALGRIND_MAKE_MEM_UNDEFINED(begin, bytes);
}

/* A heap is what valgrind calls a memory pool. */
static inline void checker_end_heap(const void *heap) {
    if (VALGRIND_MEMPOOL_EXISTS(heap)) {
        VALGRIND_DESTROY_MEMPOOL(heap);
    }
}

/* One that never ended is no obstacle. */
static inline void checker_begin_heap(const void *heap) {
    checker_end_heap(heap);
    VALGRIND_CREATE_MEMPOOL(heap, 0, 0);
}

static inline void payload_hand_out(const void *heap, const void *payload, size_t bytes) {
    VALGRIND_MEMPOOL_ALLOC(heap, payload, bytes);
}

/* Valgrind says so when there is no such payload, which at hardening 0 nobody else does. */
static inline void payload_take_back(const void *heap, const void *payload, size_t bytes) {
    CHECKER_RESUME();
    (void)bytes;
    VALGRIND_MEMPOOL_FREE(heap, payload);
}

/* Of what is copied to closed memory it would no longer be known which bytes are defined. What is
 * not before `from` is open. */
static inline void payload_make_way(const void *to, const void *from, size_t bytes) {
    const size_t distance = (uintptr_t)from - (uintptr_t)to;
    (void)VALGRIND_MAKE_MEM_UNDEFINED(to, bytes < distance ? bytes : distance);
}

static inline void payload_moved(const void *heap, const void *from, size_t kept, const void *to,
                                 size_t bytes) {
    const uintptr_t end = (uintptr_t)to + bytes, old_end = (uintptr_t)from + kept;
    const uintptr_t left = end > (uintptr_t)from ? end : (uintptr_t)from;
    VALGRIND_MEMPOOL_CHANGE(heap, from, to, bytes);
    if (left < old_end) {
        (void)VALGRIND_MAKE_MEM_NOACCESS(left, old_end - left);
    }
    if (bytes > kept) {
        (void)VALGRIND_MAKE_MEM_UNDEFINED((uintptr_t)to + kept, bytes - kept);
    }
}

#endif

#endif
