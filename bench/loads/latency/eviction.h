/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes caches cold. */
#ifndef EVICTION_H
#define EVICTION_H

#include <stdbool.h>
#include <stddef.h>

/* Allocates memory of one and a half times the last-level cache (32 MiB where its size is not
 * known). Returns false if and only if there is none. */
bool eviction_prepare(void);

size_t eviction_bytes(void);

/* Walks over all of that memory, which evicts everything else from data caches and translation
 * buffers. */
void caches_evict(void);

#endif
