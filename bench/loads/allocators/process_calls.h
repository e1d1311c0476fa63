/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls of an allocator of the process, through the table `calls`. Each allocator includes this
 * once. */
#include <stddef.h>

typedef struct {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*memalign)(size_t align, size_t size);
    void *(*realloc)(void *ptr, size_t size);
    void (*free)(void *ptr);
} process_calls;

static process_calls calls;

static inline void *call_malloc(size_t size) { return calls.malloc(size); }

static inline void *call_calloc(size_t size) { return calls.calloc(1, size); }

static inline void *call_memalign(size_t align, size_t size) { return calls.memalign(align, size); }

static inline void *call_realloc(void *ptr, size_t size) { return calls.realloc(ptr, size); }

static inline void call_free(void *ptr) { calls.free(ptr); }

#include "timed_calls.h"
