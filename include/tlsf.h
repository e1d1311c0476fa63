/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf.h: a two-level segregated fit (TLSF) memory allocator for real-time systems.
 *
 * A heap (tlsf_t) is a control structure and any number of pools (pool_t), contiguous
 * memory regions that the caller gives. malloc, free, memalign, realloc in place and every
 * query below take a bounded number of instructions, whatever the heap holds; the functions
 * that must be linear say so.
 *
 * What holds for every function
 *   Units      Sizes are bytes, and a size is what the caller can use (inner size) unless
 *              the text says outer size. A block's outer size is its inner size plus
 *              tlsf_alloc_overhead().
 *   Alignment  Every block is aligned to TLSF_GRANULE bytes (tlsf_config.h).
 *   Handles    `t` is a heap made by a create function and not destroyed. NULL is not
 *              accepted for it, except where the text says so.
 *   Time       "O(1)": no loop, no recursion and no library call. At TLSF_HARDENING 3 calls
 *              that take or give a block are linear in its size and in the number of pools,
 *              and calls that bring a pool in its size.
 *   Threads    Nothing is locked. One heap is used by one thread or interrupt at a time;
 *              different heaps are independent. fmemory_pool.h adds locks.
 *   State      There are no global variables; all state is inside the caller's memory.
 *   Mistakes   What can happen in a correct program (no memory left, a size or an alignment
 *              that cannot be served) gives NULL or an error code, and changes nothing but
 *              the failure count. A caller's mistake (a pointer that is no live block) is
 *              undefined at TLSF_HARDENING 0, and from level 1 on goes to the fault hook, as
 *              far as O(1) checks can find it; where the hook returns, the call had no
 *              effect. From level 2 on so does corruption, before a call uses it. Nothing
 *              outside the span from the lowest to the highest address of the pools (removed
 *              ones included, until the last is removed) is read for that. A pointer into a
 *              hole of that span is read like any other; it, and a pointer to memory that was
 *              handed out again and looks like a block, can pass for one.
 *
 * Source: M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic memory allocator
 * for real-time systems", ECRTS 2004. README.md lists the deviations from it.
 */
#ifndef TLSF_H
#define TLSF_H

#include <stddef.h>

#include "tlsf_names.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tlsf_control *tlsf_t; /* a heap */
typedef struct tlsf_pool *pool_t;    /* one memory region of a heap */

/* ---- create and destroy ------------------------------------------------------------- */

/* Makes an empty heap in the tlsf_size() bytes at `mem`, planned for pools of any size that
 * the layout can hold; pools are then added with tlsf_add_pool.
 * mem      any address; the control structure is aligned inside.
 * Returns  the heap; NULL if and only if mem is NULL.
 * Time     linear in the number of size classes (some hundreds). */
tlsf_t tlsf_create(void *mem);

/* Makes a heap as tlsf_create does, and uses the rest of the region as its first pool.
 * mem      any address; bytes: any size. [mem, mem + bytes) is rounded inside.
 * Returns  the heap; NULL if and only if mem is NULL, or the region cannot hold the control
 *          structure and one smallest block, or wraps round the address space, or is larger
 *          than a link of the layout reaches.
 * Time     linear in the number of size classes. */
tlsf_t tlsf_create_with_pool(void *mem, size_t bytes);

/* Makes a heap in [mem, mem + bytes) as tlsf_create_with_pool does, whose control structure
 * is only as large as pools of up to `largest_pool` bytes need: under 1 KiB for 9,000 bytes.
 * largest_pool  bytes of the largest region that is ever given to tlsf_add_pool; less than
 *               `bytes` means `bytes`, as the first pool must fit, and more than the layout
 *               can hold means all that it can.
 * Returns  as tlsf_create_with_pool.
 * Time     linear in the number of size classes. */
tlsf_t tlsf_create_sized(void *mem, size_t bytes, size_t largest_pool);

/* Ends the heap: its handle, its pools and its blocks are invalid from here on, and the
 * memory is the caller's again. Live blocks are no obstacle. NULL is ignored. O(1). */
void tlsf_destroy(tlsf_t t);

/* Frees every block of every pool at once, as if each had been freed. Pools, plan, peak and
 * counts stay (each live block counts as one free). Most pointers from before can no longer
 * be found out when they are used.
 * Time     linear in the number of size classes and of pools; not of blocks (at hardening 3,
 *          which fills them, in bytes). */
void tlsf_reset(tlsf_t t);

/* ---- pools -------------------------------------------------------------------------- */

