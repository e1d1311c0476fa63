/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The replay of a load that checks the content of blocks. To be included once by each server, after
 * it has defined
 *
 *     static inline void *call_malloc(size_t size);
 *     static inline void *call_calloc(size_t size);
 *     static inline void *call_memalign(size_t align, size_t size);
 *     static inline void *call_realloc(void *ptr, size_t size);
 *     static inline void call_free(void *ptr);
 *
 * The first and the last byte of every block are written, and compared before each realloc and
 * free.
 */
#include "server.h"

/* Slots close to each other have different stamps. */
static inline unsigned char slot_stamp(uint32_t slot) {
    return (unsigned char)(slot * 167 + (slot >> 8));
}

static inline void block_stamp(const live_block *stamped, unsigned char stamp) {
    if (stamped->size > 0) {
        stamped->ptr[0] = stamp;
        stamped->ptr[stamped->size - 1] = stamp;
    }
}

/* Not 0 when a byte has changed. */
static inline unsigned block_damage(const live_block *checked, unsigned char stamp) {
    if (checked->size == 0) {
        return 0;
    }
    return (unsigned)(checked->ptr[0] ^ stamp) |
           (unsigned)(checked->ptr[checked->size - 1] ^ stamp);
}

/* Not 0 when the content that fits both sizes was not kept. */
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

/* Serves operations up to the first request that fails, and adds damage that it finds to *damage.
 * Returns how many were served. The block of a request that failed is not live, or is as it was
 * before the realloc. */
static size_t operations_serve(const load *served, live_block *blocks, unsigned *damage) {
    const operation *end = served->operations + served->count;
    for (const operation *next = served->operations; next < end; next++) {
        live_block *named = &blocks[next->slot];
        unsigned char stamp = slot_stamp(next->slot);
        size_t align;
        unsigned char *ptr;
        switch (next->kind) {
        case LOAD_FREE:
            *damage |= block_damage(named, stamp);
            call_free(named->ptr);
            named->ptr = NULL;
            continue;
        case LOAD_MALLOC:
            ptr = call_malloc(next->size);
            break;
        case LOAD_CALLOC:
            ptr = call_calloc(next->size);
            if (ptr != NULL) {
                *damage |= block_damage(&(live_block){.ptr = ptr, .size = next->size}, 0);
            }
            break;
        case LOAD_MEMALIGN:
            align = (size_t)1 << next->align_log2;
            ptr = call_memalign(align, next->size);
            *damage |= ((uintptr_t)ptr & (align - 1)) != 0;
            break;
        default: /* LOAD_REALLOC */
            *damage |= block_damage(named, stamp);
            ptr = call_realloc(named->ptr, next->size);
            if (ptr != NULL) {
                *damage |= realloc_damage(ptr, named->size, next->size, stamp);
            }
            break;
        }
        if (ptr == NULL) {
            return (size_t)(next - served->operations);
        }
        *named = (live_block){.ptr = ptr, .size = next->size};
        block_stamp(named, stamp);
    }
    return served->count;
}
