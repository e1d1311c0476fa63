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

static FMempPoolList *region_node(void *begin) {
    fsize_t padding = (0 - (uintptr_t)begin) % _Alignof(FMempPoolList);

    return (FMempPoolList *)(void *)((u8 *)begin + padding);
}

/* Gives false when [begin, end) has no room behind a node. */
static bool region_split(void *begin, void *end, struct region *region) {
    fsize_t bytes = (uintptr_t)end - (uintptr_t)begin;
    fsize_t padding = (0 - (uintptr_t)begin) % _Alignof(FMempPoolList);

    if (bytes <= padding + sizeof(FMempPoolList)) {
        return false;
    }
    region->node = region_node(begin);
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

static bool region_is_listed(const FMemp *memp, const FMempPoolList *wanted) {
    FMempPoolList *region = memp->pools_list;

    while (region != NULL && region != wanted) {
        region = region_next(region);
    }
    return region != NULL;
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
    region = region_node(begin);
    if (!region_is_listed(memp, region)) {
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
    if (fault->kind == TLSF_FAULT_POOL_IN_USE) {
        return; /* FMempRemoveRegion returns it as an error */
    }
    FMEMP_PRINT("fmemp: fault: %s: block %p, %lu bytes; free block before it %p, %lu bytes; "
                "block after it %p, %lu bytes\n",
                tlsf_fault_name(fault->kind), fault->block, (unsigned long)fault->size,
                fault->before, (unsigned long)fault->before_size, fault->after,
                (unsigned long)fault->after_size);
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
    if (largest_region < region.rest_bytes) {
        largest_region = region.rest_bytes; /* an added one has no control structure in it */
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

static FError stats_get(const FMemp *memp, FMempStats *stats) {
    tlsf_stats_t core;

    if (stats == NULL) {
        return FMEMP_ERR_INVALID_BUF;
    }
    memset(stats, 0, sizeof *stats);
    if (!memp_is_ready(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    if (!tlsf_stats(memp->tlsf_ptr, &core)) {
        memset(stats, 0xFF, sizeof *stats); /* FMEMP_STATS_UNKNOWN, but for the first and */
        stats->total_bytes = core.pool_bytes;
        stats->largest = core.largest - (core.largest < TAG_BYTES ? core.largest : TAG_BYTES);
        return FMEMP_SUCCESS;
    }
    stats->total_bytes = core.pool_bytes;
    stats->used_bytes = core.used_bytes;
    stats->max_used_bytes = core.peak_bytes;
    stats->free_bytes = core.free_bytes;
    stats->largest = core.largest < TAG_BYTES ? 0 : core.largest - TAG_BYTES;
    stats->live_blocks = core.live_blocks;
    stats->allocations = core.allocations;
    stats->frees = core.frees;
    stats->failures = core.failures;
    return FMEMP_SUCCESS;
}