/* Returns  the oldest pool of the heap, which is the one it was created with, unless that was
 *          removed; NULL if and only if the heap has no pool. O(1). */
pool_t tlsf_get_pool(tlsf_t t);

/* Adds the region [mem, mem + bytes) to the heap. It must not overlap another pool.
 * mem      any address; bytes: any size. The region is rounded inside.
 * Returns  the pool; NULL if and only if mem is NULL, or the region is too small for one
 *          smallest block, or larger than the heap was planned for, or wraps round the
 *          address space, or is out of a link's reach (compact layout: 8 GiB from `t`, 4 GiB
 *          with granule 4). A refused region is not touched, and the heap is unchanged.
 * Time     O(1). */
pool_t tlsf_add_pool(tlsf_t t, void *mem, size_t bytes);

/* Takes a pool that holds no live block out of the heap; its memory is the caller's again.
 * pool     of this heap; NULL, and a pool that was removed and not overwritten since, are safe.
 * Returns  0 when the pool was removed. Otherwise the heap is unchanged and the result is
 *          not 0: the pool still holds a live block, or is NULL or removed already.
 * Time     O(1). */
int tlsf_remove_pool(tlsf_t t, pool_t pool);

/* ---- blocks ------------------------------------------------------------------------- */

/* Allocates `bytes` bytes; 0 gives a block of the smallest size.
 * Returns  the block, its content undefined; NULL if and only if no block that the search
 *          meets is large enough. The search is good fit: it meets every free block of a size
 *          class all of whose blocks are large enough, and the first TLSF_LOOK_AHEAD blocks
 *          of the class below. bytes <= tlsf_largest(t) is always served, when
 *          that is not 0.
 * Time     O(1). */
void *tlsf_malloc(tlsf_t t, size_t bytes);

/* Allocates an array of `count` objects of `size` bytes, each byte zero.
 * Returns  as tlsf_malloc for count * size bytes; also NULL when that product overflows.
 * Time     tlsf_malloc and one memset of count * size bytes. */
void *tlsf_calloc(tlsf_t t, size_t count, size_t size);

/* Allocates `bytes` bytes at a multiple of `align`. What lies before the aligned address
 * stays free.
 * align    a power of two, in bytes; 0 and everything up to TLSF_GRANULE that is a power of
 *          two mean the default.
 * Returns  as tlsf_malloc; also NULL when align is neither 0 nor a power of two. What is
 *          searched for is a block with room for the worst gap: the request is served whenever
 *          tlsf_malloc would serve max(bytes, tlsf_block_size_min()) + align +
 *          tlsf_block_size_min() + tlsf_alloc_overhead() bytes.
 * Time     O(1). */
void *tlsf_memalign(tlsf_t t, size_t align, size_t bytes);

/* Changes the size of block `ptr` to `bytes`, keeping the first min(old size, bytes) bytes.
 * A block shrinks in place. It grows in place into free memory behind it; else it moves, into
 * free memory before it or to another block, whichever wastes less.
 * ptr      NULL: allocates like tlsf_malloc.
 * bytes    0 with a ptr that is not NULL: frees ptr and returns NULL.
 * Returns  the block, aligned to TLSF_GRANULE only; NULL (with bytes not 0) if and only if no
 *          room was found: then `ptr` is unchanged and still live.
 * Time     O(1) in place; else O(1) and one copy of the old size.
 * A move to another block counts as one allocation and one free, and both blocks are in use
 * while it copies. */
void *tlsf_realloc(tlsf_t t, void *ptr, size_t bytes);

/* Changes the size of block `ptr` to `bytes` as tlsf_realloc does, at a multiple of `align`.
 * It stays in place where it can and ptr is a multiple of align already.
 * align    as tlsf_memalign.
 * Returns  as tlsf_realloc; also NULL when align is neither 0 nor a power of two: then `ptr`
 *          is not looked at and still live, even with bytes 0. */
void *tlsf_realloc_aligned(tlsf_t t, void *ptr, size_t align, size_t bytes);

/* Frees block `ptr` and coalesces it with free neighbours at once: no two neighbouring free
 * blocks ever exist. NULL is ignored.
 * Time     O(1). */
void tlsf_free(tlsf_t t, void *ptr);

/* ---- queries ------------------------------------------------------------------------ */

/* Returns  the bytes that can be used in live block `ptr`: its inner size, at least what was asked
 *          for; at hardening 3 exactly that. 0 if ptr is NULL. Nothing is checked at any
 *          hardening level. O(1). */
size_t tlsf_block_size(void *ptr);

