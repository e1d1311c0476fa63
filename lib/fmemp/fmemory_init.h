/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Init, remove and reset: the life of an FMemp. FMempInit begins it, or FMEMP_STATIC_INIT and the
 * first call.
 */
#ifndef FMEMORY_INIT_H
#define FMEMORY_INIT_H

#include "fmemory_fault.h"
#include "fmemory_region.h"

/* Makes an FMemp ready with a heap whose first pool lies in the region of this node. */
static void memp_begin(FMemp *memp, FMempPoolList *node, tlsf_t tlsf) {
    (void)tlsf_set_fault_hook(tlsf, fault_print_and_stop);
    node->pool_addr = tlsf_get_pool(tlsf);
    FSListInit(&node->list);
    memp->pools_list = node;
    memp->tlsf_ptr = tlsf;
    memp->failure_hook = NULL; /* the FMemp may not have been zeroed */
    memp->is_ready = FT_COMPONENT_IS_READY;
    memp->serves_at_once = FT_COMPONENT_IS_READY;
}

/* Makes an FMemp ready that is not. */
static FError memp_create(FMemp *memp, void *begin, void *end, fsize_t largest_region) {
    struct region region;
    tlsf_t tlsf;

    if (!region_is_valid(begin, end)) {
        return FMEMP_ERR_INVALID_BUF;
    }
    if (!region_split(begin, end, &region)) {
        return FMEMP_ERR_INIT_TLFS;
    }
    tlsf = tlsf_create_sized(region.rest, region.rest_bytes, largest_region);
    if (tlsf == NULL) {
        return FMEMP_ERR_INIT_TLFS;
    }
    memp_begin(memp, region.node, tlsf);
    return FMEMP_SUCCESS;
}

static FError memp_init(FMemp *memp, void *begin, void *end, fsize_t largest_region) {
    if (memp_is_ready_or_starts(memp)) {
        return FMEMP_ERR_ALREADY_INIT;
    }
    return memp == NULL ? FMEMP_ERR_INVALID_BUF : memp_create(memp, begin, end, largest_region);
}

/* FMEMP_STATIC_INIT leaves this address in an FMemp. Its name carries the options that library and
 * callers must share. */
const u8 FMempStartsAtFirstCall = 0;

static void start_print_failure(const FMemp *memp) {
    struct text text;

    if (FMEMP_PRINTS) {
        text_begin(&text, print_piece);
        text_string(&text, "fmemp: static init of ");
        text_pointer(&text, memp);
        text_string(&text, " failed: no heap fits from ");
        text_pointer(&text, memp->begin);
        text_string(&text, " to ");
        text_pointer(&text, memp->end);
        text_line(&text);
        FMEMP_FLUSH();
    }
}

/* Asks for the address, not for NULL: an FMemp that its owner has not zeroed can hold anything. */
static RARE bool memp_start(FMemp *memp) {
    if (memp == NULL || memp->starts != &FMempStartsAtFirstCall) {
        return false;
    }
    memp->starts = NULL;
    if (memp_create(memp, memp->begin, memp->end, 0) != FMEMP_SUCCESS) {
        start_print_failure(memp);
        return false;
    }
    return true;
}

/* Leaves failure_hook_runs as it is: a failure hook that removes the FMemp still runs. */
static void memp_remove(FMemp *memp) {
    if (!memp_is_ready_or_starts(memp)) {
        return;
    }
    tlsf_destroy(memp->tlsf_ptr);
    memp->pools_list = NULL;
    memp->tlsf_ptr = NULL;
    memp->is_ready = 0;
    memp->serves_at_once = 0;
    memp->failure_hook = NULL;
    memp->failure_explain = NULL;
}

static void memp_reset(FMemp *memp) {
    if (memp_is_ready_or_starts(memp)) {
        tlsf_reset(memp->tlsf_ptr);
    }
}

#endif
