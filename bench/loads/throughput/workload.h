/* SPDX-License-Identifier: BSD-3-Clause */
/* What is timed: a load, or the later part of one. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "../replay/load.h"

/* Operations, of which those from `begin` on are timed: what is before only fills the heap.
 * No request is of 0 bytes. */
typedef struct {
    load served;
    size_t begin;
} workload;

/* Makes a workload of a recorded load, all of it timed. A request of 0 bytes counts as one of 1,
 * so that every block has a byte to write. Returns NULL, or what is wrong with the file. */
const char *load_workload(workload *made, const char *path);

#endif
