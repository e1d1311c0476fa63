/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap of tlsf.h under the lock of an operating system: what the files of integrations/ for such
 * systems share. The file that includes this header defines before:
 *
 *     typedef ... heap_lock_state;
 *     static heap_lock_state heap_lock(void);         keeps out every other user of the heap
 *     static void heap_unlock(heap_lock_state state);  makes it as it was before heap_lock
 *
 * The lock is held for a bounded number of instructions. Blocks are zeroed and copied without it.
 * The first argument of each function is a heap that is not NULL.
 */
#ifndef LOCKED_HEAP_H
#define LOCKED_HEAP_H

#include <stdint.h>
#include <string.h>

#include "tlsf.h"

/* As tlsf_memalign. */
static inline void *locked_memalign(tlsf_t t, size_t align, size_t bytes) {
    const heap_lock_state state = heap_lock();
    void *const block = tlsf_memalign(t, align, bytes);
    heap_unlock(state);
    return block;
}

/* As tlsf_calloc. */
static inline void *locked_calloc(tlsf_t t, size_t count, size_t size) {
    if (size > 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    void *const block = locked_memalign(t, 0, count * size);
    if (block != NULL) {
        (void)memset(block, 0, count * size);
    }
    return block;
}

/* As tlsf_realloc. */
static inline void *locked_realloc(tlsf_t t, void *ptr, size_t bytes) {
    tlsf_move_t move;
    heap_lock_state state = heap_lock();
    void *block = tlsf_realloc_begin(t, ptr, 0, bytes, &move);
    heap_unlock(state);
    if (ptr != NULL && block != NULL && block != ptr) {
        (void)memmove(move.to, move.from, move.bytes);
        state = heap_lock();
        block = tlsf_realloc_end(t, &move);
        heap_unlock(state);
    }
    return block;
}

/* As tlsf_free. */
static inline void locked_free(tlsf_t t, void *ptr) {
    const heap_lock_state state = heap_lock();
    tlsf_free(t, ptr);
    heap_unlock(state);
}

/* As tlsf_stats. */
static inline tlsf_stats_t locked_stats(tlsf_t t) {
    tlsf_stats_t stats;
    const heap_lock_state state = heap_lock();
    (void)tlsf_stats(t, &stats);
    heap_unlock(state);
    return stats;
}

#endif
