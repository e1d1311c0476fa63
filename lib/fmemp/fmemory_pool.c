/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FMemp: the memory-pool interface on top of tlsf.h.
 *
 * The upper part works on a locked FMemp; the lower part is the public functions, each of
 * which takes the lock, does one thing of the upper part, and releases the lock. No function
 * of the upper part calls one of the lower.
 *
 *     region of the init   | node | control structure | pool ...          |
 *     added region         | node | pool ...                              |
 */
#include "fmemory_pool.h"

#include <stdbool.h>
#include <string.h>

#include "fmemory_tag.h"

_Static_assert((FError)FMEMP_ERR_REGION_IN_USE == FMEMP_ERR_REGION_IN_USE,
               "an FError holds every error code");
_Static_assert(sizeof(u32) == 4 && sizeof(u64) == 8, "the SDK's types are as wide as their names");

static bool memp_is_ready(const FMemp *memp) {
    return memp != NULL && memp->is_ready == FT_COMPONENT_IS_READY;
}

/* ---- regions ------------------------------------------------------------------------ */

/* A region, rounded inside: its node, and the bytes behind the node. */
struct region {
    FMempPoolList *node;
    void *rest;
    fsize_t rest_bytes;
};

/* Bytes from `begin` to the region's node. */
static fsize_t region_padding(const void *begin) {
    return (0 - (uintptr_t)begin) % _Alignof(FMempPoolList);
}

/* Gives false when [begin, end) has no room behind a node. */
static bool region_split(void *begin, void *end, struct region *region) {
    fsize_t bytes = (uintptr_t)end - (uintptr_t)begin;
    fsize_t padding = region_padding(begin);

    if (bytes <= padding + sizeof(FMempPoolList)) {
        return false;
    }
    region->node = (FMempPoolList *)(void *)((u8 *)begin + padding);
    region->rest = region->node + 1;
    region->rest_bytes = bytes - padding - sizeof(FMempPoolList);
    return true;
}

static bool region_is_valid(const void *begin, const void *end) {
    return begin != NULL && end != NULL && (uintptr_t)begin < (uintptr_t)end;
}

/* The region after `region`; NULL after the last. */
static FMempPoolList *region_next(FMempPoolList *region) {
    FSListNode *node = FSListNext(&region->list);

    if (node == NULL) {
        return NULL;
    }
    return (FMempPoolList *)(void *)((u8 *)node - offsetof(FMempPoolList, list));
}

/* The region that was given with the address `begin`; NULL when there is none. */
static FMempPoolList *region_find(const FMemp *memp, const void *begin) {
    uintptr_t node = (uintptr_t)begin + region_padding(begin);
    FMempPoolList *region = memp->pools_list;

    while (region != NULL && (uintptr_t)region != node) {
        region = region_next(region);
    }
    return region;
}

