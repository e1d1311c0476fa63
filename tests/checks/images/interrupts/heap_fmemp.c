/* SPDX-License-Identifier: BSD-3-Clause */
/* An FMemp, with the lock that is linked. */
#include "fmemory_pool.h"
#include "heap.h"

static u8 buffer[12000];
static u8 added[3000];
static FMemp memp;

void heap_begin(void) { (void)FMempInit(&memp, buffer, buffer + sizeof buffer); }

void *heap_malloc(size_t bytes) { return FMempMalloc(&memp, bytes); }
void *heap_calloc(size_t bytes) { return FMempCalloc(&memp, bytes, 1); }
void *heap_malloc_aligned(size_t bytes, size_t align) {
    return FMempMallocAlign(&memp, bytes, align);
}
void *heap_realloc(void *block, size_t bytes) { return FMempRealloc(&memp, block, bytes); }
void heap_free(void *block) { FMempFree(&memp, block); }

void heap_figures(void) {
    FMempStats stats;
    u32 used;
    (void)FMempGetStats(&memp, &stats);
    FMemProbe(&memp, NULL, &used, NULL);
}

/* A region comes and goes. Interrupts may hold blocks in it: then it stays. */
void heap_program_only(void) {
    if (FMempRemoveRegion(&memp, added) != FMEMP_ERR_REGION_IN_USE) {
        (void)FMempAddRegion(&memp, added, added + sizeof added);
    }
}

int heap_check(void) {
    FMempStats stats;
    (void)FMempGetStats(&memp, &stats);
    const int broken = tlsf_check(memp.tlsf_ptr);
    return broken != TLSF_SOUND ? broken : stats.used_bytes != 0 ? -1 : 0;
}
