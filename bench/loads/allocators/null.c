/* SPDX-License-Identifier: BSD-3-Clause */
/* An allocator with a single block. */
#include <stddef.h>

static unsigned char only_block[64];

static void *null_malloc(size_t size) {
    (void)size;
    return only_block;
}

static void *null_memalign(size_t align, size_t size) {
    (void)align;
    (void)size;
    return only_block;
}

static void *null_realloc(void *ptr, size_t size) {
    (void)size;
    return ptr;
}

static void null_free(void *ptr) { (void)ptr; }

typedef struct {
    void *(*malloc)(size_t size);
    void *(*memalign)(size_t align, size_t size);
    void *(*realloc)(void *ptr, size_t size);
    void (*free)(void *ptr);
} null_calls;

/* Volatile, so that compilers keep the calls indirect. */
static null_calls volatile calls = {null_malloc, null_memalign, null_realloc, null_free};

static inline void *call_malloc(size_t size) { return calls.malloc(size); }

static inline void *call_calloc(size_t size) { return calls.malloc(size); }

static inline void *call_memalign(size_t align, size_t size) { return calls.memalign(align, size); }

static inline void *call_realloc(void *ptr, size_t size) { return calls.realloc(ptr, size); }

static inline void call_free(void *ptr) { calls.free(ptr); }

#include "timed_calls.h"

static bool begin(void *region, size_t bytes) {
    (void)region;
    (void)bytes;
    return true;
}

const allocator null_allocator = {.name = "harness", .begin = begin, TIMED_CALLS};
