/* SPDX-License-Identifier: BSD-3-Clause */
/* Variations of a load: what the same program does on another day. Interrupts and other tasks
 * change the order of calls, and which of several equal blocks is given back first. */
#ifndef VARY_H
#define VARY_H

#include <stdbool.h>

#include "load.h"

/* Makes a variation of a load. It has the same requests, and nearly the same bytes are live at each
 * moment.
 * 1. Each free and each realloc takes any one of the live blocks of that size, by chance.
 * 2. Going forward, each two neighbours that do not name the same block change places by chance. So
 *    a call comes at most one call earlier, or some calls later.
 * varied   to be released by load_release.
 * Returns  false, and makes nothing, if and only if there is no memory. */
bool load_vary(load *varied, const load *original, uint64_t seed);

#endif