static FError region_add(FMemp *memp, void *begin, void *end) {
    struct region region;
    pool_t pool;

    if (!memp_is_ready(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    if (!region_is_valid(begin, end)) {
        return FMEMP_ERR_INVALID_BUF;
    }
    if (!region_split(begin, end, &region)) {
        return FMEMP_ERR_INIT_TLFS;
    }
    pool = tlsf_add_pool(memp->tlsf_ptr, region.rest, region.rest_bytes);
    if (pool == NULL) {
        return FMEMP_ERR_INIT_TLFS;
    }
    region.node->pool_addr = pool;
    FSListInsert(&memp->pools_list->list, &region.node->list);
    return FMEMP_SUCCESS;
}

static FError region_remove(FMemp *memp, void *begin) {
    FMempPoolList *region;

    if (!memp_is_ready(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    region = region_find(memp, begin);
    if (region == NULL) {
        return FMEMP_ERR_INVALID_BUF;
    }
    if (region == memp->pools_list) {
        return FMEMP_ERR_REGION_IN_USE; /* the control structure lives in it */
    }
    if (tlsf_remove_pool(memp->tlsf_ptr, region->pool_addr) != 0) {
        return FMEMP_ERR_REGION_IN_USE;
    }
    FSListRemove(&memp->pools_list->list, &region->list);
    return FMEMP_SUCCESS;
}

/* ---- faults ------------------------------------------------------------------------- */

static void fault_print_and_stop(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    FMEMP_PRINT("fmemp: fault: %s: block %p, %lu bytes; free block before it %p, %lu bytes; "
                "block after it %p, %lu bytes\n",
                tlsf_fault_name(fault->kind), fault->block, (unsigned long)fault->size,
                fault->before, (unsigned long)fault->before_size, fault->after,
                (unsigned long)fault->after_size);
    (void)FMEMP_FLUSH();
    FMEMP_STOP();
}

static tlsf_fault_hook fault_set_hook(FMemp *memp, tlsf_fault_hook hook) {
    tlsf_fault_hook before;

    if (!memp_is_ready(memp)) {
        return NULL;
    }
    before = tlsf_set_fault_hook(memp->tlsf_ptr, hook == NULL ? fault_print_and_stop : hook);
    return before == fault_print_and_stop ? NULL : before;
}

/* ---- init and remove ---------------------------------------------------------------- */

static FError memp_init(FMemp *memp, void *begin, void *end, fsize_t largest_region) {
    struct region region;
    tlsf_t tlsf;

    if (memp_is_ready(memp)) {
        return FMEMP_ERR_ALREADY_INIT;
    }
    if (memp == NULL || !region_is_valid(begin, end)) {
        return FMEMP_ERR_INVALID_BUF;
    }
    if (!region_split(begin, end, &region)) {
        return FMEMP_ERR_INIT_TLFS;
    }
    tlsf = tlsf_create_sized(region.rest, region.rest_bytes, largest_region);
    if (tlsf == NULL) {
        return FMEMP_ERR_INIT_TLFS;
    }
    (void)tlsf_set_fault_hook(tlsf, fault_print_and_stop);
    region.node->pool_addr = tlsf_get_pool(tlsf);
    FSListInit(&region.node->list);
    memp->pools_list = region.node;
    memp->tlsf_ptr = tlsf;
    memp->is_ready = FT_COMPONENT_IS_READY;
    return FMEMP_SUCCESS;
}

static void memp_remove(FMemp *memp) {
    if (!memp_is_ready(memp)) {
        return;
    }
    tlsf_destroy(memp->tlsf_ptr);
    memp->pools_list = NULL;
    memp->tlsf_ptr = NULL;
    memp->is_ready = 0;
}

static void memp_reset(FMemp *memp) {
    if (memp_is_ready(memp)) {
        tlsf_reset(memp->tlsf_ptr);
    }
}

/* ---- blocks ------------------------------------------------------------------------- */

/* Where a block is allocated; all zeros when a plain function does it. */
struct source {
    const char *file;
    const char *msg;
    u32 line;
};

static const struct source no_source;

/* Writes the tag of a block that was just allocated, where the library keeps tags. */
static void *block_tag(void *block, struct source source) {
    if (FMEMP_TAG_DEBUG && block != NULL) {
        struct tag *tag = tag_of(block, tlsf_block_size(block));

        tag->file = source.file;
        tag->msg = source.msg;
        tag->line = source.line;
        tag->seal = tag_seal(tag);
    }
    return block;
}

static void *block_malloc(FMemp *memp, fsize_t nbytes, struct source source) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(tlsf_malloc(memp->tlsf_ptr, tag_request(nbytes)), source);
}

static void *block_calloc(FMemp *memp, fsize_t count, fsize_t size, struct source source) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    if (FMEMP_TAG_DEBUG) {
        bool overflows = size != 0 && count > SIZE_MAX / size;

        count = tag_request(overflows ? SIZE_MAX : count * size);
        size = 1;
    }
    return block_tag(tlsf_calloc(memp->tlsf_ptr, count, size), source);
}

static void *block_malloc_align(FMemp *memp, fsize_t size, fsize_t align, struct source source) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(tlsf_memalign(memp->tlsf_ptr, align, tag_request(size)), source);
}

/* The size to ask a realloc for: 0 means free, and needs no tag. */
static fsize_t realloc_request(void *ptr, fsize_t nbytes) {
    return ptr != NULL && nbytes == 0 ? 0 : tag_request(nbytes);
}

static void *block_realloc(FMemp *memp, void *ptr, fsize_t nbytes, struct source source) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(tlsf_realloc(memp->tlsf_ptr, ptr, realloc_request(ptr, nbytes)), source);
}

static void *block_realloc_align(FMemp *memp, void *ptr, fsize_t size, fsize_t align,
                                 struct source source) {
    fsize_t request = realloc_request(ptr, size);

    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(tlsf_realloc_aligned(memp->tlsf_ptr, ptr, align, request), source);
}

static void block_free(FMemp *memp, void *ptr) {
    if (memp_is_ready(memp)) {
        tlsf_free(memp->tlsf_ptr, ptr);
    }
}

/* ---- reports ------------------------------------------------------------------------ */

/* What a caller can ask for when the core serves `bytes`. */
static fsize_t largest_without_tag(fsize_t bytes) {
    return bytes <= TAG_BYTES ? 0 : bytes - TAG_BYTES;
}

/* What a build without statistics does not know. */
static u64 counted(fsize_t value) { return TLSF_STATISTICS ? value : FMEMP_STATS_UNKNOWN; }

