/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap in a guarded region, and what suites ask about it. All sizes come from functions of the
 * library, so that a suite holds for every build option.
 */
#ifndef GUARDED_HEAP_H
#define GUARDED_HEAP_H

#include "region.h"
#include "tlsf.h"

typedef struct {
    region memory;
    tlsf_t t;
} heap;

/* Makes a heap with tlsf_create_with_pool. The blocks of its pool take at least `bytes` bytes. */
heap heap_make(size_t bytes);

/* Makes a heap without a pool at the begin of a region. From heap_spare() on, the region has
 * `bytes` more bytes, which the caller can add as pools. */
heap heap_make_empty(size_t bytes);
uint8_t *heap_spare(const heap *h);

/* Fills the heap with live blocks and leaves `count` free blocks between them, of these outer
 * sizes. Frees the last of them last. */
void heap_make_holes(const heap *h, const size_t *outer, size_t count, void **holes);

/* Fails the case unless the heap is sound and its guard bytes are intact. Gives all memory back. */
void heap_end(heap *h);

/* ---- sizes, from the documented constants ------------------------------------------- */

size_t round_up(size_t bytes, size_t multiple);
size_t round_down(size_t bytes, size_t multiple);

/* The outer size of the smallest block, of block `ptr`, of the smallest block that serves a
 * request, and of the block that a request gets where there is room: with TLSF_ROUND_TO_CLASS a
 * larger one. */
size_t outer_min(void);
size_t outer_of(void *ptr);
size_t outer_needed(size_t bytes);
size_t outer_for(size_t bytes);

/* The inner size of a block of this outer size, that of block `ptr`, and the bytes of the header in
 * front of a payload. At TLSF_HARDENING 3 the caller can use less than the inner size: only what it
 * asked for. */
size_t inner_for(size_t outer);
size_t inner_of(void *ptr);
size_t header_bytes(void);

/* What tlsf_block_size returns for a block of this inner size that serves a request for `bytes`. */
size_t usable_for(size_t inner, size_t bytes);

/* The sum of the outer sizes of the pool's blocks, used and free, counted by a walk. */
size_t pool_outer(pool_t pool);

/* How many blocks a walk finds in the pool, and how many of them are free. */
size_t pool_blocks(pool_t pool);
size_t pool_free_blocks(pool_t pool);

/* The inner size of the largest free block of the pool. */
size_t pool_largest_free(pool_t pool);

tlsf_stats_t stats_of(tlsf_t t);

/* What a counter reads in this build: n, or 0 without statistics. */
size_t counted(size_t n);

bool is_aligned(const void *ptr, size_t align);

/* ---- what failing calls must leave unchanged ---------------------------------------- */

typedef struct {
    uint8_t *pool; /* a copy of the first pool, with the bytes of live blocks */
    tlsf_stats_t stats;
} snapshot;

snapshot snapshot_take(const heap *h);

/* Fails the case unless the heap is as it was, except for `failures` more failed requests. */
void snapshot_expect_unchanged(const heap *h, snapshot *before, size_t failures);

/* ---- faults ------------------------------------------------------------------------- */

/* From here on, counts the faults of the heap and keeps the last one. The hook returns. */
void faults_watch(tlsf_t t);
size_t faults_seen(void);
tlsf_fault_t faults_last(void);

#endif
