/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check of an FMemp: the core's check, the list of regions, and the tags. No word is used
 * before it is checked.
 */
#ifndef FMEMORY_CHECK_H
#define FMEMORY_CHECK_H

#include "fmemory_walk.h"
#include "tlsf_language.h"

static const char *broken_name(int broken) {
    if (broken == FMEMP_BROKEN_REGION_LIST) {
        return "region list";
    }
    return FMEMP_TAGS && broken == FMEMP_BROKEN_TAG ? "tag" : tlsf_invariant_name(broken);
}

/* ---- the list of regions -------------------------------------------------------------- */

/* The most that the core skips behind the node, to align the heap. */
#define CONTROL_ALIGN_MAX (TLSF_GRANULE > 16 ? TLSF_GRANULE : 16)

/* Whether `pool` is the pool of an added region that begins with this node. */
static bool pool_is_behind(pool_t pool, const FMempPoolList *node) {
    const fsize_t distance = (uintptr_t)pool - (uintptr_t)(node + 1);

    return pool != NULL && distance < TLSF_GRANULE;
}

/* The pool of an added region that begins with this node, which is aligned; NULL when the heap has
 * none there. The pool list is sound. */
static pool_t pool_behind(const FMemp *memp, const FMempPoolList *node) {
    /* An address in the first block of the node's pool. */
    const u8 *inside = (const u8 *)(node + 1) + tlsf_pool_overhead() + TLSF_GRANULE;
    pool_t pool = tlsf_owner(memp->tlsf_ptr, inside);

    return pool_is_behind(pool, node) ? pool : NULL;
}

/* Whether the node can be read, and belongs to a pool of the heap. The pool list is sound. */
static bool node_is_sound(const FMemp *memp, const FMempPoolList *node) {
    pool_t pool;

    if ((uintptr_t)node % alignof(FMempPoolList) != 0) {
        return false;
    }
    pool = pool_behind(memp, node);
    return pool != NULL && node->pool_addr == pool;
}

/* Whether the node is that of the region of the init, which holds the heap. */
static bool head_is_sound(const FMemp *memp) {
    const FMempPoolList *head = memp->pools_list;
    const uintptr_t tlsf = (uintptr_t)memp->tlsf_ptr;

    return head != NULL && tlsf - (uintptr_t)(head + 1) < CONTROL_ALIGN_MAX &&
           head->pool_addr == tlsf_get_pool(memp->tlsf_ptr);
}

/* Whether the list has one node for each pool. Stores in *last the last node that is sound. */
static bool region_list_is_sound(const FMemp *memp, fsize_t pools, FMempPoolList **last) {
    FMempPoolList *node;
    fsize_t count = 1;

    *last = NULL;
    if (!head_is_sound(memp)) {
        return false;
    }
    *last = memp->pools_list;
    for (node = region_next(*last); node != NULL && count < pools; node = region_next(node)) {
        if (!node_is_sound(memp, node)) {
            return false;
        }
        *last = node;
        count++;
    }
    return node == NULL && count == pools;
}

/* ---- tags ------------------------------------------------------------------------------- */

/* An FMempWalker: stops at a live block whose tag is overwritten, and stores it in the report. */
static int tag_check(const FMempBlock *entry, void *user) {
    FMempReport *report = (FMempReport *)user;

    if (!entry->used || entry->tag.status == FMEMP_TAG_INTACT) {
        return 1;
    }
    report->broken = FMEMP_BROKEN_TAG;
    report->region = entry->region;
    report->block = entry->ptr;
    return 0;
}

/* ---- the whole -------------------------------------------------------------------------- */

/* Finds the lowest number that is broken, and where. */
static void check_all(FMemp *memp, FMempReport *report) {
    tlsf_report_t core;
    tlsf_survey_t survey;
    FMempPoolList *last;

    report->broken = tlsf_check_report(memp->tlsf_ptr, &core);
    report->block = core.block;
    if (core.broken == TLSF_BROKEN_CONTROL || core.broken == TLSF_BROKEN_POOL_LIST) {
        return;
    }
    (void)tlsf_survey(memp->tlsf_ptr, &survey);
    if (region_list_is_sound(memp, survey.pools, &last)) {
        report->region = core.pool == NULL ? NULL : region_of_pool(memp, core.pool);
    } else if (core.broken == TLSF_SOUND) {
        report->broken = FMEMP_BROKEN_REGION_LIST;
        report->region = last;
    }
    if (FMEMP_TAGS && report->broken == TLSF_SOUND) {
        (void)memp_walk(memp, tag_check, report);
    }
}

static FError memp_check(FMemp *memp, FMempReport *report) {
    const bool is_ready = memp_is_ready_or_starts(memp);
    FMempReport found;

    memset(&found, 0, sizeof found);
    found.name = broken_name(TLSF_SOUND);
    if (is_ready) {
        check_all(memp, &found);
        found.name = broken_name(found.broken);
    }
    if (report != NULL) {
        *report = found;
    }
    if (!is_ready) {
        return FMEMP_ERR_NOT_READY;
    }
    return found.broken == TLSF_SOUND ? FMEMP_SUCCESS : FMEMP_ERR_BROKEN;
}

#endif
