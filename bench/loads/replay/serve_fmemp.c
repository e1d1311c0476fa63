/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FMemp as a server. The region holds the whole heap, including the control structure. FMEMP_SERVER
 * names the function, so that one program can hold two builds.
 */
#include <fmemory_pool.h>
#include <string.h>

static FMemp memp;

static inline void *call_malloc(size_t size) { return FMempMalloc(&memp, size); }

static inline void *call_calloc(size_t size) { return FMempCalloc(&memp, 1, size); }

static inline void *call_memalign(size_t align, size_t size) {
    return FMempMallocAlign(&memp, size, align);
}

static inline void *call_realloc(void *ptr, size_t size) { return FMempRealloc(&memp, ptr, size); }

static inline void call_free(void *ptr) { FMempFree(&memp, ptr); }

#include "checked_calls.h"

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
