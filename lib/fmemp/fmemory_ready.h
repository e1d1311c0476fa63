/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether an FMemp can be used. Every function asks this first: calls on an FMemp that is NULL,
 * zeroed or removed are safe.
 */
#ifndef FMEMORY_READY_H
#define FMEMORY_READY_H

#include <stdbool.h>

#include "fmemory_pool.h"
#include "tlsf_language.h"

static bool memp_is_ready(const FMemp *memp) {
    return memp != NULL && memp->is_ready == FT_COMPONENT_IS_READY;
}

#endif
