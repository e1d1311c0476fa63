/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An allocator to be timed. All allocators run the same code over a load (timed_calls.h), compiled
 * once for each. Every call goes through a table in memory, as a call into a shared library does,
 * so that the allocators alone differ.
 */
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../replay/load.h"

typedef struct {
    const char *name;

    /* Loads the allocator into memory. Returns NULL, or the reason for failing. NULL: it needs
     * no loading. */
    const char *(*load)(void);

    /* Makes the allocator ready. FMemp gets a fresh heap in the region. The others get their own
     * memory, which is fresh in a fresh process. Returns false if and only if that failed. */
    bool (*begin)(void *region, size_t bytes);

    /* Serves the operations [next, end). Writes the first byte of every block, and reads it
     * before realloc and free, as a program would. blocks: the address of the block in each
     * slot; NULL: not live. Returns false at the first request that fails. */
    bool (*serve)(const operation *next, const operation *end, unsigned char **blocks);

    /* Frees every live block, in the order of the slots. */
    void (*blocks_free)(unsigned char **blocks, size_t slots);

    /* Single calls. Each returns its time in ticks of support/timer.h, timer included. */
    uint32_t (*malloc_time)(size_t size, void **result);
    uint32_t (*memalign_time)(size_t align, size_t size, void **result);
    uint32_t (*realloc_time)(void *ptr, size_t size, void **result);
    uint32_t (*free_time)(void *ptr);
} allocator;

extern const allocator fmemp_compact;
extern const allocator fmemp_wide;
extern const allocator fmemp_a; /* the two builds of bench/compare */
extern const allocator fmemp_b;

/* The C library's allocator, and those of Debian's packages. */
extern const allocator glibc_allocator;
extern const allocator jemalloc_allocator;
extern const allocator mimalloc_allocator;
extern const allocator tcmalloc_allocator;

/* The allocators that are measured together. */
enum { ALL_ALLOCATORS = 6, GLIBC = 2 };
extern const allocator *const all_allocators[ALL_ALLOCATORS];

/* Loads all allocators. Call it first in main: it may start the program again, in an environment
 * in which they can be loaded. Returns NULL, or which one is missing and why. */
const char *allocators_load(char **argv);

/* Does nothing, and returns the same block each time. Its time is that of the harness: the loop
 * and the table of addresses. Cache misses of the blocks are not in it, because they depend on
 * where an allocator places blocks. */
extern const allocator null_allocator;

#endif
