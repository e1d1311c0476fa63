/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls as programs make them: at random, and as recorded. */
#ifndef WALK_H
#define WALK_H

#include "heap_shape.h"
#include "machine.h"
#include "random.h"

/* Makes `steps` calls at random among about shape.live_blocks live blocks. */
void walk_run(machine_memory memory, heap_shape shape, random_source *random, size_t steps);

/* Serves a recorded load (bench/loads/load_format.h) from a pool of pool_bytes. Returns the largest number of blocks
 * that were live together. */
size_t load_serve(machine_memory memory, size_t pool_bytes, const unsigned char *load,
                  size_t load_bytes);

#endif
