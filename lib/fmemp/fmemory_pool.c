/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FMemp: the public functions. Each takes the lock, calls one function of a header beside this
 * file, and releases the lock. No header calls a public function, so the lock never nests.
 *
 *     fmemory_init.h         init, remove, reset       fmemory_ready.h    is it ready?
 *     fmemory_region.h       memory regions            fmemory_fault.h    the fault hook
 *     fmemory_block.h        allocate and free         fmemory_tag.h      where was it allocated?
 *     fmemory_statistics.h   figures                   fmemory_listing.h  every block, printed
 *
 * FMemp sees nothing of the core but tlsf.h. The headers are parts of this one file: what they
 * define is static, and the library gets no symbols beside the public functions.
 */
#include "fmemory_pool.h"

#include "fmemory_block.h"
#include "fmemory_fault.h"
#include "fmemory_init.h"
#include "fmemory_listing.h"
#include "fmemory_region.h"
#include "fmemory_statistics.h"

static_assert((FError)FMEMP_ERR_REGION_IN_USE == FMEMP_ERR_REGION_IN_USE,
              "an FError holds every error code");
static_assert(sizeof(u32) == 4 && sizeof(u64) == 8, "the SDK's types are as wide as their names");

/* ---- init and remove ---------------------------------------------------------------- */

FError FMempInit(FMemp *memp, void *begin_addr, void *end_addr) {
    FMempLockState state = FMempLock(memp);
    FError result = memp_init(memp, begin_addr, end_addr, 0);

    FMempUnlock(memp, state);
    return result;
}

FError FMempInitSized(FMemp *memp, void *begin_addr, void *end_addr, fsize_t largest_region) {
    FMempLockState state = FMempLock(memp);
    FError result = memp_init(memp, begin_addr, end_addr, largest_region);

    FMempUnlock(memp, state);
    return result;
}

void FMempRemove(FMemp *memp) {
    FMempLockState state = FMempLock(memp);

    memp_remove(memp);
    FMempUnlock(memp, state);
}

void FMempDeinit(FMemp *memp) {
    FMempLockState state = FMempLock(memp);

    memp_remove(memp);
    FMempUnlock(memp, state);
}

void FMempReset(FMemp *memp) {
    FMempLockState state = FMempLock(memp);

    memp_reset(memp);
    FMempUnlock(memp, state);
}

/* ---- regions ------------------------------------------------------------------------- */

FError FMempAddRegion(FMemp *memp, void *begin_addr, void *end_addr) {
    FMempLockState state = FMempLock(memp);
    FError result = region_add(memp, begin_addr, end_addr);

    FMempUnlock(memp, state);
    return result;
}

FError FMempRemoveRegion(FMemp *memp, void *begin_addr) {
    FMempLockState state = FMempLock(memp);
    FError result = region_remove(memp, begin_addr);

    FMempUnlock(memp, state);
    return result;
}

/* ---- blocks -------------------------------------------------------------------------- */

void *FMempMalloc(FMemp *memp, fsize_t nbytes) {
    FMempLockState state = FMempLock(memp);
    void *block = block_malloc(memp, nbytes, no_source);

    FMempUnlock(memp, state);
    return block;
}

void *FMempCalloc(FMemp *memp, fsize_t count, fsize_t size) {
    FMempLockState state = FMempLock(memp);
    void *block = block_calloc(memp, count, size, no_source);

    FMempUnlock(memp, state);
    return block;
}

void *FMempMallocAlign(FMemp *memp, fsize_t size, fsize_t align) {
    FMempLockState state = FMempLock(memp);
    void *block = block_malloc_align(memp, size, align, no_source);

    FMempUnlock(memp, state);
    return block;
}

void *FMempRealloc(FMemp *memp, void *ptr, fsize_t nbytes) {
    FMempLockState state = FMempLock(memp);
    void *block = block_realloc(memp, ptr, nbytes, no_source);

    FMempUnlock(memp, state);
    return block;
}

void *FMempReallocAlign(FMemp *memp, void *ptr, fsize_t size, fsize_t align) {
    FMempLockState state = FMempLock(memp);
    void *block = block_realloc_align(memp, ptr, size, align, no_source);

    FMempUnlock(memp, state);
    return block;
}

void FMempFree(FMemp *memp, void *ptr) {
    FMempLockState state = FMempLock(memp);

    block_free(memp, ptr);
    FMempUnlock(memp, state);
}

/* ---- reports ------------------------------------------------------------------------- */

void FMemProbe(FMemp *memp, u32 *total, u32 *used, u32 *max_used) {
    FMempLockState state = FMempLock(memp);

    probe(memp, total, used, max_used);
    FMempUnlock(memp, state);
}

FError FMempGetStats(FMemp *memp, FMempStats *stats) {
    FMempLockState state = FMempLock(memp);
    FError result = stats_get(memp, stats);

    FMempUnlock(memp, state);
    return result;
}

void FMemListAll(FMemp *memp) {
    FMempLockState state = FMempLock(memp);

    list_all(memp);
    FMempUnlock(memp, state);
}

/* ---- faults -------------------------------------------------------------------------- */

tlsf_fault_hook FMempSetFaultHook(FMemp *memp, tlsf_fault_hook hook) {
    FMempLockState state = FMempLock(memp);
    tlsf_fault_hook before = fault_set_hook(memp, hook);

    FMempUnlock(memp, state);
    return before;
}

/* ---- blocks with the place that asked for them ------------------------------------------- */

#if FMEMP_TAG_DEBUG
void *FMempMallocTag(FMemp *memp, fsize_t nbytes, const char *file, u32 line, const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_malloc(memp, nbytes, source_place(file, line, msg));

    FMempUnlock(memp, state);
    return block;
}

void *FMempCallocTag(FMemp *memp, fsize_t count, fsize_t size, const char *file, u32 line,
                     const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_calloc(memp, count, size, source_place(file, line, msg));

    FMempUnlock(memp, state);
    return block;
}

void *FMempMallocAlignTag(FMemp *memp, fsize_t size, fsize_t align, const char *file, u32 line,
                          const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_malloc_align(memp, size, align, source_place(file, line, msg));

    FMempUnlock(memp, state);
    return block;
}

void *FMempReallocTag(FMemp *memp, void *ptr, fsize_t nbytes, const char *file, u32 line,
                      const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_realloc(memp, ptr, nbytes, source_place(file, line, msg));

    FMempUnlock(memp, state);
    return block;
}

void *FMempReallocAlignTag(FMemp *memp, void *ptr, fsize_t size, fsize_t align, const char *file,
                           u32 line, const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_realloc_align(memp, ptr, size, align, source_place(file, line, msg));

    FMempUnlock(memp, state);
    return block;
}

void FMempFreeTag(FMemp *memp, void *ptr, const char *file, u32 line, const char *msg) {
    FMempLockState state = FMempLock(memp);

    (void)file;
    (void)line;
    (void)msg;
    block_free(memp, ptr);
    FMempUnlock(memp, state);
}
#endif
