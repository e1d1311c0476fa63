/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An allocator that can be timed. All run the same code over a load (timed_calls.h), compiled
 * once for each way of calling, and every call is an indirect one through a table in memory,
 * as a call of a shared library's function is: what differs is the allocator alone.
 */
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../replay/load.h"

typedef struct {
    const char *name;

    /* Has it in memory. Returns NULL, or why that cannot be. NULL: nothing is to be done. */
    const char *(*load)(void);

    /* Makes the allocator ready. FMemp gets a fresh heap in the region, the others have memory of
     * their own: theirs is fresh in a fresh process. Returns false if and only if it failed. */
    bool (*begin)(void *region, size_t bytes);

    /* Serves operations [next, end). The first byte of every block is written, and read before
     * its realloc and free, as a program would.
     * blocks   the address of the block in each slot; NULL: not live.
     * Returns false at the first request that fails. */
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
extern const allocator fmemp_a; /* bench/compare: the builds that it compares */
extern const allocator fmemp_b;

/* The C library's, and those of Debian's packages. */
extern const allocator glibc_allocator;
extern const allocator jemalloc_allocator;
extern const allocator mimalloc_allocator;
extern const allocator tcmalloc_allocator;

/* Those that are measured beside each other. */
enum { ALL_ALLOCATORS = 6, GLIBC = 2 };
extern const allocator *const all_allocators[ALL_ALLOCATORS];

/* Loads them all. May run the program again, from its start, in an environment that lets them
 * in: to be called before anything is done, with main's argv.
 * Returns NULL, or which one is missing and why. */
const char *allocators_load(char **argv);

/* Does nothing, and gives the same block to everybody: its time is that of the harness, which is
 * the loop and the table of addresses. Cache misses of the blocks are left to the allocators: their
 * placement decides on them. */
extern const allocator null_allocator;

#endif
