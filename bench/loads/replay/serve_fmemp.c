/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FMemp as a server. The region holds the whole heap, including the control structure. The first
 * and the last byte of every block are written, and compared before each realloc and free.
 * FMEMP_SERVER names the function, so that one program can hold two builds.
 */
#include <fmemory_pool.h>
#include <string.h>

#include "server.h"

static FMemp memp;

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
            FMempFree(&memp, named->ptr);
            named->ptr = NULL;
            continue;
        case LOAD_MALLOC:
            ptr = FMempMalloc(&memp, next->size);
            break;
        case LOAD_CALLOC:
            ptr = FMempCalloc(&memp, 1, next->size);
            if (ptr != NULL) {
                *damage |= block_damage(&(live_block){.ptr = ptr, .size = next->size}, 0);
            }
            break;
        case LOAD_MEMALIGN:
            align = (size_t)1 << next->align_log2;
            ptr = FMempMallocAlign(&memp, next->size, align);
            *damage |= ((uintptr_t)ptr & (align - 1)) != 0;
            break;
        default: /* LOAD_REALLOC */
            *damage |= block_damage(named, stamp);
            ptr = FMempRealloc(&memp, named->ptr, next->size);
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

#ifndef FMEMP_SERVER
#define FMEMP_SERVER serve_with_fmemp
#endif

serve_result FMEMP_SERVER(const load *served, live_block *blocks, void *region,
                          size_t region_bytes) {
    serve_result result = {0};
    unsigned damage = 0;
    FMempStats stats;
    if (FMempInit(&memp, region, (unsigned char *)region + region_bytes) != FMEMP_SUCCESS) {
        return result;
    }
    result.served_calls = operations_serve(served, blocks, &damage);
    result.has_served_all = result.served_calls == served->count;
    result.is_damaged = damage != 0 || FMempCheck(&memp, NULL) != FMEMP_SUCCESS;
    FMempGetStats(&memp, &stats);
    result.free_bytes = stats.free_bytes == FMEMP_STATS_UNKNOWN ? 0 : (size_t)stats.free_bytes;
    result.largest_free = (size_t)stats.largest;
    memset(blocks, 0, served->slots * sizeof *blocks);
    FMempRemove(&memp);
    return result;
}
