/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plain names of the functions that initialise an FMemp, for callers that were compiled without
 * fmemory_pool.h: see lib/core/plain_names.c.
 */
#include "fmemory_pool.h"

/* In this file the words of the header are the plain names. */
#undef FMempInit
#undef FMempInitSized

#ifdef __cplusplus
extern "C" {
#endif

FError TLSF_NAME(FMempInit)(FMemp *memp, void *begin_addr, void *end_addr);
FError TLSF_NAME(FMempInitSized)(FMemp *memp, void *begin_addr, void *end_addr,
                                 fsize_t largest_region);

#ifdef __cplusplus
}
#endif

FError TLSF_NAME(FMempInit)(FMemp *memp, void *begin_addr, void *end_addr) {
    return TLSF_NAME_WITH_OPTIONS(FMempInit)(memp, begin_addr, end_addr);
}

FError TLSF_NAME(FMempInitSized)(FMemp *memp, void *begin_addr, void *end_addr,
                                 fsize_t largest_region) {
    return TLSF_NAME_WITH_OPTIONS(FMempInitSized)(memp, begin_addr, end_addr, largest_region);
}

/* A unit that includes several sources goes on with the names of the header. */
#define FMempInit TLSF_NAME_WITH_OPTIONS(FMempInit)
#define FMempInitSized TLSF_NAME_WITH_OPTIONS(FMempInitSized)
