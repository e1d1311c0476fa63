/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Target: the whole interface of FMemp, against the model: errors, regions, tags, reports, locks,
 * and an FMemp that is not ready.
 */
#include "fmemory_pool.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model/drive.h"
#include "support/fmemp_internals.h"
#include "target.h"

static FMemp memp;
static model *watched; /* the model of the current requests */

/* ---- the platform ------------------------------------------------------------------- */

static unsigned locks_held;

FMempLockState FMempLock(FMemp *locked) {
    REQUIRE(watched, locked == &memp || locked == NULL);
    REQUIRE(watched, locks_held == 0);
    locks_held++;
    return 42;
}

void FMempUnlock(FMemp *locked, FMempLockState state) {
    REQUIRE(watched, locked == &memp || locked == NULL);
    REQUIRE(watched, locks_held == 1 && state == 42);
    locks_held--;
}

/* What FMemListAll has printed. */
static struct {
    size_t used, free, regions;
    bool is_sound, is_not_ready;
} listed;

int watched_print(const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    REQUIRE(watched, length >= 0 && (size_t)length < sizeof(text));
    REQUIRE(watched, strstr(text, "tag overwritten") == NULL);
    REQUIRE(watched, strstr(text, "too small") == NULL);
    REQUIRE(watched, strstr(text, "fault") == NULL);
    listed.used += strncmp(text, "  0x", 4) == 0 && strstr(text, " used ") != NULL;
    listed.free += strncmp(text, "  0x", 4) == 0 && strstr(text, " free ") != NULL;
    listed.regions += strncmp(text, "fmemp: region", 13) == 0;
    listed.is_sound = listed.is_sound || strcmp(text, "fmemp: check: sound\n") == 0;
    listed.is_not_ready = listed.is_not_ready || strcmp(text, "fmemp: not ready\n") == 0;
    return length;
}

static void list_all(FMemp *of) {
    memset(&listed, 0, sizeof(listed));
    FMemListAll(of);
}

/* ---- an FMemp that is not ready ----------------------------------------------------- */

static void require_memp_is(const model *m, const FMemp *expected) {
    REQUIRE(m, memp.pools_list == expected->pools_list);
    REQUIRE(m, memp.tlsf_ptr == expected->tlsf_ptr);
    REQUIRE(m, memp.is_ready == expected->is_ready);
}

static void require_zeros(const model *m) {
    static const FMemp zeros;
    require_memp_is(m, &zeros);
}

static void require_no_blocks(model *m, FMemp *of) {
    REQUIRE(m, FMempMalloc(of, 1) == NULL);
    REQUIRE(m, FMempCalloc(of, 1, 1) == NULL);
    REQUIRE(m, FMempMallocAlign(of, 1, 64) == NULL);
    REQUIRE(m, FMempRealloc(of, NULL, 1) == NULL);
    REQUIRE(m, FMempRealloc(of, m, 1) == NULL);
    REQUIRE(m, FMempReallocAlign(of, NULL, 1, 64) == NULL);
    FMempFree(of, NULL);
    FMempFree(of, m);
}

static void require_no_state(model *m, FMemp *of) {
    FMempStats stats;
    u32 total = 1, used = 1, max_used = 1;
    REQUIRE(m, FMempGetStats(of, &stats) == FMEMP_ERR_NOT_READY);
    REQUIRE(m, stats.total_bytes == 0 && stats.live_blocks == 0);
    FMemProbe(of, &total, &used, &max_used);
    REQUIRE(m, total == 0 && used == 0 && max_used == 0);
    list_all(of);
    REQUIRE(m, listed.is_not_ready);
    REQUIRE(m, FMempAddRegion(of, m->arena.begin, m->arena.begin + 100) == FMEMP_ERR_NOT_READY);
    REQUIRE(m, FMempRemoveRegion(of, m->arena.begin) == FMEMP_ERR_NOT_READY);
    REQUIRE(m, FMempSetFaultHook(of, NULL) == NULL);
    FMempReset(of);
    FMempRemove(of);
    FMempDeinit(of);
}

