/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap in a guarded region, and questions about it. All sizes come from public functions, so that
 * a suite works with every option.
 */
#ifndef HEAP_H
#define HEAP_H

#include "region.h"
#include "tlsf.h"

typedef struct {
    region memory;
    tlsf_t t;
} heap;

/* Makes a heap by tlsf_create_with_pool. The blocks of its pool take at least `bytes` bytes. */
heap heap_make(size_t bytes);

/* Makes a heap without a pool. Its region has `bytes` more bytes, from heap_spare() on, for the
 * caller to add. */
heap heap_make_empty(size_t bytes);
uint8_t *heap_spare(const heap *h);

/* Fills the heap with live blocks. Between them are `count` free blocks of these outer sizes,
 * freed in this order. */
void heap_make_holes(const heap *h, const size_t *outer, size_t count, void **holes);

/* Fails the case unless the heap is sound and its guard bytes are intact. Releases all memory. */
void heap_end(heap *h);

/* ---- sizes, from the documented constants ------------------------------------------- */

size_t round_up(size_t bytes, size_t multiple);
size_t round_down(size_t bytes, size_t multiple);

/* The outer size of the smallest block; of block ptr; and the one that a request needs. */
size_t outer_min(void);
size_t outer_of(void *ptr);
size_t outer_for(size_t bytes);

/* The inner size for an outer size; that of block ptr; the bytes in front of its payload. With
 * TLSF_HARDENING 3 the caller can use less: the requested size. */
size_t inner_for(size_t outer);
size_t inner_of(void *ptr);
size_t header_bytes(void);

/* tlsf_block_size of a block with this inner size for a request of so many bytes. */
size_t usable_for(size_t inner, size_t bytes);

/* The bytes of the pool's blocks, used and free, counted by a walk. */
size_t pool_outer(pool_t pool);

/* The number of blocks of a pool in a walk, and the number of free ones. */
size_t pool_blocks(pool_t pool);
size_t pool_free_blocks(pool_t pool);

/* The inner size of the largest free block of a pool. */
size_t pool_largest_free(pool_t pool);

tlsf_stats_t stats_of(tlsf_t t);

/* A count as this build gives it: n, or 0 without statistics. */
size_t counted(size_t n);

bool is_aligned(const void *ptr, size_t align);

/* ---- what failing calls must leave alone -------------------------------------------- */

typedef struct {
    uint8_t *pool; /* a copy of the first pool, including the bytes of live blocks */
    tlsf_stats_t stats;
} snapshot;

snapshot snapshot_take(const heap *h);

/* Fails the case unless the heap is unchanged, except for `failures` more failed requests. */
void snapshot_expect_unchanged(const heap *h, snapshot *before, size_t failures);

/* ---- faults ------------------------------------------------------------------------- */

/* Sets a fault hook that counts the faults of a heap, keeps the last one, and returns. */
void faults_watch(tlsf_t t);
size_t faults_seen(void);
tlsf_fault_t faults_last(void);

#endif
