/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether an FMemp can be used. Every function asks this first, with the lock held: calls on an
 * FMemp that is NULL, zeroed or removed are safe, and the first call on an FMemp of
 * FMEMP_STATIC_INIT initialises it. A free asks for no more than memp_is_ready: there is nothing to
 * free before the first call.
 */
#ifndef FMEMORY_READY_H
#define FMEMORY_READY_H

#include <stdbool.h>

#include "fmemory_pool.h"
#include "tlsf_language.h"

static inline bool memp_is_ready(const FMemp *memp) {
    return memp != NULL && memp->is_ready == FT_COMPONENT_IS_READY;
}

/* Initialises an FMemp of FMEMP_STATIC_INIT that is not ready, once (fmemory_init.h).
 * Returns whether the FMemp is ready now. */
static RARE bool memp_start(FMemp *memp);

static inline bool memp_is_ready_or_starts(FMemp *memp) {
    return memp_is_ready(memp) || memp_start(memp);
}

#endif
