/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Regions: the memory that an FMemp serves requests from. Each starts with its node in the list
 * of regions. The region of the init is the head of that list, and holds the heap.
 *
 *     region of the init   | node | control structure | pool ...          |
 *     added region         | node | pool ...                              |
 */
#ifndef FMEMORY_REGION_H
#define FMEMORY_REGION_H

#include "fmemory_ready.h"

/* A region after rounding: its node, and the bytes behind the node. */
struct region {
    FMempPoolList *node;
    void *rest;
    fsize_t rest_bytes;
};

static bool region_is_valid(const void *begin, const void *end) {
    return begin != NULL && end != NULL && (uintptr_t)begin < (uintptr_t)end;
}

/* Bytes from `begin` to the region's node. */
static fsize_t region_padding(const void *begin) {
    return (0 - (uintptr_t)begin) % alignof(FMempPoolList);
}

/* Splits [begin, end) into a node and the rest. Returns false when there is no room for a rest. */
static bool region_split(void *begin, void *end, struct region *region) {
    const fsize_t bytes = (uintptr_t)end - (uintptr_t)begin;
    const fsize_t padding = region_padding(begin);

    if (bytes <= padding + sizeof(FMempPoolList)) {
        return false;
    }
    region->node = (FMempPoolList *)(void *)((u8 *)begin + padding);
    region->rest = region->node + 1;
    region->rest_bytes = bytes - padding - sizeof(FMempPoolList);
    return true;
}

/* The region after `region`; NULL after the last. */
static FMempPoolList *region_next(FMempPoolList *region) {
    FSListNode *node = FSListNext(&region->list);

    if (node == NULL) {
        return NULL;
    }
    return (FMempPoolList *)(void *)((u8 *)node - offsetof(FMempPoolList, list));
}

/* The region that was added with the address `begin`; NULL when there is none. */
static FMempPoolList *region_find(const FMemp *memp, const void *begin) {
    const uintptr_t node = (uintptr_t)begin + region_padding(begin);
    FMempPoolList *region = memp->pools_list;

    while (region != NULL && (uintptr_t)region != node) {
        region = region_next(region);
    }
    return region;
}

/* The region whose pool this is; NULL when there is none. */
static FMempPoolList *region_of_pool(const FMemp *memp, pool_t pool) {
    FMempPoolList *region = memp->pools_list;

    while (region != NULL && region->pool_addr != pool) {
        region = region_next(region);
    }
    return region;
}

/* The region with the lowest address that is not below `lowest`; NULL when there is none. */
static FMempPoolList *region_from(const FMemp *memp, uintptr_t lowest) {
    FMempPoolList *found = NULL;
    FMempPoolList *region;

    for (region = memp->pools_list; region != NULL; region = region_next(region)) {
        if ((uintptr_t)region >= lowest && (found == NULL || region < found)) {
            found = region;
        }
    }
    return found;
}

static FError region_add(FMemp *memp, void *begin, void *end) {
    struct region region;
    pool_t pool;

    if (!memp_is_ready_or_starts(memp)) {
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

    if (!memp_is_ready_or_starts(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    region = region_find(memp, begin);
    if (region == NULL) {
        return FMEMP_ERR_INVALID_BUF;
    }
    if (region == memp->pools_list) {
        return FMEMP_ERR_REGION_IN_USE; /* the heap is in it */
    }
    if (tlsf_remove_pool(memp->tlsf_ptr, region->pool_addr) != 0) {
        return FMEMP_ERR_REGION_IN_USE;
    }
    FSListRemove(&memp->pools_list->list, &region->list);
    return FMEMP_SUCCESS;
}

#endif
