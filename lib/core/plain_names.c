/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plain names of the functions that create a heap or attach one.
 *
 * Callers that include tlsf.h link names that carry options, so that a mismatch does not link
 * (tlsf_config.h). A foreign-function interface, or an object that was compiled without the header,
 * declares tlsf_create_with_pool itself. It links these. With TLSF_PREFIX the prefix stays: a
 * second TLSF in the program may own the bare names.
 *
 * An archive gives a program nothing of this file unless it links a plain name.
 */
#include "tlsf.h"

/* In this file the words of the header are the plain names. */
#undef tlsf_create
#undef tlsf_create_with_pool
#undef tlsf_create_sized
#undef tlsf_attach
#undef tlsf_attach_regions

#ifdef __cplusplus
extern "C" {
#endif

tlsf_t TLSF_NAME(tlsf_create)(void *mem);
tlsf_t TLSF_NAME(tlsf_create_with_pool)(void *mem, size_t bytes);
tlsf_t TLSF_NAME(tlsf_create_sized)(void *mem, size_t bytes, size_t largest_pool);
tlsf_t TLSF_NAME(tlsf_attach)(void *mem, size_t bytes, tlsf_report_t *lost);
tlsf_t TLSF_NAME(tlsf_attach_regions)(void *mem, size_t bytes, const tlsf_region_t *added,
                                      size_t count, tlsf_report_t *lost);

#ifdef __cplusplus
}
#endif

tlsf_t TLSF_NAME(tlsf_create)(void *mem) { return TLSF_NAME_WITH_OPTIONS(tlsf_create)(mem); }

tlsf_t TLSF_NAME(tlsf_create_with_pool)(void *mem, size_t bytes) {
    return TLSF_NAME_WITH_OPTIONS(tlsf_create_with_pool)(mem, bytes);
}

tlsf_t TLSF_NAME(tlsf_create_sized)(void *mem, size_t bytes, size_t largest_pool) {
    return TLSF_NAME_WITH_OPTIONS(tlsf_create_sized)(mem, bytes, largest_pool);
}

tlsf_t TLSF_NAME(tlsf_attach)(void *mem, size_t bytes, tlsf_report_t *lost) {
    return TLSF_NAME_WITH_OPTIONS(tlsf_attach)(mem, bytes, lost);
}

tlsf_t TLSF_NAME(tlsf_attach_regions)(void *mem, size_t bytes, const tlsf_region_t *added,
                                      size_t count, tlsf_report_t *lost) {
    return TLSF_NAME_WITH_OPTIONS(tlsf_attach_regions)(mem, bytes, added, count, lost);
}

/* A unit that includes several sources goes on with the names of the header. */
#define tlsf_create TLSF_NAME_WITH_OPTIONS(tlsf_create)
#define tlsf_create_with_pool TLSF_NAME_WITH_OPTIONS(tlsf_create_with_pool)
#define tlsf_create_sized TLSF_NAME_WITH_OPTIONS(tlsf_create_sized)
#define tlsf_attach TLSF_NAME_WITH_OPTIONS(tlsf_attach)
#define tlsf_attach_regions TLSF_NAME_WITH_OPTIONS(tlsf_attach_regions)
