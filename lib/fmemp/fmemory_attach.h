/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attach: an FMemp takes over regions that survived a reset. The core verifies the heap first. The
 * nodes of the regions hold nothing that the core does not know, so they are written again.
 */
#ifndef FMEMORY_ATTACH_H
#define FMEMORY_ATTACH_H

#include "fmemory_check.h"
#include "fmemory_init.h"

/* ---- regions ------------------------------------------------------------------------- */

/* Puts the node of an added region into the list again.
 * Returns false when no pool of the heap lies behind the node, or the region is named twice. */
static bool node_renew(FMemp *memp, const tlsf_region_t *added) {
    u8 *begin = (u8 *)added->begin;
    struct region region;
    pool_t pool;

    if (begin == NULL || added->bytes == 0 || !region_split(begin, begin + added->bytes, &region)) {
        return false;
    }
    pool = pool_behind(memp, region.node);
    if (pool == NULL || region_of_pool(memp, pool) != NULL) {
        return false;
    }
    region.node->pool_addr = pool;
    FSListInsert(&memp->pools_list->list, &region.node->list);
    return true;
}

static bool nodes_renew(FMemp *memp, const tlsf_region_t *added, fsize_t count) {
    fsize_t i;

    for (i = 0; i < count; i++) {
        if (!node_renew(memp, &added[i])) {
            return false;
        }
    }
    return true;
}

/* ---- tags ---------------------------------------------------------------------------- */

/* An FMempWalker: makes an intact tag that of a plain function. Its strings were those of the
 * program before. */
static int tag_forget(const FMempBlock *entry, void *user) {
    (void)user;
    if (entry->used && (!FMEMP_TAGS || entry->tag.status == FMEMP_TAG_INTACT)) {
        tag_write(entry->ptr, tlsf_block_size(entry->ptr), &no_source);
    }
    return 1;
}

/* ---- the whole ------------------------------------------------------------------------- */

/* Takes over the heap, which is sound, unless the regions are not those of its pools. */
static FError heap_take_over(FMemp *memp, FMempPoolList *node, tlsf_t tlsf,
                             const tlsf_region_t *added, fsize_t count) {
    FMemp taken;
    tlsf_survey_t survey;

    memset(&taken, 0, sizeof taken);
    taken.failure_hook_runs = memp->failure_hook_runs; /* a hook that attaches still runs */
    memp_begin(&taken, node, tlsf);
    (void)tlsf_survey(tlsf, &survey);
    if (survey.pools != count + 1 || !nodes_renew(&taken, added, count)) {
        return FMEMP_ERR_INVALID_BUF;
    }
    if (FMEMP_TAGS || FMEMP_CALL_SITES) {
        (void)memp_walk(&taken, tag_forget, NULL);
    }
    *memp = taken;
    return FMEMP_SUCCESS;
}

static FError memp_attach(FMemp *memp, void *begin, void *end, const tlsf_region_t *added,
                          fsize_t count, FMempReport *lost) {
    struct region region;
    tlsf_report_t core;
    tlsf_t tlsf;

    memset(lost, 0, sizeof *lost);
    lost->name = broken_name(TLSF_SOUND);
    if (memp_is_ready(memp)) {
        return FMEMP_ERR_ALREADY_INIT;
    }
    if (memp == NULL || !region_is_valid(begin, end) || !region_split(begin, end, &region)) {
        return FMEMP_ERR_INVALID_BUF;
    }
    tlsf = tlsf_attach_regions(region.rest, region.rest_bytes, added, count, &core);
    lost->broken = (int)core.broken;
    lost->block = core.block;
    lost->name = broken_name((int)core.broken);
    if (tlsf == NULL) {
        return FMEMP_ERR_BROKEN;
    }
    if ((uintptr_t)tlsf_get_pool(tlsf) - (uintptr_t)region.rest >= region.rest_bytes) {
        return FMEMP_ERR_INVALID_BUF; /* its oldest pool is not that of an FMemp's init */
    }
    return heap_take_over(memp, region.node, tlsf, added, count);
}

#endif