static void require_harmless(model *m) {
    require_no_blocks(m, &memp);
    require_no_state(m, &memp);
    require_no_blocks(m, NULL);
    require_no_state(m, NULL);
    require_zeros(m);
}

/* ---- init and remove ---------------------------------------------------------------- */

static void fault_is_none(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    model_fail(watched, "a fault is reported: %s at %p", tlsf_fault_name(fault->kind),
               fault->block);
}

/* Half of the FMemps have a failure hook, so that both ways of a request are driven. */
static bool hears_failures;
static size_t failures_told;

static void failure_is_for_lack(FMemp *of, const FMempFailure *failure) {
    REQUIRE(watched, of == &memp && locks_held == 0);
    REQUIRE(watched, failure->reason != TLSF_REASON_NONE && failure->reason != TLSF_REASON_BROKEN);
    REQUIRE(watched, failure->reason == TLSF_REASON_ALIGNMENT ||
                         failure->reason == TLSF_REASON_SEARCH || failure->largest == 0 ||
                         failure->nbytes > failure->largest || failure->align > TLSF_GRANULE);
    failures_told++;
}

static FError init(stream_creation how, uint8_t *begin, size_t bytes, size_t planned) {
    if (how == CREATION_WITH_POOL || how == CREATION_EMPTY) {
        return FMempInitSized(&memp, begin, begin + bytes, SIZE_MAX);
    }
    return planned == 0 ? FMempInit(&memp, begin, begin + bytes)
                        : FMempInitSized(&memp, begin, begin + bytes, planned);
}

static void require_ready(model *m, uint8_t *begin, size_t bytes) {
    const FMemp before = memp;
    REQUIRE(m, memp.is_ready == FT_COMPONENT_IS_READY);
    REQUIRE(m, FMempInit(&memp, begin, begin + bytes) == FMEMP_ERR_ALREADY_INIT);
    require_memp_is(m, &before);
    REQUIRE(m, FMempSetFaultHook(&memp, fault_is_none) == NULL);
    REQUIRE(m, FMempSetFaultHook(&memp, fault_is_none) == fault_is_none);
    REQUIRE(m, FMempSetFailureHook(&memp, NULL) == NULL);
}

static bool fmemp_create(model *m, stream_creation how, uint8_t *begin, size_t bytes,
                         size_t planned) {
    watched = m;
    const FError error = init(how, begin, bytes, planned);
    if (error != FMEMP_SUCCESS) {
        REQUIRE(m, error == (bytes == 0 ? FMEMP_ERR_INVALID_BUF : FMEMP_ERR_INIT_TLFS));
        require_zeros(m);
        return false;
    }
    require_ready(m, begin, bytes);
    failures_told = 0;
    hears_failures = bytes % 2 == 1;
    (void)FMempSetFailureHook(&memp, hears_failures ? failure_is_for_lack : NULL);
    m->t = memp.tlsf_ptr;
    m->regions[0].given = begin;
    return true;
}

static void require_invalid_buffers(model *m) {
    uint8_t *begin = m->arena.begin;
    REQUIRE(m, FMempInit(&memp, NULL, begin) == FMEMP_ERR_INVALID_BUF);
    REQUIRE(m, FMempInit(&memp, begin, NULL) == FMEMP_ERR_INVALID_BUF);
    REQUIRE(m, FMempInit(&memp, begin + 1, begin) == FMEMP_ERR_INVALID_BUF);
    REQUIRE(m, FMempInit(NULL, begin, begin + 4096) == FMEMP_ERR_INVALID_BUF);
    require_zeros(m);
}

static void fmemp_destroy(model *m) {
    if (m->step % 2 == 0) {
        FMempRemove(&memp);
    } else {
        FMempDeinit(&memp);
    }
    m->t = NULL;
    require_zeros(m);
    require_invalid_buffers(m);
    require_harmless(m);
}

/* ---- blocks: plain functions and tagging macros in turn ----------------------------- */

static bool is_tagged(const model *m) { return m->step % 3 != 0; }

static void *fmemp_malloc(model *m, size_t size) {
    if (is_tagged(m)) {
        return FMEMP_MALLOC(&memp, size);
    }
    return FMempMalloc(&memp, size);
}

