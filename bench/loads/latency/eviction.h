/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes caches cold. */
#ifndef EVICTION_H
#define EVICTION_H

#include <stdbool.h>
#include <stddef.h>

/* Has memory of one and a half times the last-level cache (of 32 MiB where the system does not
 * tell). Returns false if and only if there is none. */
bool eviction_prepare(void);

size_t eviction_bytes(void);

/* Walks over all of that memory: what was in data caches and translation buffers before is not
 * any more. */
void caches_evict(void);

#endif
