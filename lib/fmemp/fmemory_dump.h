/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The dump: the heap as the core writes it, and behind it what FMemp keeps itself: the FMemp, and
 * the nodes in front of the regions.
 */
#ifndef FMEMORY_DUMP_H
#define FMEMORY_DUMP_H

#include "fmemory_region.h"

/* The bytes from a region's node to the heap or the pool behind it. */
static fsize_t node_bytes(const FMemp *memp, const FMempPoolList *region) {
    const uintptr_t behind =
        region == memp->pools_list ? (uintptr_t)memp->tlsf_ptr : (uintptr_t)region->pool_addr;

    return (fsize_t)(behind - (uintptr_t)region);
}

/* Returns 0, or what the writer returned. */
static int memp_write(FMemp *memp, tlsf_writer write, void *context) {
    int stopped = tlsf_dump(memp->tlsf_ptr, write, context);
    FMempPoolList *region = memp->pools_list;

    while (stopped == 0 && region != NULL) {
        stopped = tlsf_dump_memory(region, node_bytes(memp, region), write, context);
        region = region_next(region);
    }
    return stopped == 0 ? tlsf_dump_memory(memp, sizeof *memp, write, context) : stopped;
}

static FError memp_dump(FMemp *memp, tlsf_writer write, void *context) {
    if (write == NULL) {
        return FMEMP_ERR_INVALID_BUF;
    }
    if (!memp_is_ready_or_starts(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    return memp_write(memp, write, context) == 0 ? FMEMP_SUCCESS : FMEMP_ERR_INVALID_BUF;
}

#endif