static void *fmemp_calloc(model *m, size_t count, size_t size) {
    if (is_tagged(m)) {
        return FMEMP_CALLOC(&memp, count, size);
    }
    return FMempCalloc(&memp, count, size);
}

static void *fmemp_memalign(model *m, size_t align, size_t size) {
    if (is_tagged(m)) {
        return FMEMP_MALLOC_ALIGN(&memp, size, align);
    }
    return FMempMallocAlign(&memp, size, align);
}

static void *fmemp_realloc(model *m, void *ptr, size_t size) {
    if (is_tagged(m)) {
        return FMEMP_REALLOC(&memp, ptr, size);
    }
    return FMempRealloc(&memp, ptr, size);
}

static void *fmemp_realloc_aligned(model *m, void *ptr, size_t align, size_t size) {
    if (is_tagged(m)) {
        return FMEMP_REALLOC_ALIGN(&memp, ptr, size, align);
    }
    return FMempReallocAlign(&memp, ptr, size, align);
}

static void fmemp_free(model *m, void *ptr) {
    if (is_tagged(m)) {
        FMEMP_FREE(&memp, ptr);
        return;
    }
    FMempFree(&memp, ptr);
}

/* ---- regions ------------------------------------------------------------------------ */

static FMempPoolList *node_of(const uint8_t *begin) {
    const uintptr_t align = _Alignof(FMempPoolList);
    return (FMempPoolList *)(((uintptr_t)begin + align - 1) / align * align);
}

static pool_t fmemp_add_pool(model *m, uint8_t *begin, size_t bytes) {
    uint8_t *end = (uint8_t *)((uintptr_t)begin + bytes);
    const FError error = FMempAddRegion(&memp, begin, end);
    if (end <= begin) {
        REQUIRE(m, error == FMEMP_ERR_INVALID_BUF);
        return NULL;
    }
    REQUIRE(m, error == FMEMP_SUCCESS || error == FMEMP_ERR_INIT_TLFS);
    return error == FMEMP_SUCCESS ? node_of(begin)->pool_addr : NULL;
}

static bool fmemp_remove_pool(model *m, const model_region *r) {
    const FError error = FMempRemoveRegion(&memp, r->given);
    const FError refusal = r->pool == NULL ? FMEMP_ERR_INVALID_BUF : FMEMP_ERR_REGION_IN_USE;
    REQUIRE(m, error == FMEMP_SUCCESS || error == refusal);
    REQUIRE(m,
            error != FMEMP_SUCCESS || FMempRemoveRegion(&memp, r->given) == FMEMP_ERR_INVALID_BUF);
    return error == FMEMP_SUCCESS;
}

static void fmemp_reset(model *m) {
    (void)m;
    FMempReset(&memp);
}

/* ---- reports ------------------------------------------------------------------------ */

static u32 saturated(size_t value) { return value > UINT32_MAX ? UINT32_MAX : (u32)value; }

static u64 if_kept(size_t value) { return TLSF_STATISTICS ? value : FMEMP_STATS_UNKNOWN; }

static void require_stats(model *m) {
    FMempStats stats;
    REQUIRE(m, FMempGetStats(&memp, NULL) == FMEMP_ERR_INVALID_BUF);
    REQUIRE(m, FMempGetStats(&memp, &stats) == FMEMP_SUCCESS);
    REQUIRE(m, stats.total_bytes == m->seen.total * m->seen.granule);
    REQUIRE(m, stats.used_bytes == if_kept(m->used));
    REQUIRE(m, stats.max_used_bytes == if_kept(m->peak));
    REQUIRE(m, stats.free_bytes == if_kept(m->seen.total * m->seen.granule - m->used));
    REQUIRE(m, stats.largest == model_largest(m));
    REQUIRE(m, stats.live_blocks == if_kept(m->seen.used_blocks));
    REQUIRE(m, stats.allocations == if_kept(m->allocations));
    REQUIRE(m, stats.frees == if_kept(m->frees));
    REQUIRE(m, stats.failures == if_kept(m->failures));
}

