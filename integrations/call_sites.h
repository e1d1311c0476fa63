/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who asked for a block that came through malloc or pvPortMalloc: what integrations/ on a heap of
 * the core share. Without FMEMP_CALL_SITES the functions below are those of tlsf.h. With
 * FMEMP_CALL_SITES 1 the heap is that of an FMemp, which keeps the call site of each block in 4
 * bytes: FMemListAll, the report of a fault and tools/heap name it.
 *
 * The caller holds the lock of its heap. A call_sites begins as zeros, and belongs to one heap.
 * `caller` is the CALL_SITE() of the function that the program called: mark that one with
 * KEEPS_CALL_SITE. The rest is as in tlsf.h.
 */
#ifndef CALL_SITES_H
#define CALL_SITES_H

#include "tlsf.h"

#ifndef FMEMP_CALL_SITES
#define FMEMP_CALL_SITES 0
#endif

#if FMEMP_CALL_SITES

#include "fmemory_pool.h"

typedef FMemp call_sites;

#define CALL_SITE() FMEMP_CALLER()
#ifdef __GNUC__
#define KEEPS_CALL_SITE __attribute__((noinline)) /* link-time optimization inlines across files */
#else
#define KEEPS_CALL_SITE
#endif

/* The fault hook is FMemp's: it prints the report, and stops by FMEMP_STOP. */
static inline tlsf_t sited_create(call_sites *sites, void *mem, size_t bytes, size_t largest_pool) {
    const FError made = FMempInitSized(sites, mem, (char *)mem + bytes, largest_pool);

    return made == FMEMP_SUCCESS ? sites->tlsf_ptr : NULL;
}

/* mem  aligned for a pointer. */
static inline pool_t sited_add_pool(call_sites *sites, tlsf_t t, void *mem, size_t bytes) {
    const FError added = FMempAddRegion(sites, mem, (char *)mem + bytes);

    (void)t;
    return added == FMEMP_SUCCESS ? ((const FMempPoolList *)mem)->pool_addr : NULL;
}

static inline void sited_destroy(call_sites *sites, tlsf_t t) {
    (void)t;
    FMempRemove(sites);
}

static inline void *sited_malloc(call_sites *sites, tlsf_t t, size_t bytes, const void *caller) {
    (void)t;
    return FMempSetCallSite(sites, FMempMalloc(sites, bytes), caller);
}

static inline void *sited_memalign(call_sites *sites, tlsf_t t, size_t align, size_t bytes,
                                   const void *caller) {
    (void)t;
    return FMempSetCallSite(sites, FMempMallocAlign(sites, bytes, align), caller);
}

/* Copies, too. So nothing is left to end: move->from is NULL. */
static inline void *sited_realloc_begin(call_sites *sites, tlsf_t t, void *ptr, size_t bytes,
                                        const void *caller, tlsf_move_t *move) {
    (void)t;
    move->from = NULL;
    return FMempSetCallSite(sites, FMempRealloc(sites, ptr, bytes), caller);
}

/* The bytes of live block ptr that its user may write; 0 for NULL. */
static inline size_t sited_block_size(call_sites *sites, void *ptr) {
    return FMempBlockSize(sites, ptr);
}

#else

typedef struct {
    char nothing; /* C has no empty structures */
} call_sites;

#define CALL_SITE() NULL
#define KEEPS_CALL_SITE

static inline tlsf_t sited_create(call_sites *sites, void *mem, size_t bytes, size_t largest_pool) {
    (void)sites;
    return tlsf_create_sized(mem, bytes, largest_pool);
}

static inline pool_t sited_add_pool(call_sites *sites, tlsf_t t, void *mem, size_t bytes) {
    (void)sites;
    return tlsf_add_pool(t, mem, bytes);
}

static inline void sited_destroy(call_sites *sites, tlsf_t t) {
    (void)sites;
    tlsf_destroy(t);
}

static inline void *sited_malloc(call_sites *sites, tlsf_t t, size_t bytes, const void *caller) {
    (void)sites;
    (void)caller;
    return tlsf_malloc(t, bytes);
}

static inline void *sited_memalign(call_sites *sites, tlsf_t t, size_t align, size_t bytes,
                                   const void *caller) {
    (void)sites;
    (void)caller;
    return tlsf_memalign(t, align, bytes);
}

/* If the block moves, move->from is not NULL: copy without the lock, then call tlsf_realloc_end. */
static inline void *sited_realloc_begin(call_sites *sites, tlsf_t t, void *ptr, size_t bytes,
                                        const void *caller, tlsf_move_t *move) {
    (void)sites;
    (void)caller;
    void *const block = tlsf_realloc_begin(t, ptr, 0, bytes, move);
    if (block == NULL || block == ptr) {
        move->from = NULL;
    }
    return block;
}

static inline size_t sited_block_size(call_sites *sites, void *ptr) {
    (void)sites;
    return tlsf_block_size(ptr);
}

#endif

#endif
