/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FMemp: the public functions. Each takes the lock, calls one function of a header beside this
 * file, and releases the lock. Work that is linear in a block comes behind the lock. No header
 * calls a public function, so the lock never nests.
 *
 *     fmemory_init.h         init, remove, reset       fmemory_ready.h    is it ready?
 *     fmemory_region.h       memory regions            fmemory_fault.h    the fault hook
 *     fmemory_block.h        allocate and free         fmemory_tag.h      where was it allocated?
 *     fmemory_failure.h      the failure hook          fmemory_walk.h     every block
 *     fmemory_statistics.h   figures                   fmemory_listing.h  every block, printed
 *     fmemory_check.h        what is broken            fmemory_attach.h   after a reset
 *     fmemory_dump.h         for tools/heap            fmemory_trace.h    call sites for events
 *
 * FMemp sees nothing of the core but tlsf.h. The headers are parts of this one file: what they
 * define is static, and the library gets no symbols beside the public functions.
 */
#include "fmemory_pool.h"

#include "fmemory_attach.h"
#include "fmemory_block.h"
#include "fmemory_check.h"
#include "fmemory_dump.h"
#include "fmemory_failure.h"
#include "fmemory_fault.h"
#include "fmemory_init.h"
#include "fmemory_listing.h"
#include "fmemory_region.h"
#include "fmemory_statistics.h"
#include "fmemory_walk.h"

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

FError FMempAttachRegions(FMemp *memp, void *begin_addr, void *end_addr, const tlsf_region_t *added,
                          fsize_t count, FMempReport *lost) {
    FMempLockState state = FMempLock(memp);
    FMempReport unwanted;
    FError result =
        memp_attach(memp, begin_addr, end_addr, added, count, lost == NULL ? &unwanted : lost);

    FMempUnlock(memp, state);
    return result;
}