/* Returns  the size of the largest request that tlsf_malloc is sure to serve now; 0 when
 *          there is no free block. O(1). */
size_t tlsf_largest(tlsf_t t);

/* Returns  bytes of memory that tlsf_create needs, at any address. tlsf_create_with_pool keeps
 *          no more than these for itself, what it knows of its first pool included. */
size_t tlsf_size(void);

/* Returns  TLSF_GRANULE, the alignment of every block. */
size_t tlsf_align_size(void);

/* Returns  the smallest and the largest inner size of a block. The largest outer size is one
 * granule less than 4 GiB on 32-bit machines, and elsewhere than 2^30 granules in the compact
 * layout, and 2^34 in the wide one. */
size_t tlsf_block_size_min(void);
size_t tlsf_block_size_max(void);

/* Returns  bytes of a region, granule-aligned at both ends, that a pool keeps for itself:
 *          the largest block of a fresh pool has
 *          bytes - tlsf_pool_overhead() - tlsf_alloc_overhead() usable bytes. */
size_t tlsf_pool_overhead(void);

/* Returns  bytes of a block that hold its header, and at hardening 3 the least of its guard:
 *          outer - inner size. */
size_t tlsf_alloc_overhead(void);

typedef struct {
    size_t pool_bytes;  /* outer sizes of all blocks, used and free, of all pools */
    size_t used_bytes;  /* outer sizes of the live blocks */
    size_t peak_bytes;  /* the largest used_bytes there ever was */
    size_t free_bytes;  /* pool_bytes - used_bytes */
    size_t largest;     /* tlsf_largest() */
    size_t live_blocks; /* allocations - frees */
    size_t allocations; /* blocks handed out; this and the next two count modulo SIZE_MAX + 1 */
    size_t frees;       /* blocks given back */
    size_t failures;    /* requests that got NULL for want of room or for their alignment */
} tlsf_stats_t;

/* Fills *stats, which is not NULL, with the state of all pools together.
 * Returns  1 when the heap keeps statistics; 0 when it was built without (TLSF_STATISTICS 0):
 *          then only pool_bytes and largest are filled, and the rest is 0. O(1). */
int tlsf_stats(tlsf_t t, tlsf_stats_t *stats);

/* ---- walk and check ----------------------------------------------------------------- */

/* Called for each block of a pool in address order. size is the inner size; used is 1 for a
 * live block and 0 for a free one; user is what the caller gave. */
typedef void (*tlsf_walker)(void *ptr, size_t size, int used, void *user);

/* Calls `walker` for each block of `pool`. The walker must not change the heap, and must not
 * write to free blocks. NULL for pool or walker: nothing is done. A pool whose block sizes
 * are corrupted is walked as far as they stay inside it; its own size is believed (tlsf_check
 * tests it).
 * Time     linear in the blocks of the pool. */
void tlsf_walk_pool(pool_t pool, tlsf_walker walker, void *user);

/* The invariants of a heap; tlsf_check returns the lowest number that is broken. "Block" is a
 * block of a pool; "next" and "previous" mean addresses; "iff" is if and only if. */
typedef enum {
    TLSF_SOUND = 0,
    TLSF_BROKEN_CONTROL = 1,       /* the null block is empty; plan and classes agree */
    TLSF_BROKEN_POOL_LIST = 2,     /* pool.next.previous = pool; sum of pool sizes = pool_bytes */
    TLSF_BROKEN_BLOCK_SIZE = 3,    /* smallest <= outer size; the block ends inside its pool */
    TLSF_BROKEN_POOL_END = 4,      /* after the last block: a used end marker */
    TLSF_BROKEN_PREVIOUS_FLAG = 5, /* a header's "previous is free" is set iff there is a
                                      previous block and it is free */
    TLSF_BROKEN_COALESCING = 6,    /* b is free implies next(b) is used */
    TLSF_BROKEN_FOOTER = 7,        /* b is free implies its last word equals its header */
    TLSF_BROKEN_LIST_LINK = 8,  /* a listed link names what lies in a pool; b.next.previous = b */
    TLSF_BROKEN_LIST_CLASS = 9, /* b is in list c implies b is free and class_floor(b) = c */
    TLSF_BROKEN_PENDING = 10,   /* there is none, or it is free, and its size and class are kept;
                                   from hardening 2 on its links are empty */
    TLSF_BROKEN_LIST_SET = 11,  /* listed blocks and the pending block = the free blocks, once */
    TLSF_BROKEN_SECOND_LEVEL = 12, /* a class's bit is set iff its list is not empty */
    TLSF_BROKEN_FIRST_LEVEL = 13,  /* a row's bit is set iff a class of the row has its bit set */
    TLSF_BROKEN_STATISTICS = 14,   /* used_bytes = sum of used outer sizes <= peak_bytes;
                                      live_blocks = number of used blocks */
    TLSF_BROKEN_GUARD = 15, /* hardening 3: nobody has written behind a used block's payload */
    TLSF_BROKEN_FILL = 16   /* hardening 3: nobody has written into a free block */
} tlsf_invariant;

