/* SPDX-License-Identifier: BSD-3-Clause */
/* FMemp as a server: the heap is made in the region that it is given, control structure
 * included. FMEMP_SERVER names the function, so that two builds fit into one program. */
#include <fmemory_pool.h>
#include <string.h>

static FMemp memp;

static inline void *server_malloc(size_t size) { return FMempMalloc(&memp, size); }

static inline void *server_calloc(size_t size) { return FMempCalloc(&memp, 1, size); }

static inline void *server_memalign(size_t align, size_t size) {
    return FMempMallocAlign(&memp, size, align);
}

static inline void *server_realloc(void *ptr, size_t size) {
    return FMempRealloc(&memp, ptr, size);
}

static inline void server_free(void *ptr) { FMempFree(&memp, ptr); }

#include "serve_template.h"

#ifndef FMEMP_SERVER
#define FMEMP_SERVER serve_with_fmemp
#endif

serve_result FMEMP_SERVER(const load *served, block *blocks, void *region, size_t region_bytes) {
    FMempStats stats;
    if (FMempInit(&memp, region, (unsigned char *)region + region_bytes) != FMEMP_SUCCESS) {
        return (serve_result){0};
    }
    serve_result result = load_serve(served, blocks);
    FMempGetStats(&memp, &stats);
    result.free_bytes = stats.free_bytes == FMEMP_STATS_UNKNOWN ? 0 : (size_t)stats.free_bytes;
    result.largest_free = (size_t)stats.largest;
    memset(blocks, 0, served->slots * sizeof *blocks);
    FMempRemove(&memp);
    return result;
}
