/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* A trial: the scenario once, in a process of its own, in a pool of a size. */
#ifndef TRIAL_H
#define TRIAL_H

#include "measured_pool.h"
#include "scenario.h"

typedef enum {
    TRIAL_DONE,
    TRIAL_NO_MEMORY,
    TRIAL_ABORTED, /* by the library, which may do so */
    TRIAL_FAILED   /* a wrong result, a fault, a crash, a broken heap or a leak */
} trial_outcome;

/* What the last trial recorded. */
extern pool_record *trial_record;

/* fail_at, fail_after: as for pool_begin. After a failure it prints why. */
trial_outcome trial_run(size_t pool_bytes, size_t fail_at, bool fail_after);

#endif
