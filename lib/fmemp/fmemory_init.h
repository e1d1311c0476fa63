/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Init, remove and reset: the life of an FMemp.
 */
#ifndef FMEMORY_INIT_H
#define FMEMORY_INIT_H

#include "fmemory_fault.h"
#include "fmemory_region.h"

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

#endif
