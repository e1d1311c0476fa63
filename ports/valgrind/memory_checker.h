/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory checker port: valgrind's memcheck. The core's header of hardening 3 has the contract.
 * Build lib/ with -DTLSF_MEMORY_CHECKER=1 -Iports/valgrind.
 */
#ifndef TLSF_MEMORY_CHECKER_H
#define TLSF_MEMORY_CHECKER_H

#include <stddef.h>
#include <stdint.h>

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

/* Valgrind calls a heap a memory pool. */
static inline void checker_end_heap(const void *heap) {
    if (VALGRIND_MEMPOOL_EXISTS(heap)) {
        VALGRIND_DESTROY_MEMPOOL(heap);
    }
}

/* A heap that never ended here is no obstacle. */
static inline void checker_begin_heap(const void *heap) {
    checker_end_heap(heap);
    VALGRIND_CREATE_MEMPOOL(heap, 0, 0);
}

static inline void payload_hand_out(const void *heap, const void *payload, size_t bytes) {
    VALGRIND_MEMPOOL_ALLOC(heap, payload, bytes);
}

static inline void payload_survived(const void *heap, const void *payload, size_t bytes) {
    VALGRIND_MEMPOOL_ALLOC(heap, payload, bytes);
    (void)VALGRIND_MAKE_MEM_DEFINED(payload, bytes);
}

/* Valgrind reports a payload that does not exist. At hardening 0 nothing else does. */
static inline void payload_take_back(const void *heap, const void *payload, size_t bytes) {
    CHECKER_RESUME();
    (void)bytes;
    VALGRIND_MEMPOOL_FREE(heap, payload);
}

/* A copy to closed memory loses which bytes are defined, so the target is opened. From `from` on it
 * is open already. */
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