FError FMempAttach(FMemp *memp, void *begin_addr, void *end_addr, FMempReport *lost) {
    FMempLockState state = FMempLock(memp);
    FMempReport unwanted;
    FError result =
        memp_attach(memp, begin_addr, end_addr, NULL, 0, lost == NULL ? &unwanted : lost);

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

/* Requests: with the lock, but without what is linear in a block. A request that is served at once
 * jumps into the core, where there is no lock, and saves no registers. */

/* Every request of an FMemp that does not serve at once: it is not ready, or has a failure hook.
 * The lock is held, and released here. */
static RARE void *other_request(FMemp *memp, FMempLockState state, void *ptr, fsize_t size,
                                fsize_t align, const struct source *source) {
    FMempFailure failure = failure_of(ptr, size, align, source);
    FMempFailureHook hook;
    tlsf_move_t move;
    void *payload = NULL;

    if (memp_is_ready_or_starts(memp)) {
        payload = block_realloc_begin(memp, ptr, size, align, source, &move);
    }
    hook = failure_begin(memp, payload, &failure);
    FMempUnlock(memp, state);
    if (block_moves(ptr, payload)) {
        block_copy(&move, size);
        state = FMempLock(memp);
        payload = block_realloc_end(memp, source, &move);
        hook = failure_begin(memp, payload, &failure);
        FMempUnlock(memp, state);
    }
    if (hook != NULL) {
        hook(memp, &failure);
        state = FMempLock(memp);
        failure_end(memp);
        FMempUnlock(memp, state);
    }
    return payload;
}

/* Calls of other_request with few arguments, which all go in registers: more would cost each
 * request a stack frame. */
static RARE void *other_malloc(FMemp *memp, FMempLockState state, fsize_t nbytes,
                               const struct source *source) {
    return other_request(memp, state, NULL, nbytes, 0, source);
}

static RARE void *other_aligned(FMemp *memp, FMempLockState state, fsize_t size, fsize_t align,
                                const struct source *source) {
    return other_request(memp, state, NULL, size, align, source);
}

static inline void *allocate(FMemp *memp, fsize_t nbytes, const struct source *source) {
    FMempLockState state = FMempLock(memp);
    void *payload;

    if (!memp_serves_at_once(memp)) {
        return other_malloc(memp, state, nbytes, source);
    }
    payload = block_malloc(memp, nbytes, source);
    FMempUnlock(memp, state);
    return payload;
}

static inline void *allocate_aligned(FMemp *memp, fsize_t size, fsize_t align,
                                     const struct source *source) {
    FMempLockState state = FMempLock(memp);
    void *payload;

    if (!memp_serves_at_once(memp)) {
        return other_aligned(memp, state, size, align, source);
    }
    payload = block_malloc_align(memp, size, align, source);
    FMempUnlock(memp, state);
    return payload;
}

/* A realloc that moves its block copies between two sections with the lock. */
static void *reallocate(FMemp *memp, void *ptr, fsize_t size, fsize_t align,
                        const struct source *source) {
    FMempLockState state = FMempLock(memp);
    tlsf_move_t move;
    void *payload;

    if (!memp_serves_at_once(memp)) {
        return other_request(memp, state, ptr, size, align, source);
    }
    payload = block_realloc_begin(memp, ptr, size, align, source, &move);
    FMempUnlock(memp, state);
    if (block_moves(ptr, payload)) {
        block_copy(&move, size);
        state = FMempLock(memp);
        payload = block_realloc_end(memp, source, &move);
        FMempUnlock(memp, state);
    }
    return payload;
}

/* What a block of FMempMallocAlign gets. */
static void *block_aligned(void *payload, fsize_t size) {
    return FMEMP_MALLOC_ALIGN_ZEROES ? block_zeroed(payload, size) : payload;
}

void *FMempMalloc(FMemp *memp, fsize_t nbytes) {
    PLAIN_SOURCE(source);

    return allocate(memp, nbytes, source);
}

void *FMempCalloc(FMemp *memp, fsize_t count, fsize_t size) {
    PLAIN_SOURCE(source);
    fsize_t nbytes = array_bytes(count, size);

    return block_zeroed(allocate(memp, nbytes, source), nbytes);
}

void *FMempMallocAlign(FMemp *memp, fsize_t size, fsize_t align) {
    PLAIN_SOURCE(source);

    return block_aligned(allocate_aligned(memp, size, align, source), size);
}

void *FMempRealloc(FMemp *memp, void *ptr, fsize_t nbytes) {
    PLAIN_SOURCE(source);

    return reallocate(memp, ptr, nbytes, 0, source);
}

void *FMempReallocAlign(FMemp *memp, void *ptr, fsize_t size, fsize_t align) {
    PLAIN_SOURCE(source);

    return reallocate(memp, ptr, size, align, source);
}

fsize_t FMempBlockSize(FMemp *memp, void *ptr) {
    FMempLockState state = FMempLock(memp);
    fsize_t size = block_usable(memp, ptr);

    FMempUnlock(memp, state);
    return size;
}

void FMempFree(FMemp *memp, void *ptr) {
    FMempLockState state = FMempLock(memp);

    block_free(memp, ptr, FMEMP_CALLER());
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

/* Takes the lock for each step of the listing, and never while it prints. */
void FMemListAll(FMemp *memp) {
    struct listing listing;
    FMempLockState state;
    bool goes_on;

    if (!FMEMP_PRINTS) {
        return;
    }
    state = FMempLock(memp);
    goes_on = listing_begin(&listing, memp);
    FMempUnlock(memp, state);
    text_begin(&listing.text, print_piece);
    if (!goes_on) {
        listing_print_not_ready(&listing);
        return;
    }
    goes_on = listing_can_walk(&listing);
    while (goes_on) {
        state = FMempLock(memp);
        goes_on = listing_step(&listing, memp);
        FMempUnlock(memp, state);
        if (goes_on) {
            listing_print(&listing);
        }
    }
    listing_print_end(&listing);
}

void FMempResetPeak(FMemp *memp) {
    FMempLockState state = FMempLock(memp);

    peak_reset(memp);
    FMempUnlock(memp, state);
}

FError FMempGetSurvey(FMemp *memp, FMempSurvey *survey) {
    FMempLockState state = FMempLock(memp);
    FError result = survey_get(memp, survey);

    FMempUnlock(memp, state);
    return result;
}

FError FMempWalk(FMemp *memp, FMempWalker walker, void *user) {
    FMempLockState state = FMempLock(memp);
    FError result = memp_walk(memp, walker, user);

    FMempUnlock(memp, state);
    return result;
}

FError FMempCheck(FMemp *memp, FMempReport *report) {
    FMempLockState state = FMempLock(memp);
    FError result = memp_check(memp, report);

    FMempUnlock(memp, state);
    return result;
}

FError FMempDump(FMemp *memp, tlsf_writer write, void *context) {
    FMempLockState state = FMempLock(memp);
    FError result = memp_dump(memp, write, context);

    FMempUnlock(memp, state);
    return result;
}

int FMempOwns(FMemp *memp, const void *ptr) {
    FMempLockState state = FMempLock(memp);
    int result = memp_owns(memp, ptr);

    FMempUnlock(memp, state);
    return result;
}

int FMempLooksLive(FMemp *memp, const void *ptr) {
    FMempLockState state = FMempLock(memp);
    int result = memp_looks_live(memp, ptr);

    FMempUnlock(memp, state);
    return result;
}

int FMempLocate(FMemp *memp, const void *ptr, FMempBlock *found) {
    FMempLockState state = FMempLock(memp);
    int result = memp_locate(memp, ptr, found);

    FMempUnlock(memp, state);
    return result;
}

/* ---- faults -------------------------------------------------------------------------- */

tlsf_fault_hook FMempSetFaultHook(FMemp *memp, tlsf_fault_hook hook) {
    FMempLockState state = FMempLock(memp);
    tlsf_fault_hook before = fault_set_hook(memp, hook);

    FMempUnlock(memp, state);
    return before;
}

/* ---- failures --------------------------------------------------------------------------- */

FMempFailureHook FMempSetFailureHook(FMemp *memp, FMempFailureHook hook) {
    FMempLockState state = FMempLock(memp);
    FMempFailureHook before = failure_set_hook(memp, hook);

    FMempUnlock(memp, state);
    return before;
}

/* ---- blocks with the place that asked for them ------------------------------------------- */

#if FMEMP_TAGS
void *FMempMallocTag(FMemp *memp, fsize_t nbytes, const char *file, unsigned long line,
                     const char *msg) {
    const struct source source = source_place(file, line, msg, FMEMP_CALLER());

    return allocate(memp, nbytes, &source);
}

void *FMempCallocTag(FMemp *memp, fsize_t count, fsize_t size, const char *file, unsigned long line,
                     const char *msg) {
    const struct source source = source_place(file, line, msg, FMEMP_CALLER());
    fsize_t nbytes = array_bytes(count, size);

    return block_zeroed(allocate(memp, nbytes, &source), nbytes);
}

void *FMempMallocAlignTag(FMemp *memp, fsize_t size, fsize_t align, const char *file,
                          unsigned long line, const char *msg) {
    const struct source source = source_place(file, line, msg, FMEMP_CALLER());

    return block_aligned(allocate_aligned(memp, size, align, &source), size);
}

void *FMempReallocTag(FMemp *memp, void *ptr, fsize_t nbytes, const char *file, unsigned long line,
                      const char *msg) {
    const struct source source = source_place(file, line, msg, FMEMP_CALLER());

    return reallocate(memp, ptr, nbytes, 0, &source);
}

void *FMempReallocAlignTag(FMemp *memp, void *ptr, fsize_t size, fsize_t align, const char *file,
                           unsigned long line, const char *msg) {
    const struct source source = source_place(file, line, msg, FMEMP_CALLER());

    return reallocate(memp, ptr, size, align, &source);
}

void FMempFreeTag(FMemp *memp, void *ptr) {
    FMempLockState state = FMempLock(memp);

    block_free(memp, ptr, FMEMP_CALLER());
    FMempUnlock(memp, state);
}
#endif

/* ---- call sites ------------------------------------------------------------------------ */

#if FMEMP_CALL_SITES
void *FMempSetCallSite(FMemp *memp, void *ptr, const void *caller) {
    FMempLockState state = FMempLock(memp);

    block_set_call_site(memp, ptr, caller);
    FMempUnlock(memp, state);
    return ptr;
}
#endif
