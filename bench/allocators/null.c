/* SPDX-License-Identifier: BSD-3-Clause */
/* An allocator that knows every answer beforehand. */
#include <stdlib.h>
#include <string.h>

static void **addresses; /* what the calls of a load return, in order */
static void **next_address;

static void *null_malloc(size_t size) {
    (void)size;
    return *next_address++;
}

static void *null_memalign(size_t align, size_t size) {
    (void)align;
    (void)size;
    return *next_address++;
}

static void *null_realloc(void *ptr, size_t size) {
    (void)ptr;
    (void)size;
    return *next_address++;
}

static void null_free(void *ptr) { (void)ptr; }

typedef struct {
    void *(*malloc)(size_t size);
    void *(*memalign)(size_t align, size_t size);
    void *(*realloc)(void *ptr, size_t size);
    void (*free)(void *ptr);
} null_calls;

/* Volatile, so that no compiler turns the indirect calls into direct ones. */
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
    next_address = addresses;
    return addresses != NULL;
}

bool null_prepare(const allocator *model, const load *served, void *region, size_t bytes) {
    unsigned char **blocks = calloc(served->slots, sizeof *blocks);
    size_t learnt = 0;
    addresses = malloc(served->count * sizeof *addresses);
    bool is_sound = blocks != NULL && addresses != NULL && model->begin(region, bytes);
    for (size_t i = 0; is_sound && i < served->count; i++) {
        const operation *next = &served->operations[i];
        is_sound = model->serve(next, next + 1, blocks);
        if (next->kind != LOAD_FREE) {
            addresses[learnt++] = blocks[next->slot];
        }
    }
    free(blocks);
    return is_sound;
}

const allocator null_allocator = {.name = "harness", .begin = begin, TIMED_CALLS};
