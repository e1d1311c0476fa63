/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plain names of the bounded heap's functions whose link names carry options.
 *
 * They are for callers that were compiled without the header, as those of the core are.
 */
#include "tlsf_bounded.h"

/* In this file the words of the header are the plain names. */
#undef tlsf_bounded_create
#undef tlsf_bounded_size_for

#ifdef __cplusplus
extern "C" {
#endif

tlsf_bounded_t TLSF_NAME(tlsf_bounded_create)(void *mem, size_t bytes, size_t smallest,
                                              size_t largest);
size_t TLSF_NAME(tlsf_bounded_size_for)(size_t live, size_t smallest, size_t largest);

#ifdef __cplusplus
}
#endif

tlsf_bounded_t TLSF_NAME(tlsf_bounded_create)(void *mem, size_t bytes, size_t smallest,
                                              size_t largest) {
    return TLSF_NAME_WITH_OPTIONS(tlsf_bounded_create)(mem, bytes, smallest, largest);
}

size_t TLSF_NAME(tlsf_bounded_size_for)(size_t live, size_t smallest, size_t largest) {
    return TLSF_NAME_WITH_OPTIONS(tlsf_bounded_size_for)(live, smallest, largest);
}

/* A unit that includes several sources goes on with the names of the header. */
#define tlsf_bounded_create TLSF_NAME_WITH_OPTIONS(tlsf_bounded_create)
#define tlsf_bounded_size_for TLSF_NAME_WITH_OPTIONS(tlsf_bounded_size_for)
