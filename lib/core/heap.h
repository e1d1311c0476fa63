/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control structure of a heap, and the descriptor in front of each pool.
 *
 *     control structure        first pool                          any other pool
 *     +---------------+-------+------------+-------+-----+       +------------+-------+--
 *     | fixed part    | heads | descriptor | block | ... | end   | descriptor | block | ..
 *     +---------------+-------+------------+-------+-----+       +------------+-------+--
 *     t                                    pool                               pool
 */
#ifndef TLSF_CONTROL_H
#define TLSF_CONTROL_H

#include "block.h"
#include "memory_checker.h"

#define CLASSES_PER_OCTAVE (1u << TLSF_SL_BITS) /* S: size classes for each power of two */
#define CLASSES_PER_ROW 32u

/* For blocks of every size up to OUTER_SIZE_MAX. */
#define CLASS_COUNT ((GRANULES_BITS - TLSF_SL_BITS + 1) * CLASSES_PER_OCTAVE)

/* Classes are numbered from CLASS_FIRST on (size_class.h), which grows with what lies before the
 * heads: at most so far. */
#define CLASS_FIRST_MAX (CLASSES_PER_OCTAVE + 32u)
#define ROW_COUNT ((CLASS_FIRST_MAX + CLASS_COUNT - 1) / CLASSES_PER_ROW + 1)

/* Links of the pool list, in address units of block links, name descriptors. */
typedef struct {
    block_link next;
    block_link previous;
    outer_size size; /* of all blocks, without the end marker */
} pool_descriptor;

struct tlsf_control {
    /* What the empty link names: free-list code writes here without asking. Its header is 0
     * (outer size 0, used) and its next link is empty, always; its previous link is garbage. */
    _Alignas(LINK_BASE_ALIGN) block null;

    /* The pending block: the one free block that is in no list (free_blocks.h). Without one:
     * the null block, header 0, class 0. */
    block_link pending;
    header_word pending_header;
    uint32_t pending_class;

    uint32_t first_level; /* bit r is set iff second_level[r] is not 0 */
    uint32_t class_end;   /* heads are there for the classes CLASS_FIRST .. class_end - 1 */
    size_t request_max;   /* the largest request that the plan allows, in bytes */
    uintptr_t span_begin; /* the lowest header address of all pools */
    uintptr_t span_end;   /* that of the highest end marker */
    size_t pool_size;     /* of all pools, in outer_size, as are used and peak */
    size_t used, peak;    /* with statistics, as the next three; else 0 */
    size_t allocations, frees, failures;
    tlsf_fault_hook fault_hook;
    pool_descriptor pools;            /* the circular list's anchor; next: the oldest pool */
    uint32_t second_level[ROW_COUNT]; /* bit c % 32 of word c / 32 is set iff list c is not empty */
    block_link heads[];               /* the lists' first blocks: see list_slot in free_list.h,
                                         the one way to them */
};

typedef struct tlsf_control control;

_Static_assert(offsetof(control, null) == 0, "links name the null block as their base");
_Static_assert(ROW_COUNT <= 32, "the first-level bitmap is one 32-bit word");

/* ---- pools -------------------------------------------------------------------------- */

static inline block *pool_first_block(pool_t pool) { return (block *)(void *)pool; }

static inline pool_descriptor *pool_describe(pool_t pool) {
    return (pool_descriptor *)(void *)pool - 1;
}

static inline pool_t pool_of_descriptor(const pool_descriptor *descriptor) {
    return (pool_t)((uintptr_t)descriptor + sizeof(pool_descriptor)); /* whatever it points to */
}

/* The end marker: a used block that is larger than any pool. */
static inline block *pool_end(pool_t pool) {
    return block_at(pool_first_block(pool), pool_describe(pool)->size);
}

static inline block_link pool_link(const control *t, const pool_descriptor *descriptor) {
    return link_of(t, (const block *)(const void *)descriptor);
}

static inline pool_descriptor *pool_linked(const control *t, block_link link) {
    return (pool_descriptor *)(void *)link_block(t, link);
}

/* ---- the span: from the lowest header of all pools to the highest end marker --------- */

static inline bool block_is_in_span(const control *t, const block *b) {
    const uintptr_t address = (uintptr_t)b;
    return (uintptr_t)block_payload(b) % GRANULE == 0 && address >= t->span_begin &&
           address < t->span_end;
}

/* Whether a size that b claims leads to a place in the span, the highest end marker included. The
 * room is counted in outer_size, as the size in bytes could wrap. */
static inline bool size_is_in_span(const control *t, const block *b, outer_size n) {
    return n <= (t->span_end - (uintptr_t)b) / SIZE_UNIT;
}

/* ---- the list: linear in pools ------------------------------------------------------ */

/* Whether a descriptor at this address, its pool's blocks and end marker are in the span. */
static inline bool descriptor_is_plausible(const control *t, const pool_descriptor *descriptor) {
    const block *first = pool_first_block(pool_of_descriptor(descriptor));
    return block_is_in_span(t, first) && descriptor->size >= BLOCK_MIN &&
           size_is_in_span(t, first, descriptor->size);
}

/* Invariant 2 of tlsf.h. No descriptor is met twice, as each names the one before it. */
static inline bool pool_list_is_sound(const control *t) {
    size_t total = 0;
    const pool_descriptor *before = &t->pools;
    while (pool_linked(t, before->next) != &t->pools) {
        const pool_descriptor *descriptor = pool_linked(t, before->next);
        if (!descriptor_is_plausible(t, descriptor) ||
            pool_linked(t, descriptor->previous) != before) {
            return false;
        }
        total += descriptor->size;
        before = descriptor;
    }
    return pool_linked(t, t->pools.previous) == before && total == t->pool_size;
}

/* Whether what b names could be a block: it and its header lie in a pool. The list is sound. */
static inline bool block_is_in_a_pool(const control *t, const block *b) {
    if ((uintptr_t)block_payload(b) % GRANULE != 0) {
        return false;
    }
    for (block_link link = t->pools.next; pool_linked(t, link) != &t->pools;) {
        const pool_descriptor *descriptor = pool_linked(t, link);
        const uintptr_t offset = (uintptr_t)b - (uintptr_t)(descriptor + 1);
        if (offset <= size_bytes(descriptor->size - BLOCK_MIN)) {
            return true;
        }
        link = descriptor->next;
    }
    return false;
}

/* ---- statistics --------------------------------------------------------------------- */

static inline void statistics_resized(control *t, outer_size before, outer_size after) {
    if (TLSF_STATISTICS) {
        const size_t used = t->used + after - before;
        t->used = used;
        t->peak = used > t->peak ? used : t->peak;
    }
}

static inline void statistics_allocated(control *t, outer_size n) {
    if (TLSF_STATISTICS) {
        statistics_resized(t, 0, n);
        t->allocations++;
    }
}

static inline void statistics_freed(control *t, outer_size n) {
    if (TLSF_STATISTICS) {
        t->used -= n;
        t->frees++;
    }
}

/* A request came to nothing: the result of the call that made it. */
static inline void *statistics_failed(control *t) {
    CHECKER_PAUSE();
    if (TLSF_STATISTICS) {
        t->failures++;
    }
    return NULL;
}

#endif
