/* SPDX-License-Identifier: BSD-3-Clause */
/* What test_heap_calls.c needs of an operating system's heap, and of the model of that system. */
#ifndef HEAP_CALLS_H
#define HEAP_CALLS_H

#include "support/suite.h"

#include <stdbool.h>

/* The model of the system: its mask, how often its lock was taken, and assertions that failed. */
struct model {
    int mask;
    unsigned locks;
    unsigned assertions;
};
extern struct model model;
#define MODEL_MASK 7 /* what the lock sets the mask to */

/* The system's calls. All blocks of the case before are freed when heap_begin is called. */
void heap_begin(void);
void *heap_malloc(size_t bytes);
void *heap_calloc(size_t count, size_t size);
void *heap_memalign(size_t align, size_t bytes); /* NULL where the system has none */
void *heap_realloc(void *ptr, size_t bytes);
void heap_free(void *ptr);

/* Whether the system tells the bytes in use, and how many they are. */
extern const bool heap_reports_use;
size_t heap_used(void);

/* Cases of this system alone. */
extern const struct CMUnitTest own_cases[];
extern const size_t own_case_count;

#endif
