/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The code that is timed. To be included once by each way of calling an allocator, after it has
 * defined
 *
 *     static inline void *call_malloc(size_t size);
 *     static inline void *call_calloc(size_t size);
 *     static inline void *call_memalign(size_t align, size_t size);
 *     static inline void *call_realloc(void *ptr, size_t size);
 *     static inline void call_free(void *ptr);
 *
 * TIMED_CALLS then fills those members of an allocator that are defined here.
 */
#include "../../support/timer.h"
#include "allocator.h"

#define TIMED_CALLS \
    .serve = operations_serve, .blocks_free = blocks_free, .malloc_time = malloc_time, \
    .memalign_time = memalign_time, .realloc_time = realloc_time, .free_time = free_time

static inline void block_write(unsigned char *ptr) { *(volatile unsigned char *)ptr = 1; }

static inline void block_read(const unsigned char *ptr) {
    (void)*(const volatile unsigned char *)ptr;
}

static bool operations_serve(const operation *next, const operation *end, unsigned char **blocks) {
    for (; next < end; next++) {
        unsigned char **named = &blocks[next->slot];
        unsigned char *ptr;
        switch (next->kind) {
        case LOAD_FREE:
            block_read(*named);
            call_free(*named);
            *named = NULL;
            continue;
        case LOAD_MALLOC:
            ptr = call_malloc(next->size);
            break;
        case LOAD_CALLOC:
            ptr = call_calloc(next->size);
            break;
        case LOAD_MEMALIGN:
            ptr = call_memalign((size_t)1 << next->align_log2, next->size);
            break;
        default: /* LOAD_REALLOC */
            block_read(*named);
            ptr = call_realloc(*named, next->size);
            break;
        }
        if (ptr == NULL) {
            return false;
        }
        block_write(ptr);
        *named = ptr;
    }
    return true;
}

static void blocks_free(unsigned char **blocks, size_t slots) {
    for (size_t slot = 0; slot < slots; slot++) {
        if (blocks[slot] != NULL) {
            call_free(blocks[slot]);
            blocks[slot] = NULL;
        }
    }
}

static uint32_t malloc_time(size_t size, void **result) {
    uint64_t start = timer_start();
    void *ptr = call_malloc(size);
    uint64_t stop = timer_stop();
    *result = ptr;
    return timer_ticks(start, stop);
}

static uint32_t memalign_time(size_t align, size_t size, void **result) {
    uint64_t start = timer_start();
    void *ptr = call_memalign(align, size);
    uint64_t stop = timer_stop();
    *result = ptr;
    return timer_ticks(start, stop);
}

static uint32_t realloc_time(void *ptr, size_t size, void **result) {
    uint64_t start = timer_start();
    void *moved = call_realloc(ptr, size);
    uint64_t stop = timer_stop();
    *result = moved;
    return timer_ticks(start, stop);
}

static uint32_t free_time(void *ptr) {
    uint64_t start = timer_start();
    call_free(ptr);
    return timer_ticks(start, timer_stop());
}
