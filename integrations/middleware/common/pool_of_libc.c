/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* The scenario on the C library's heap, for a recorder of its calls. Status 0: the result is
 * right. */
#include <malloc.h>
#include <stdlib.h>

#include "pool.h"
#include "scenario.h"

void *pool_malloc(size_t bytes) { return malloc(bytes); }
void *pool_calloc(size_t count, size_t size) { return calloc(count, size); }
void *pool_realloc(void *ptr, size_t bytes) { return realloc(ptr, bytes); }
void pool_free(void *ptr) { free(ptr); }
size_t pool_block_size(void *ptr) { return malloc_usable_size(ptr); }

int main(void) { return scenario_run() == SCENARIO_DONE ? EXIT_SUCCESS : EXIT_FAILURE; }
