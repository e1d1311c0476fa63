/* SPDX-License-Identifier: BSD-3-Clause */
/* FMemp. Compiled once for each build of the library; TLSF_PREFIX keeps their names apart.
 *   FMEMP_ALLOCATOR       the allocator's identifier
 *   FMEMP_ALLOCATOR_NAME  its name in reports */
#include <fmemory_pool.h>

typedef struct {
    void *(*malloc)(FMemp *memp, fsize_t size);
    void *(*calloc)(FMemp *memp, fsize_t count, fsize_t size);
    void *(*memalign)(FMemp *memp, fsize_t size, fsize_t align);
    void *(*realloc)(FMemp *memp, void *ptr, fsize_t size);
    void (*free)(FMemp *memp, void *ptr);
} fmemp_calls;

/* Volatile, so that compilers keep the calls indirect. */
static fmemp_calls volatile calls = {FMempMalloc, FMempCalloc, FMempMallocAlign, FMempRealloc,
                                     FMempFree};
static FMemp memp;

static inline void *call_malloc(size_t size) { return calls.malloc(&memp, size); }

static inline void *call_calloc(size_t size) { return calls.calloc(&memp, 1, size); }

static inline void *call_memalign(size_t align, size_t size) {
    return calls.memalign(&memp, size, align);
}

static inline void *call_realloc(void *ptr, size_t size) { return calls.realloc(&memp, ptr, size); }

static inline void call_free(void *ptr) { calls.free(&memp, ptr); }

#include "timed_calls.h"

static bool begin(void *region, size_t bytes) {
    FMempRemove(&memp);
    return FMempInit(&memp, region, (unsigned char *)region + bytes) == FMEMP_SUCCESS;
}

const allocator FMEMP_ALLOCATOR = {.name = FMEMP_ALLOCATOR_NAME, .begin = begin, TIMED_CALLS};
