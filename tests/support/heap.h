/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap in a guarded region, and what suites ask about it. All sizes come from the public
 * functions, so that a suite holds for every build option.
 */
#ifndef HEAP_H
#define HEAP_H

#include "region.h"
#include "tlsf.h"

typedef struct {
    region memory;
    tlsf_t t;
} heap;

/* A heap made by tlsf_create_with_pool whose pool's blocks take at least `bytes` bytes. */
heap heap_make(size_t bytes);

/* A heap without a pool, at the begin of a region in which `bytes` more bytes, from
 * heap_spare() on, are the caller's to add. */
heap heap_make_empty(size_t bytes);
uint8_t *heap_spare(const heap *h);

/* Fills the heap with live blocks that have `count` free ones of these outer sizes between them,
 * the last of which was freed last. */
void heap_make_holes(const heap *h, const size_t *outer, size_t count, void **holes);

/* Fails the case unless the heap is sound and its guard bytes are intact; gives all back. */
void heap_end(heap *h);

/* ---- sizes, from the documented constants ------------------------------------------- */

size_t round_up(size_t bytes, size_t multiple);
size_t round_down(size_t bytes, size_t multiple);

/* The outer size of the smallest block; of block ptr; and the one that a request needs. */
size_t outer_min(void);
size_t outer_of(void *ptr);
size_t outer_for(size_t bytes);

/* What an outer size holds; the same of block ptr, and the bytes in front of its payload. With
 * TLSF_HARDENING 3 less of it can be used than that: what was asked for. */
size_t inner_for(size_t outer);
size_t inner_of(void *ptr);
size_t header_bytes(void);

/* tlsf_block_size of a block of this inner size, of which so many bytes were asked for. */
size_t usable_for(size_t inner, size_t bytes);

/* The bytes of the pool's blocks, used and free, counted by a walk. */
size_t pool_outer(pool_t pool);

/* The blocks of a pool that a walk meets: how many, and how many of them are free. */
size_t pool_blocks(pool_t pool);
size_t pool_free_blocks(pool_t pool);

/* Inner size of the largest free block of a pool. */
size_t pool_largest_free(pool_t pool);

tlsf_stats_t stats_of(tlsf_t t);

/* What a count reads in this build: n, or 0 without statistics. */
size_t counted(size_t n);

bool is_aligned(const void *ptr, size_t align);

/* ---- what failing calls must leave alone -------------------------------------------- */

typedef struct {
    uint8_t *pool; /* a copy of the first pool, bytes of live blocks included */
    tlsf_stats_t stats;
} snapshot;

snapshot snapshot_take(const heap *h);

/* Fails the case unless the heap is as it was, but for `failures` more failed requests. */
void snapshot_expect_unchanged(const heap *h, snapshot *before, size_t failures);

/* ---- faults ------------------------------------------------------------------------- */

/* Counts the faults of a heap from here on, keeps the last, and returns. */
void faults_watch(tlsf_t t);
size_t faults_seen(void);
tlsf_fault_t faults_last(void);

#endif
