/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The walk over the blocks of all regions, and the search for one block.
 */
#ifndef FMEMORY_WALK_H
#define FMEMORY_WALK_H

#include "fmemory_region.h"
#include "fmemory_tag.h"

/* What a walk says of a block of `region`. */
static void block_describe(FMempPoolList *region, const tlsf_block_t *found, FMempBlock *entry) {
    memset(entry, 0, sizeof *entry);
    entry->region = region;
    entry->ptr = (void *)(uintptr_t)found->block;
    entry->size = found->size;
    entry->used = found->used;
    if (found->used) {
        const fsize_t size = tlsf_block_size(entry->ptr);

        entry->size = size_without_tag(entry->ptr, size);
        entry->tag = tag_read(entry->ptr, size);
        entry->caller = caller_read(entry->ptr, size);
    }
}

/* Calls the walker for the blocks of a region. Returns whether it wants to go on. */
static bool region_walk(FMempPoolList *region, FMempWalker walker, void *user) {
    tlsf_block_t found = {NULL, 0, 0};
    FMempBlock entry;

    while (tlsf_next_block(region->pool_addr, found.block, &found)) {
        block_describe(region, &found, &entry);
        if (!walker(&entry, user)) {
            return false;
        }
    }
    return true;
}

static FError memp_walk(FMemp *memp, FMempWalker walker, void *user) {
    FMempPoolList *region;

    if (walker == NULL) {
        return FMEMP_ERR_INVALID_BUF;
    }
    if (!memp_is_ready_or_starts(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    region = memp->pools_list;
    while (region != NULL && region_walk(region, walker, user)) {
        region = region_next(region);
    }
    return FMEMP_SUCCESS;
}

/* ---- whose an address is --------------------------------------------------------------- */

static int memp_owns(FMemp *memp, const void *ptr) {
    return memp_is_ready_or_starts(memp) && tlsf_owner(memp->tlsf_ptr, ptr) != NULL;
}

static int memp_looks_live(FMemp *memp, const void *ptr) {
    return memp_is_ready_or_starts(memp) && tlsf_looks_live(memp->tlsf_ptr, ptr) != 0;
}

static int memp_locate(FMemp *memp, const void *ptr, FMempBlock *entry) {
    tlsf_block_t found;
    FMempPoolList *region;

    if (entry == NULL) {
        return 0;
    }
    memset(entry, 0, sizeof *entry);
    if (!memp_is_ready_or_starts(memp) || !tlsf_locate(memp->tlsf_ptr, ptr, &found)) {
        return 0;
    }
    region = region_of_pool(memp, tlsf_owner(memp->tlsf_ptr, ptr));
    block_describe(region, &found, entry);
    return 1;
}

#endif
