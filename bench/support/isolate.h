/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes of their own for measurements. */
#ifndef ISOLATE_H
#define ISOLATE_H

#include <stdbool.h>
#include <stddef.h>

/* Keeps this process, and those that it starts from now on, on one processor: the one whose turn
 * it is, of those that it might use at first. What is to be compared runs on the same one. */
void processor_pin(unsigned turn);

/* Runs `job` in a process of its own, with small pages for everybody: no
 * measurement disturbs another, nor ends the run by a crash. The job fills `result`.
 * Returns false if and only if it did not come to its end. */
bool isolated_run(void (*job)(const void *input, void *result), const void *input, void *result,
                  size_t result_bytes);

/* Memory that is part of no allocator's heap, all zeros; NULL when there is none. */
void *memory_map(size_t bytes);

/* The same, shared with the processes that this one starts from now on. */
void *memory_map_shared(size_t bytes);

/* Gives such memory back; NULL is ignored. */
void memory_unmap(void *memory, size_t bytes);

#endif
