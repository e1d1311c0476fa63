/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plain names of the functions that initialise an FMemp. They are for callers that were
 * compiled without fmemory_pool.h: see lib/core/plain_names.c.
 */
#include "fmemory_pool.h"

/* In this file the words of the header are the plain names. */
#undef FMempInit
#undef FMempInitSized
#undef FMempAttach
#undef FMempAttachRegions

#ifdef __cplusplus
extern "C" {
#endif

FError TLSF_NAME(FMempInit)(FMemp *memp, void *begin_addr, void *end_addr);
FError TLSF_NAME(FMempInitSized)(FMemp *memp, void *begin_addr, void *end_addr,
                                 fsize_t largest_region);
FError TLSF_NAME(FMempAttach)(FMemp *memp, void *begin_addr, void *end_addr, FMempReport *lost);
FError TLSF_NAME(FMempAttachRegions)(FMemp *memp, void *begin_addr, void *end_addr,
                                     const tlsf_region_t *added, fsize_t count, FMempReport *lost);

#ifdef __cplusplus
}
#endif

FError TLSF_NAME(FMempInit)(FMemp *memp, void *begin_addr, void *end_addr) {
    return FMEMP_NAME_WITH_OPTIONS(FMempInit)(memp, begin_addr, end_addr);
}

FError TLSF_NAME(FMempInitSized)(FMemp *memp, void *begin_addr, void *end_addr,
                                 fsize_t largest_region) {
    return FMEMP_NAME_WITH_OPTIONS(FMempInitSized)(memp, begin_addr, end_addr, largest_region);
}

FError TLSF_NAME(FMempAttach)(FMemp *memp, void *begin_addr, void *end_addr, FMempReport *lost) {
    return FMEMP_NAME_WITH_OPTIONS(FMempAttach)(memp, begin_addr, end_addr, lost);
}

FError TLSF_NAME(FMempAttachRegions)(FMemp *memp, void *begin_addr, void *end_addr,
                                     const tlsf_region_t *added, fsize_t count, FMempReport *lost) {
    return FMEMP_NAME_WITH_OPTIONS(FMempAttachRegions)(memp, begin_addr, end_addr, added, count,
                                                       lost);
}

/* A unit that includes several sources goes on with the names of the header. */
#define FMempInit FMEMP_NAME_WITH_OPTIONS(FMempInit)
#define FMempInitSized FMEMP_NAME_WITH_OPTIONS(FMempInitSized)
#define FMempAttach FMEMP_NAME_WITH_OPTIONS(FMempAttach)
#define FMempAttachRegions FMEMP_NAME_WITH_OPTIONS(FMempAttachRegions)
