/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The structure of a heap: the control structure, and its pools, each behind a descriptor.
 *
 *     control structure        first pool                          any other pool
 *     +---------------+-------+------------+-------+-----+       +------------+-------+--
 *     | fixed part    | heads | descriptor | block | ... | end   | descriptor | block | ..
 *     +---------------+-------+------------+-------+-----+       +------------+-------+--
 *     t                       pool                               pool
 *
 * A pool's handle is the address of its descriptor, which lies where the pool's memory begins.
 */
#ifndef TLSF_HEAP_H
#define TLSF_HEAP_H

#include "block.h"
#include "tlsf.h"

#define CLASSES_PER_OCTAVE (1u << TLSF_SL_BITS) /* S: size classes for each power of two */
#define CLASSES_PER_ROW 32u

/* Classes for blocks of every size up to OUTER_SIZE_MAX. */
#define CLASS_COUNT ((GRANULES_BITS - TLSF_SL_BITS + 1) * CLASSES_PER_OCTAVE)

/* An upper bound of CLASS_FIRST, the number of the first class (size_class.h). */
#define CLASS_FIRST_MAX (CLASSES_PER_OCTAVE + 32u)
#define ROW_COUNT ((CLASS_FIRST_MAX + CLASS_COUNT - 1) / CLASSES_PER_ROW + 1)

/* Stands at the beginning of a pool. Links of the pool list name descriptors as links of a free
 * list name blocks. */
typedef struct {
    block_link next;
    block_link previous;
    outer_size size; /* of all blocks, without the end marker; 0 in a pool that was removed */
} pool_descriptor;

/* Bytes from a pool's descriptor to its first payload. Both are multiples of the granule. */
enum { POOL_FRONT = (sizeof(pool_descriptor) + BLOCK_OVERHEAD + GRANULE - 1) / GRANULE * GRANULE };

struct tlsf_control {
    /* The null block. An empty link points here, so list code can write to a neighbour without
     * checking that there is one. Header 0 and an empty `next`, always; `previous` is garbage. */
    alignas(LINK_BASE_ALIGN) block null;

    /* The pending block: the one free block outside the lists (free_blocks.h), and its header with
     * PENDING_VICTIM if it is a victim. If there is none: the null block, and 0. */
    block_link pending;
    header_word pending_header;

    uint32_t first_level; /* bit r is set iff second_level[r] is not 0 */
    uint32_t class_end;   /* there are heads for the classes CLASS_FIRST .. class_end - 1 */
    size_t request_max;   /* the largest request that the plan allows, in bytes */
    uintptr_t span_begin; /* the lowest header address of all pools */
    uintptr_t span_end;   /* the address of the highest end marker */
    size_t pool_size;     /* of all pools: an outer size, as are used and peak */
    size_t used, peak;    /* statistics, as are the next three; 0 without them */
    size_t allocations, frees, failures;
    tlsf_fault_hook fault_hook;
    pool_descriptor pools;            /* the anchor of the circular pool list; next: the oldest */
    uint32_t second_level[ROW_COUNT]; /* bit c % 32 of word c / 32 is set iff list c is not empty */

    /* The first block of each list. As many as the plan has classes stand here; list_slot alone
     * reaches them. */
    block_link heads[1];
};

typedef struct tlsf_control control;

/* The heap behind a handle. */
static inline control *control_of(tlsf_t handle) { return (control *)handle; }

/* Where the control structure lies in a region that begins at mem. */
static inline control *control_at(void *mem) {
    const uintptr_t address = (uintptr_t)mem;
    return (control *)(address + (0 - address) % alignof(control));
}

static_assert(offsetof(control, null) == 0, "the null block is the base of all links");
static_assert(ROW_COUNT <= 32, "the first-level bitmap is one 32-bit word");

/* ---- pools -------------------------------------------------------------------------- */

static inline uintptr_t align_up(uintptr_t address, size_t align) {
    return (address + align - 1) & ~(uintptr_t)(align - 1);
}

/* The descriptor of a pool. Its memory may begin below, so what the caller gave to tlsf_add_pool
 * names the pool as well as its handle does. */
static inline pool_descriptor *pool_describe(pool_t pool) {
    return (pool_descriptor *)align_up((uintptr_t)pool, GRANULE);
}

static inline pool_t pool_of_descriptor(const pool_descriptor *descriptor) {
    return (pool_t)(uintptr_t)descriptor;
}

/* The descriptor may be any address. */
static inline block *descriptor_first_block(const pool_descriptor *descriptor) {
    return (block *)((uintptr_t)descriptor + POOL_FRONT - BLOCK_OVERHEAD);
}

static inline block *pool_first_block(pool_t pool) {
    return descriptor_first_block(pool_describe(pool));
}

