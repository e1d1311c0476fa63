/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#include "heap.h"

#include <stdbool.h>
#include <stdint.h>

#include "space.h"

#define SHARED_LEAST ((size_t)1 << 20)
#define SHARED_MOST ((size_t)1 << 26)

enum { CHECK_LEAST = 20000, CHECK_PER_BLOCK = 8 }; /* operations between two checks */

static tlsf_t heap;
static size_t next_shared = SHARED_LEAST;
static size_t operations, next_check = CHECK_LEAST, checks, pools;

/* ---- checks ------------------------------------------------------------------------- */

static int heap_check(void) {
    checks++;
    return heap == NULL ? TLSF_SOUND : tlsf_check(heap);
}

/* Counts an operation, and checks the heap when it is time. Checks are so rare that a call's share
 * of a check does not grow with the heap. */
static void operation_count(void) {
    if (++operations < next_check || !journal_is_kept()) {
        return;
    }
    const int broken = heap_check();
    if (broken != TLSF_SOUND) {
        journal_stop(tlsf_invariant_name(broken));
    }
    const size_t pause = CHECK_PER_BLOCK * heap_figures().live_blocks;
    next_check = operations + (pause > CHECK_LEAST ? pause : CHECK_LEAST);
}

void heap_begin_in_child(void) {
    operations = checks = 0;
    next_check = CHECK_LEAST;
}

tlsf_stats_t heap_figures(void) {
    tlsf_stats_t stats = {0};
    if (heap != NULL) {
        (void)tlsf_stats(heap, &stats);
    }
    return stats;
}

void heap_summarise(journal_summary *summary) {
    const int broken = heap_check();
    const tlsf_stats_t stats = heap_figures();
    *summary =
        (journal_summary){operations, stats.peak_bytes, pools, checks, tlsf_invariant_name(broken)};
}

/* ---- regions ------------------------------------------------------------------------ */

static bool heap_open(void) {
    void *memory = heap == NULL ? space_open(tlsf_size()) : NULL;
    if (memory != NULL) {
        heap = tlsf_create(memory);
        (void)tlsf_set_fault_hook(heap, journal_fault);
    }
    return heap != NULL;
}

static bool shared_add(size_t bytes) {
    void *memory = space_take_shared(&bytes);
    if (memory == NULL || tlsf_add_pool(heap, memory, bytes) == NULL) {
        return false;
    }
    pools++;
    next_shared = next_shared < SHARED_MOST ? 2 * next_shared : SHARED_MOST;
    return true;
}

static bool own_add(size_t bytes) {
    own_region *region = space_take_own(bytes);
    if (region == NULL) {
        return false;
    }
    region->pool = tlsf_add_pool(heap, region->begin, region->bytes);
    if (region->pool == NULL) {
        space_give_back(region);
        return false;
    }
    pools++;
    return true;
}

/* Gives an own region back to the system if it is empty. */
static void own_release(own_region *region) {
    if (region != NULL && region->pool != NULL && tlsf_remove_pool(heap, region->pool) == 0) {
        pools--;
        space_give_back(region);
    }
}

/* Adds a region in which tlsf_malloc surely serves `bytes`, after it has refused them. */
static bool heap_grow(size_t bytes) {
    const size_t largest = tlsf_largest(heap);
    if (largest != 0 && bytes <= largest) {
        journal_stop("the heap refused a request that tlsf_largest promises to serve");
    }
    if (bytes > tlsf_block_size_max()) {
        return false;
    }
    const size_t least = bytes + tlsf_block_size_min() + tlsf_alloc_overhead() +
                         tlsf_pool_overhead() + 2 * tlsf_align_size();
    return least <= next_shared ? shared_add(next_shared) || own_add(least)
                                : own_add(least) || shared_add(least);
}

/* Requires that the new region has served the request. Returns ptr. */
static void *served(void *ptr) {
    if (ptr == NULL) {
        journal_stop("the heap refused a request that a new region has room for");
    }
    return ptr;
}

/* ---- requests ----------------------------------------------------------------------- */

void *heap_malloc(size_t bytes) {
    if (heap == NULL && !heap_open()) {
        return NULL;
    }
    operation_count();
    void *ptr = tlsf_malloc(heap, bytes);
    return ptr == NULL && heap_grow(bytes) ? served(tlsf_malloc(heap, bytes)) : ptr;
}

void *heap_calloc(size_t count, size_t size) {
    if (heap == NULL && !heap_open()) {
        return NULL;
    }
    operation_count();
    void *ptr = tlsf_calloc(heap, count, size);
    if (ptr != NULL || (size != 0 && count > SIZE_MAX / size)) {
        return ptr;
    }
    return heap_grow(count * size) ? served(tlsf_calloc(heap, count, size)) : NULL;
}

/* Returns how many bytes tlsf_malloc must be able to serve, so that tlsf_memalign promises to serve
 * this request. SIZE_MAX: no heap can serve it. */
static size_t memalign_promise(size_t align, size_t bytes) {
    const size_t least = tlsf_block_size_min();
    const size_t wanted = bytes > least ? bytes : least;
    const size_t max = tlsf_block_size_max();
    return align > max || wanted > max ? SIZE_MAX : wanted + align + least + tlsf_alloc_overhead();
}

void *heap_memalign(size_t align, size_t bytes) {
    if (heap == NULL && !heap_open()) {
        return NULL;
    }
    operation_count();
    void *ptr = tlsf_memalign(heap, align, bytes);
    return ptr == NULL && heap_grow(memalign_promise(align, bytes))
               ? served(tlsf_memalign(heap, align, bytes))
               : ptr;
}

void *heap_realloc(void *ptr, size_t bytes) {
    if (heap == NULL && !heap_open()) {
        return NULL;
    }
    operation_count();
    void *moved = tlsf_realloc(heap, ptr, bytes);
    if (moved == NULL && heap_grow(bytes)) {
        moved = served(tlsf_realloc(heap, ptr, bytes));
    }
    if (moved != NULL && moved != ptr) {
        own_release(space_find_own(ptr));
    }
    return moved;
}

void heap_free(void *ptr) {
    if (heap == NULL && !heap_open()) {
        return;
    }
    operation_count();
    tlsf_free(heap, ptr);
    own_release(space_find_own(ptr));
}
