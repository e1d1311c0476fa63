/* SPDX-License-Identifier: BSD-3-Clause */
/* Times allocators side by side on a workload. */
#ifndef TIMING_H
#define TIMING_H

#include "../allocators/allocator.h"
#include "figures.h"
#include "workload.h"

/* Times `count` allocators and the harness in turn, `rounds` times each. Each measurement has a
 * process of its own, in which the allocator serves the whole workload twice, each time from an
 * empty heap. The second time counts, in processor time. Returns NULL, or what went wrong. */
const char *allocators_time(const allocator *const allocators[], size_t count,
                            const workload *timed, unsigned rounds, timings *result);

#endif