static void require_probe(model *m) {
    const u32 unknown = UINT32_MAX;
    u32 total, used, max_used;
    FMemProbe(&memp, &total, &used, &max_used);
    REQUIRE(m, total == saturated(m->seen.total * m->seen.granule));
    REQUIRE(m, used == (TLSF_STATISTICS ? saturated(m->used) : unknown));
    REQUIRE(m, max_used == (TLSF_STATISTICS ? saturated(m->peak) : unknown));
    FMemProbe(&memp, NULL, NULL, NULL);
}

/* An FMempWalker: adds up the blocks. */
static int block_add(const FMempBlock *block, void *user) {
    FMempSurvey *sum = user;
    REQUIRE(watched, locks_held == 1);
    REQUIRE(watched, block->used == 0 || FMEMP_TAGS == (block->tag.status == FMEMP_TAG_INTACT));
    REQUIRE(watched, FMEMP_CALL_SITES == 0 || block->used == 0 || block->caller != NULL);
    sum->used_blocks += block->used != 0;
    sum->free_blocks += block->used == 0;
    return 1;
}

static void require_walk(model *m) {
    FMempSurvey survey, sum = {0};
    FMempReport report;
    REQUIRE(m, FMempWalk(&memp, block_add, &sum) == FMEMP_SUCCESS);
    REQUIRE(m, sum.used_blocks == m->seen.used_blocks && sum.free_blocks == m->seen.free_blocks);
    REQUIRE(m, FMempGetSurvey(&memp, &survey) == FMEMP_SUCCESS);
    REQUIRE(m, survey.used_blocks == sum.used_blocks && survey.free_blocks == sum.free_blocks);
    REQUIRE(m, survey.largest_free >= model_largest(m));
    REQUIRE(m, FMempCheck(&memp, &report) == FMEMP_SUCCESS && report.broken == TLSF_SOUND);
    REQUIRE(m, failures_told == (hears_failures ? m->failures : 0));
}

static void require_list(model *m) {
    size_t pools = 0;
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        const model_region *r = &m->regions[i];
        pools += r->pool != NULL;
        REQUIRE(m, r->pool == NULL || node_of(r->given)->pool_addr == r->pool);
    }
    list_all(&memp);
    REQUIRE(m, listed.is_sound && !listed.is_not_ready);
    REQUIRE(m, listed.regions == pools);
    REQUIRE(m, listed.used == m->seen.used_blocks);
    REQUIRE(m, listed.free == m->seen.free_blocks);
    REQUIRE(m, FSListLen(&memp.pools_list->list) + 1 == pools);
}

static void require_invalid_regions(model *m) {
    uint8_t *begin = m->arena.begin;
    REQUIRE(m, FMempAddRegion(&memp, NULL, begin) == FMEMP_ERR_INVALID_BUF);
    REQUIRE(m, FMempAddRegion(&memp, begin, NULL) == FMEMP_ERR_INVALID_BUF);
    REQUIRE(m, FMempAddRegion(&memp, begin, begin) == FMEMP_ERR_INVALID_BUF);
    REQUIRE(m, FMempRemoveRegion(&memp, NULL) == FMEMP_ERR_INVALID_BUF);
}

static void fmemp_query(model *m) {
    require_invalid_regions(m);
    require_stats(m);
    require_probe(m);
    require_walk(m);
    require_list(m);
}

/* ---- the target --------------------------------------------------------------------- */

static const model_calls fmemp_calls = {
    .create = fmemp_create,
    .destroy = fmemp_destroy,
    .malloc = fmemp_malloc,
    .calloc = fmemp_calloc,
    .memalign = fmemp_memalign,
    .realloc = fmemp_realloc,
    .realloc_aligned = fmemp_realloc_aligned,
    .free = fmemp_free,
    .add_pool = fmemp_add_pool,
    .remove_pool = fmemp_remove_pool,
    .reset = fmemp_reset,
    .query = fmemp_query,
    .request_extra = TAG_BYTES,
    .region_extra = sizeof(FMempPoolList) + _Alignof(FMempPoolList),
    .keeps_first = true,
    .copies_later = true,
};

const unsigned target_corrupting = 0;

size_t target_run(const uint8_t *bytes, size_t count) {
    return drive_stream(&fmemp_calls, NULL, &FUZZ_CARE, bytes, count);
}
