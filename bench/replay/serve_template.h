/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Serves the operations of a load. To be included once by each server, after it has defined
 *
 *     static inline void *server_malloc(size_t size);
 *     static inline void *server_calloc(size_t size);
 *     static inline void *server_memalign(size_t align, size_t size);
 *     static inline void *server_realloc(void *ptr, size_t size);
 *     static inline void server_free(void *ptr);
 *
 * so that an allocator is called directly, as in a program that uses it. The first and the
 * last byte of every block are written, and looked at before each realloc and free.
 */
#include "server.h"

/* Neighbouring slots have different stamps. */
static inline unsigned char slot_stamp(uint32_t slot) {
    return (unsigned char)(slot * 167 + (slot >> 8));
}

static inline void block_stamp(const block *stamped, unsigned char stamp) {
    if (stamped->size > 0) {
        stamped->ptr[0] = stamp;
        stamped->ptr[stamped->size - 1] = stamp;
    }
}

/* Not 0 when a byte has changed. */
static inline unsigned block_damage(const block *checked, unsigned char stamp) {
    if (checked->size == 0) {
        return 0;
    }
    return (unsigned)(checked->ptr[0] ^ stamp) |
           (unsigned)(checked->ptr[checked->size - 1] ^ stamp);
}

/* Not 0 when what both sizes have in common was not kept. */
static inline unsigned realloc_damage(const unsigned char *ptr, size_t old_size, size_t size,
                                      unsigned char stamp) {
    unsigned damage = 0;
    if (old_size > 0 && size > 0) {
        damage = (unsigned)(ptr[0] ^ stamp);
        if (size >= old_size) {
            damage |= (unsigned)(ptr[old_size - 1] ^ stamp);
        }
    }
    return damage;
}

/* Serves all operations; adds what it finds damaged to *damage. Returns false when a request
 * failed: its block is not live then, or as it was before realloc. */
static bool operations_serve(const load *served, block *blocks, unsigned *damage) {
    const operation *end = served->operations + served->count;
    for (const operation *next = served->operations; next < end; next++) {
        block *named = &blocks[next->slot];
        unsigned char stamp = slot_stamp(next->slot);
        size_t align;
        unsigned char *ptr;
        switch (next->kind) {
        case LOAD_FREE:
            *damage |= block_damage(named, stamp);
            server_free(named->ptr);
            named->ptr = NULL;
            continue;
        case LOAD_MALLOC:
            ptr = server_malloc(next->size);
            break;
        case LOAD_CALLOC:
            ptr = server_calloc(next->size);
            if (ptr != NULL) {
                *damage |= block_damage(&(block){.ptr = ptr, .size = next->size}, 0);
            }
            break;
        case LOAD_MEMALIGN:
            align = (size_t)1 << next->align_log2;
            ptr = server_memalign(align, next->size);
            *damage |= ((uintptr_t)ptr & (align - 1)) != 0;
            break;
        default: /* LOAD_REALLOC */
            *damage |= block_damage(named, stamp);
            ptr = server_realloc(named->ptr, next->size);
            if (ptr != NULL) {
                *damage |= realloc_damage(ptr, named->size, next->size, stamp);
            }
            break;
        }
        if (ptr == NULL) {
            return false;
        }
        *named = (block){.ptr = ptr, .size = next->size};
        block_stamp(named, stamp);
    }
    return true;
}

static serve_result load_serve(const load *served, block *blocks) {
    serve_result result = {0};
    unsigned damage = 0;
    uint64_t start = time_now();
    result.has_served_all = operations_serve(served, blocks, &damage);
    result.nanoseconds = time_now() - start;
    result.is_damaged = damage != 0;
    return result;
}
