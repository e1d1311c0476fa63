/* SPDX-License-Identifier: BSD-3-Clause */
/* A workload: a load, or the later part of one. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "../replay/load.h"

/* Operations. Those before `begin` only fill the heap; the others are timed. No request has 0
 * bytes. */
typedef struct {
    load served;
    size_t begin;
} workload;

/* Makes a workload of a whole recorded load. A request of 0 bytes becomes one of 1 byte, so that
 * every block has a byte to write. Returns NULL, or what is wrong with the file. */
const char *load_workload(workload *made, const char *path);

#endif