static FError stats_get(const FMemp *memp, FMempStats *stats) {
    tlsf_stats_t core;

    if (stats == NULL) {
        return FMEMP_ERR_INVALID_BUF;
    }
    memset(stats, 0, sizeof *stats);
    if (!memp_is_ready(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    (void)tlsf_stats(memp->tlsf_ptr, &core);
    stats->total_bytes = core.pool_bytes;
    stats->used_bytes = counted(core.used_bytes);
    stats->max_used_bytes = counted(core.peak_bytes);
    stats->free_bytes = counted(core.free_bytes);
    stats->largest = largest_without_tag(core.largest);
    stats->live_blocks = counted(core.live_blocks);
    stats->allocations = counted(core.allocations);
    stats->frees = counted(core.frees);
    stats->failures = counted(core.failures);
    return FMEMP_SUCCESS;
}

static u32 saturate_u32(u64 value) { return value > UINT32_MAX ? UINT32_MAX : (u32)value; }

static void probe(const FMemp *memp, u32 *total, u32 *used, u32 *max_used) {
    FMempStats stats;

    (void)stats_get(memp, &stats); /* gives zeros when memp is not ready */
    if (total != NULL) {
        *total = saturate_u32(stats.total_bytes);
    }
    if (used != NULL) {
        *used = saturate_u32(stats.used_bytes);
    }
    if (max_used != NULL) {
        *max_used = saturate_u32(stats.max_used_bytes);
    }
}

/* What a listing adds up, over all regions. */
struct summary {
    unsigned long used_blocks;
    unsigned long used_bytes;
    unsigned long free_blocks;
    unsigned long free_bytes;
};

static void tag_print(void *block, fsize_t size) {
    const struct tag *tag;

    if (!tag_fits(size)) {
        FMEMP_PRINT("  too small for its tag");
        return;
    }
    tag = tag_of(block, size);
    if (!tag_is_intact(tag)) {
        FMEMP_PRINT("  tag overwritten");
    } else if (tag->file != NULL) {
        FMEMP_PRINT("  %s:%lu %s", tag->file, (unsigned long)tag->line,
                    tag->msg == NULL ? "" : tag->msg);
    }
}

/* A tlsf_walker: prints one block. */
static void block_print(void *block, size_t size, int used, void *user) {
    struct summary *summary = user;

    FMEMP_PRINT("  %p %s %lu", block, used ? "used" : "free", (unsigned long)size);
    if (FMEMP_TAG_DEBUG && used) {
        tag_print(block, tlsf_block_size(block));
    }
    FMEMP_PRINT("\n");
    if (used) {
        summary->used_blocks++;
        summary->used_bytes += (unsigned long)size;
    } else {
        summary->free_blocks++;
        summary->free_bytes += (unsigned long)size;
    }
}

static void list_all(const FMemp *memp) {
    struct summary summary = {0, 0, 0, 0};
    FMempPoolList *region;
    bool can_walk;
    int broken;
    fsize_t largest;

    if (!memp_is_ready(memp)) {
        FMEMP_PRINT("fmemp: not ready\n");
        return;
    }
    broken = tlsf_check(memp->tlsf_ptr);
    can_walk = broken != TLSF_BROKEN_CONTROL && broken != TLSF_BROKEN_POOL_LIST;
    for (region = can_walk ? memp->pools_list : NULL; region != NULL;
         region = region_next(region)) {
        FMEMP_PRINT("fmemp: region %p\n", (void *)region);
        tlsf_walk_pool(region->pool_addr, block_print, &summary);
    }
    /* tlsf_largest, in a broken heap, can be a call of the fault hook. */
    largest = broken == TLSF_SOUND ? largest_without_tag(tlsf_largest(memp->tlsf_ptr)) : 0;
    FMEMP_PRINT("fmemp: used: %lu blocks, %lu bytes; free: %lu blocks, %lu bytes; largest %lu\n",
                summary.used_blocks, summary.used_bytes, summary.free_blocks, summary.free_bytes,
                (unsigned long)largest);
    FMEMP_PRINT("fmemp: check: %s\n", tlsf_invariant_name(broken));
}

/* ---- the public functions ----------------------------------------------------------- */

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

tlsf_fault_hook FMempSetFaultHook(FMemp *memp, tlsf_fault_hook hook) {
    FMempLockState state = FMempLock(memp);
    tlsf_fault_hook before = fault_set_hook(memp, hook);

    FMempUnlock(memp, state);
    return before;
}

#if FMEMP_TAG_DEBUG
void *FMempMallocTag(FMemp *memp, fsize_t nbytes, const char *file, u32 line, const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_malloc(memp, nbytes, (struct source){file, msg, line});

    FMempUnlock(memp, state);
    return block;
}

void *FMempCallocTag(FMemp *memp, fsize_t count, fsize_t size, const char *file, u32 line,
                     const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_calloc(memp, count, size, (struct source){file, msg, line});

    FMempUnlock(memp, state);
    return block;
}

void *FMempMallocAlignTag(FMemp *memp, fsize_t size, fsize_t align, const char *file, u32 line,
                          const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_malloc_align(memp, size, align, (struct source){file, msg, line});

    FMempUnlock(memp, state);
    return block;
}

void *FMempReallocTag(FMemp *memp, void *ptr, fsize_t nbytes, const char *file, u32 line,
                      const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_realloc(memp, ptr, nbytes, (struct source){file, msg, line});

    FMempUnlock(memp, state);
    return block;
}

void *FMempReallocAlignTag(FMemp *memp, void *ptr, fsize_t size, fsize_t align, const char *file,
                           u32 line, const char *msg) {
    FMempLockState state = FMempLock(memp);
    void *block = block_realloc_align(memp, ptr, size, align, (struct source){file, msg, line});

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
