/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes of their own for measurements. */
#ifndef ISOLATE_H
#define ISOLATE_H

#include <stdbool.h>
#include <stddef.h>

/* Binds this process, and those that it starts from now on, to one of the processors that it was
 * allowed at first: number `turn`, modulo their number. Bind to the same one what you compare. */
void processor_pin(unsigned turn);

/* Runs `job` in a process of its own, without huge pages, so that no measurement disturbs
 * another or ends the run by a crash. The job fills `result`. Returns false if and only if it
 * did not finish. */
bool isolated_run(void (*job)(const void *input, void *result), const void *input, void *result,
                  size_t result_bytes);

/* Returns zeroed memory outside of all heaps; NULL when there is none. */
void *memory_map(size_t bytes);

/* The same, shared with the processes that this one starts from now on. */
void *memory_map_shared(size_t bytes);

/* Releases such memory. NULL is ignored. */
void memory_unmap(void *memory, size_t bytes);

#endif