/* Tests every invariant of the heap and of all its pools. Writes nothing, allocates nothing.
 * Returns  0 (TLSF_SOUND) if and only if all hold; else the lowest tlsf_invariant that does not.
 * A corrupted heap is no danger: each link, size and class is bounded before it is followed,
 * and nothing is read outside the span from the lowest to the highest address of the pools.
 * Where that span has memory between pools that must not be read, a broken link into it is
 * read all the same. The span itself, the plan within its class, the peak, the failures and the
 * hook are believed, as nothing tells right from wrong there. Invariant 11 compares two sets by
 * sums of scattered addresses.
 * Time     linear in blocks; with several pools, free blocks times pools; where lists are corrupted,
 *          linear in bytes, times pools. */
int tlsf_check(tlsf_t t);

/* Tests the invariants 3 to 7, 15 and 16 of one pool, whose own size is believed (tlsf_check tests it).
 * Returns  as tlsf_check; NULL gives TLSF_BROKEN_POOL_LIST. */
int tlsf_check_pool(pool_t pool);

/* Returns  a short English name of an invariant; "unknown" for other numbers. Never NULL. */
const char *tlsf_invariant_name(int invariant);

/* ---- faults ------------------------------------------------------------------------- */

typedef enum {
    TLSF_FAULT_MISALIGNED = 1,  /* the pointer is no multiple of TLSF_GRANULE */
    TLSF_FAULT_DOUBLE_FREE = 2, /* its header says that it is free already */
    TLSF_FAULT_NOT_A_BLOCK = 3, /* no block can begin there: foreign or interior pointer */
    TLSF_FAULT_NEIGHBOUR = 4,   /* a neighbour's header disagrees with the block or with what
                                   lies behind it: it, or the
                                   block's own header, was overwritten, or there is no block */
    TLSF_FAULT_CORRUPTION = 5,  /* TLSF_HARDENING 2: a size, link or bit that the call would have
                                   used was overwritten */
    TLSF_FAULT_OVERRUN = 6,     /* TLSF_HARDENING 3: the guard behind the block's payload was
                                   overwritten, or is that of another heap */
    TLSF_FAULT_WRITE_AFTER_FREE = 7 /* TLSF_HARDENING 3: free memory that the call would have handed
                                       out was written to; `block` is the free block */
} tlsf_fault_kind;

typedef struct {
    tlsf_fault_kind kind;
    const void *block;  /* what the caller passed; of corruption, the block that the call was about
                           to use, or an address in the control structure */
    size_t size;        /* inner size that its header claims; 0 where it cannot be read */
    const void *before; /* the free block before it, as far as headers tell; or NULL */
    size_t before_size; /* its inner size */
    const void *after;  /* the block that follows, as far as headers tell; or NULL */
    size_t after_size;  /* its inner size */
} tlsf_fault_t;

/* Told of every caller's mistake and of all corruption that is found. When it returns, the call
 * that found it returns without effect: NULL from a request, from tlsf_get_pool and from
 * tlsf_add_pool, 0 from tlsf_largest, 1 from tlsf_remove_pool, nothing from tlsf_free and
 * tlsf_reset. The one exception is a realloc that moves to another block, with TLSF_PENDING 0 from
 * level 2 on, and at level 1: what it finds only after the copy leaves `ptr` live and as it was,
 * but the new block has come and gone, and the counts and the peak tell of it. It must not
 * call into the same heap. */
typedef void (*tlsf_fault_hook)(tlsf_t t, const tlsf_fault_t *fault);

/* Sets the heap's fault hook. NULL means the default, which stops the program with the
 * processor's trap instruction: a debugger, or the trap handler, finds the tlsf_fault_t in
 * the stopped function's argument. O(1).
 * Returns  the hook before; NULL for the default. */
tlsf_fault_hook tlsf_set_fault_hook(tlsf_t t, tlsf_fault_hook hook);

/* Returns  a short English name of a fault kind; "unknown" for other numbers. Never NULL. */
const char *tlsf_fault_name(tlsf_fault_kind kind);

#ifdef __cplusplus
}
#endif

#endif