/* The end marker: a used block, larger than any pool. */
static inline block *descriptor_end(const pool_descriptor *descriptor) {
    return block_at(descriptor_first_block(descriptor), descriptor->size);
}

static inline block *pool_end(pool_t pool) { return descriptor_end(pool_describe(pool)); }

/* Bytes of a pool, descriptor and end marker included. The size is one that a plan allows. */
static inline size_t pool_bytes(const pool_descriptor *descriptor) {
    return POOL_FRONT + size_bytes(descriptor->size);
}

/* Links of the pool list are distances from the control structure in every layout. So those of
 * another heap's pool lead elsewhere, and no heap takes it for its own. */
static inline block_link pool_link(const control *t, const pool_descriptor *descriptor) {
    const block_link link = link_of(t, (const block *)(const void *)descriptor);
    return (block_link)((link_bits)link - (link_bits)link_null(t));
}

static inline pool_descriptor *pool_linked(const control *t, block_link link) {
    const link_bits marked = (link_bits)link + (link_bits)link_null(t);
    return (pool_descriptor *)(void *)link_block(t, (block_link)marked);
}

/* ---- the span: from the lowest header of all pools to the highest end marker ---------- */

static inline bool block_is_in_span(const control *t, const block *b) {
    const uintptr_t address = (uintptr_t)b;
    return (uintptr_t)block_payload(b) % GRANULE == 0 && address >= t->span_begin &&
           address < t->span_end;
}

/* Whether a link names a place of the span that has room for a free block's links, and from which
 * they can be read. The span holds a block. A link of the compact layout with granule 8 or more
 * counts words, so what it names is always aligned. */
static inline bool link_is_in_span(const control *t, block_link link) {
    const uintptr_t address = (uintptr_t)link_block(t, link);
    return (LINK_UNIT % alignof(block_link) == 0 || address % alignof(block_link) == 0) &&
           address - t->span_begin <= t->span_end - t->span_begin - size_bytes(BLOCK_MIN);
}

/* Whether the place that lies n behind b, which is in the span, is there, too, or is the highest
 * end marker. Compares outer sizes where the size in bytes could overflow. */
static inline bool size_is_in_span(const control *t, const block *b, outer_size n) {
    return sizeof(size_t) > sizeof(outer_size) ? size_bytes(n) <= t->span_end - (uintptr_t)b
                                               : n <= (t->span_end - (uintptr_t)b) / SIZE_UNIT;
}

/* ---- the pool list: checks that read inside the span only; linear in pools ------------ */

/* Whether the pool that the descriptor describes lies in the span, end marker included. */
static inline bool descriptor_is_plausible(const control *t, const pool_descriptor *descriptor) {
    const block *first = descriptor_first_block(descriptor);
    return block_is_in_span(t, first) && descriptor->size >= BLOCK_MIN &&
           size_is_in_span(t, first, descriptor->size);
}

/* Invariant 2 of tlsf.h. Each descriptor must name the one before it, so the loop meets none
 * twice. */
static inline bool pool_list_is_sound(const control *t) {
    size_t total = 0;
    const pool_descriptor *before = &t->pools;
    while (pool_linked(t, before->next) != &t->pools) {
        const pool_descriptor *descriptor = pool_linked(t, before->next);
        if (!descriptor_is_plausible(t, descriptor) ||
            pool_linked(t, descriptor->previous) != before) {
            return false;
        }
        total += (size_t)descriptor->size;
        before = descriptor;
    }
    return pool_linked(t, t->pools.previous) == before && total == t->pool_size;
}

/* Whether a block can lie at b: b and the header there are inside a pool. The list is sound. */
static inline bool block_is_in_a_pool(const control *t, const block *b) {
    if ((uintptr_t)block_payload(b) % GRANULE != 0) {
        return false;
    }
    for (block_link link = t->pools.next; pool_linked(t, link) != &t->pools;) {
        const pool_descriptor *descriptor = pool_linked(t, link);
        const uintptr_t offset = (uintptr_t)b - (uintptr_t)descriptor_first_block(descriptor);
        if (offset <= size_bytes(descriptor->size - BLOCK_MIN)) {
            return true;
        }
        link = descriptor->next;
    }
    return false;
}

/* ---- faults --------------------------------------------------------------------------- */

/* Reports a fault of the block with payload `ptr` to the heap's fault hook (fault.c). If kind is
 * 0, ptr is no live block, and the function finds the kind itself. Corruption that belongs to no
 * block is reported at the null block. */
OF_ALL_SOURCES void tlsf_report_fault(control *t, const void *ptr, int kind);

/* Reports corruption at b unless `is_sound`. */
static inline bool verify(control *t, const block *b, bool is_sound) {
    if (!is_sound) {
        tlsf_report_fault(t, block_payload(b), TLSF_FAULT_CORRUPTION);
    }
    return is_sound;
}

#endif
