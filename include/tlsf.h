/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf.h: a two-level segregated fit (TLSF) memory allocator for real-time systems.
 *
 *     static unsigned char memory[9000];
 *     tlsf_t heap = tlsf_create_sized(memory, sizeof memory, 0);
 *
 *     if (heap != NULL) {
 *         void *block = tlsf_malloc(heap, 100);
 *         ...
 *         tlsf_free(heap, block);
 *         tlsf_destroy(heap);
 *     }
 *
 * A heap (tlsf_t) is a control structure and any number of pools (pool_t): contiguous memory
 * regions that the caller supplies. malloc, free, memalign, realloc in place and each query marked
 * O(1) take a bounded number of instructions, whatever the heap holds. A function that takes linear
 * time says so.
 *
 * What holds for every function
 *   Units        Sizes are bytes. A size is an inner size, the bytes that the caller can use,
 *                except where the text says outer size. A block's outer size is its inner size plus
 *                tlsf_alloc_overhead().
 *   Alignment    Every block is aligned to TLSF_GRANULE bytes (tlsf_config.h).
 *   Handles      `t` is a heap that a create function made and that is not destroyed. It is not
 *                NULL, except where the text allows it.
 *   Time         "O(1)" means: no loop, no recursion and no library call. At TLSF_HARDENING 3 a
 *                call that allocates or frees a block is linear in the block's size and in the
 *                number of pools, and a call that adds memory is linear in its size.
 *   Threads      Nothing is locked. Use a heap from one thread or interrupt at a time. Different
 *                heaps are independent. fmemory_pool.h adds locks.
 *   State        There are no global variables. All state is in the caller's memory.
 *
 * What can go wrong
 *   Failure      No memory is left, or a size or an alignment cannot be served. This can happen in
 *                a correct program. The call returns NULL or an error code, and changes nothing but
 *                the count of failures.
 *   Misuse       The caller passes a pointer that is no live block. At TLSF_HARDENING 0 this is
 *                undefined. From level 1 on it goes to the fault hook, as far as O(1) checks can
 *                find it.
 *   Corruption   Something overwrites a size, a link or a bit of the heap. From level 2 on this
 *                goes to the fault hook, before a call uses what was overwritten. At level 1 this
 *                holds for the header, the footer and the links of a free block that a call takes.
 *   No effect    When the fault hook returns, the call that found the fault has no effect
 *                (tlsf_fault_hook names one exception).
 *   Reads        These checks read nothing outside the control structure and the span of the
 *                pools, which goes from their lowest to their highest address. Removed pools belong
 *                to it until the last pool is removed. What a pointer or a broken link names in a
 *                hole of the span is read like anything else.
 *   Not found    A pointer into a hole of the span can pass for a live block: the block of another
 *                heap, for one, whose pool lies between two pools of this heap. Level 3 finds that.
 *                So can a pointer to memory that was allocated again and looks like a block.
 *
 * How much memory a program needs
 *   A request    All sizes here are outer sizes. tlsf_malloc for a block of size n fails only if
 *                every free block is smaller than (1 + 1/2^TLSF_SL_BITS) * n.
 *   A program    B live blocks in P pools, at least one, leave at most B + P free blocks. So
 *                tlsf_malloc serves a block of size n whenever pool_bytes of tlsf_stats_t is at
 *                least used_bytes + (B + P) * (1 + 1/2^TLSF_SL_BITS) * n.
 *
 * Source: M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic memory allocator
 * for real-time systems", ECRTS 2004. docs/design.md says where the library departs from it.
 */
#ifndef TLSF_H
#define TLSF_H

#include <stddef.h>

#include "tlsf_config.h"

/* The version, as three numbers, as one that grows (for #if), and as text: "0.1.0". */
#define TLSF_VERSION_MAJOR 0
#define TLSF_VERSION_MINOR 1
#define TLSF_VERSION_PATCH 0
#define TLSF_VERSION (TLSF_VERSION_MAJOR * 10000 + TLSF_VERSION_MINOR * 100 + TLSF_VERSION_PATCH)
#define TLSF_VERSION_STRING \
    TLSF_VERSION_EXPAND(TLSF_VERSION_MAJOR, TLSF_VERSION_MINOR, TLSF_VERSION_PATCH)
#define TLSF_VERSION_EXPAND(major, minor, patch) TLSF_VERSION_QUOTE(major, minor, patch)
#define TLSF_VERSION_QUOTE(major, minor, patch) #major "." #minor "." #patch

#ifdef __cplusplus
extern "C" {
#endif

/* Handles: a heap, and one memory region of a heap. TLSF_TYPED_HANDLES chooses their types. */
#if TLSF_TYPED_HANDLES
typedef struct tlsf_control *tlsf_t;
typedef struct tlsf_pool *pool_t;
#else
typedef void *tlsf_t;
typedef void *pool_t;
#endif

/* ---- create and destroy -------------------------------------------------------------- */

/* Makes an empty heap in the tlsf_size() bytes at `mem`. It takes pools of any size that the layout
 * can hold: add them with tlsf_add_pool.
 * mem      any address; the control structure is aligned inside.
 * Returns  the heap; NULL if and only if mem is NULL.
 * Time     linear in the number of size classes (some hundreds). */
tlsf_t tlsf_create(void *mem);

/* Makes a heap as tlsf_create does, and makes the rest of the region its first pool.
 * mem      any address; bytes: any size. [mem, mem + bytes) is rounded inside.
 * Returns  the heap; NULL if and only if mem is NULL, or the region cannot hold the control
 *          structure and one smallest block, or wraps round the address space, or is larger
 *          than a link of the layout reaches. The region may end where the address space ends.
 * Time     linear in the number of size classes. */
tlsf_t tlsf_create_with_pool(void *mem, size_t bytes);

/* Makes a heap as tlsf_create_with_pool does, but plans it for pools of up to `largest_pool` bytes.
 * The control structure is only as large as such pools need: under 1 KiB for 9,000 bytes.
 * largest_pool  bytes of the largest region that you will give to tlsf_add_pool. Less than `bytes`
 *               means `bytes`, as the first pool must fit. More than the layout can hold means all
 *               that it can hold.
 * Returns  as tlsf_create_with_pool.
 * Time     linear in the number of size classes. */
tlsf_t tlsf_create_sized(void *mem, size_t bytes, size_t largest_pool);

/* Ends the heap. Its handle, its pools and its blocks, live ones too, are invalid from here on, and
 * the memory is the caller's again. The call writes nothing, so it is harmless where no heap is:
 * NULL, a heap that was destroyed before, memory that holds something else. O(1).
 * Not promised: that a later use of the handle is found.
 * With TLSF_MEMORY_CHECKER 1 the call reads the control structure at t. If that is sound, it gives
 * all memory of the heap back to the checker, in time linear in pools. It writes nothing either. */
void tlsf_destroy(tlsf_t t);

/* Frees every block of every pool at once, as if each had been freed. The pools, the plan, the peak
 * and the counts stay; each live block counts as one free.
 * Time     linear in the number of size classes and of pools, not of blocks. At hardening 3 it is
 *          linear in bytes, as freed memory is filled.
 * Not promised: most later uses of a pointer from before the reset are not found. */
void tlsf_reset(tlsf_t t);

/* ---- attach: a heap that survived a reset -------------------------------------------- */

typedef struct {
    void *begin;
    size_t bytes;
} tlsf_region_t;

struct tlsf_report; /* "walk and check", below */

/* Finds the heap that a create function made in this region before a reset, in memory that kept its
 * content. Use it in place of the create function, with the same arguments.
 * mem, bytes  as the create function got them, at the same address. They hold the only pool: see
 *          tlsf_attach_regions.
 * lost     what did not survive; may be NULL. It is filled as by tlsf_check_report.
 * Returns  the heap, with its live blocks; NULL if and only if an invariant other than that of the
 *          statistics is broken, or something of the heap lies outside the region. Then nothing
 *          was written, and the caller creates a new heap.
 * Time     as tlsf_check, and pools times pools.
 * No word of the region is used before it is checked: any content is safe. The fault hook is
 * the default again, so a hook of the program before is never called. Where only the statistics
 * do not agree with the blocks, they are counted again: `lost` says TLSF_BROKEN_STATISTICS, and the
 * peak and the counts begin anew. Nothing repeats the peak, the failures and the frees: where the
 * rest agrees, they are taken as they are.
 * A heap of a program with another TLSF_LAYOUT, TLSF_GRANULE or TLSF_SL_BITS, or with hardening 3
 * on one side only, is refused, as a rule with TLSF_BROKEN_CONTROL: its plan does not agree with
 * the number of its classes. No word of the heap is kept for this. A heap of a program with
 * hardening 0 or 1 may be refused at hardening 2 and 3, with TLSF_BROKEN_PENDING, if it has a
 * pending block (TLSF_PENDING): only from hardening 2 on does that block have empty links.
 * A pool that has grown since needs all the memory that it has now.
 * Not promised: that the content of live blocks survived, as it is not looked at. Nor that a heap
 * which tlsf_destroy had ended is refused, as that call writes nothing: overwrite the start of its
 * memory. */
tlsf_t tlsf_attach(void *mem, size_t bytes, struct tlsf_report *lost);

/* The same for a heap with pools in other regions.
 * mem, bytes  as for tlsf_attach; as tlsf_create got them: `mem` and tlsf_size().
 * added    the regions of tlsf_add_pool in any order, as far as their pools were not removed. Other
 *          regions may be named, too. NULL if count is 0.
 * Returns  as tlsf_attach; each pool lies in one of the regions, apart from all others.
 * Time     as tlsf_attach, and pools times regions. */
tlsf_t tlsf_attach_regions(void *mem, size_t bytes, const tlsf_region_t *added, size_t count,
                           struct tlsf_report *lost);

/* ---- pools --------------------------------------------------------------------------- */

/* Returns  the oldest pool of the heap: the one it was created with, unless that was removed; NULL
 *          if and only if the heap has no pool. O(1). */
pool_t tlsf_get_pool(tlsf_t t);

/* The handle of a pool is `mem`, the beginning of its memory, rounded up to a multiple of
 * TLSF_GRANULE. Every call that takes a pool takes `mem` itself, too. */

/* Adds the region [mem, mem + bytes) to the heap. It must not overlap another pool.
 * mem      any address; bytes: any size. The region is rounded inside. It may end where the address
 *          space ends.
 * Returns  the pool; NULL if and only if mem is NULL, or the region is too small for one
 *          smallest block, or larger than the heap was planned for, or wraps round the
 *          address space, or is out of a link's reach (compact layout: 8 GiB from `t`, 4 GiB
 *          with granule 4). Then the region is not touched, and the heap is unchanged.
 * Time     O(1). */
pool_t tlsf_add_pool(tlsf_t t, void *mem, size_t bytes);

/* Makes a pool larger: the memory directly behind it has become the heap's, as after an sbrk. The
 * memory must not overlap another pool.
 * old_bytes, new_bytes  bytes of the pool's memory before and after, counted from `pool`. If you
 *                       pass the handle of a pool in unaligned memory, count from the handle.
 *                       The first pool of a region [mem, mem + bytes) has mem + bytes - pool: up
 *                       to a granule more than bytes - tlsf_size().
 * Returns  new_bytes; 0 if and only if the pool is none of this heap, or old_bytes are not what it
 *          has, or new_bytes are less, or the pool would be larger than the heap was planned for,
 *          or wrap, or be out of a link's reach, or if the new memory is too small for one smallest
 *          block where the pool's last block is live. Then nothing is changed.
 * Time     O(1).
 * The new memory coalesces with the last block of the pool if that is free. Bytes that the rounding
 * of tlsf_add_pool had given up at the old end become usable. A heap of tlsf_create_sized takes
 * pools of up to its largest_pool: name there what the pool will grow to. */
size_t tlsf_extend_pool(tlsf_t t, pool_t pool, size_t old_bytes, size_t new_bytes);

/* Adds the region [mem, mem + bytes) to a pool whose memory ends at `mem`, or begins at
 * mem + bytes. It must not overlap another pool. Unlike a pool of its own, it costs no memory, and
 * coalesces with its neighbour.
 * Returns  the pool. Behind the pool, its handle stays; before it, the handle is `mem`, rounded up,
 *          from now on, and the old one is invalid. NULL if and only if the pool is none of this
 *          heap, or mem is NULL, or there is a granule or more between the region and the pool, or
 *          as tlsf_extend_pool returns 0. Then nothing is changed.
 * Time     O(1).
 * Two pools of a heap that come to lie side by side remain two. */
pool_t tlsf_add_to_pool(tlsf_t t, pool_t pool, void *mem, size_t bytes);

/* Removes a pool that holds no live block. Its memory is the caller's again.
 * pool     NULL is safe. So is a pool that was removed already, and a pool of another heap.
 * Returns  0 if and only if the pool was removed. Otherwise the pool holds a live block, or is none
 *          of this heap, and nothing is changed.
 * Time     O(1). */
int tlsf_remove_pool(tlsf_t t, pool_t pool);

/* ---- blocks -------------------------------------------------------------------------- */

/* Allocates `bytes` bytes; 0 allocates a block of the smallest size.
 * Returns  the block, its content undefined; NULL if and only if no block that the search meets is
 *          large enough. The search is good fit. It meets every free block of each size class whose
 *          blocks are all large enough, and the first TLSF_LOOK_AHEAD blocks of the class below.
 *          A request of at most tlsf_largest(t) bytes is always served, when that is not 0.
 *          With TLSF_PENDING, a request of fewer than 2^(TLSF_SL_BITS + 1) granules for which there
 *          is no free block of its very size may be cut from what the last such request left over.
 *          With TLSF_ROUND_TO_CLASS the block may be larger; what is served is the same.
 * Time     O(1). */
void *tlsf_malloc(tlsf_t t, size_t bytes);

/* Allocates an array of `count` objects of `size` bytes, each byte zero.
 * Returns  as tlsf_malloc for count * size bytes; also NULL when that product overflows.
 * Time     tlsf_malloc and one memset of count * size bytes. */
void *tlsf_calloc(tlsf_t t, size_t count, size_t size);

/* Allocates `bytes` bytes at a multiple of `align`. What lies before that address stays free.
 * align    a power of two, in bytes; 0, or a power of two up to TLSF_GRANULE, means the default.
 * Returns  as tlsf_malloc; also NULL when align is neither 0 nor a power of two. The search is for
 *          a block with room for the widest gap before the aligned address: the request is served
 *          whenever tlsf_malloc would serve max(bytes, tlsf_block_size_min()) + align +
 *          tlsf_block_size_min() + tlsf_alloc_overhead() bytes.
 * Time     O(1).
 * For a DMA buffer on a cached processor allocate whole cache lines, so that no other block shares
 * one: tlsf_memalign(t, line, (bytes + line - 1) / line * line). */
void *tlsf_memalign(tlsf_t t, size_t align, size_t bytes);

/* Changes the size of block `ptr` to `bytes`, and keeps the first min(old size, bytes) bytes. A
 * block shrinks in place. It grows in place into free memory behind it. Otherwise it moves, into
 * free memory before it or to another block, whichever uses up the smaller free block.
 * ptr      NULL: allocates as tlsf_malloc does.
 * bytes    0 with a ptr that is not NULL: frees ptr and returns NULL.
 * Returns  the block, aligned to TLSF_GRANULE only; NULL (with bytes not 0) if and only if no
 *          room was found: then `ptr` is unchanged and still live.
 * Time     O(1) in place; otherwise O(1) and one copy of the old size.
 * A move to another block counts as one allocation and one free. Both blocks are in use during the
 * copy. */
void *tlsf_realloc(tlsf_t t, void *ptr, size_t bytes);

/* Changes the size of block `ptr` to `bytes` as tlsf_realloc does, at a multiple of `align`. The
 * block stays in place where it can and `ptr` is a multiple of align already.
 * align    as for tlsf_memalign.
 * Returns  as tlsf_realloc; also NULL when align is neither 0 nor a power of two: then `ptr` is not
 *          looked at and still live, even with bytes 0. */
void *tlsf_realloc_aligned(tlsf_t t, void *ptr, size_t align, size_t bytes);

/* A move that tlsf_realloc_begin leaves to its caller. */
typedef struct {
    void *to;         /* the block in its new place */
    const void *from; /* the block in its old place */
    size_t bytes;     /* to copy from `from` to `to`; the two can overlap */
    size_t request;   /* for tlsf_realloc_end: the size that was asked for, */
    int slides;       /* and whether `from` lies in `to` */
} tlsf_move_t;

/* tlsf_realloc_aligned in two halves, for a caller with a lock. The copy is linear in the block, so
 * the caller makes it between the halves, without the lock:
 *
 *     lock();
 *     block = tlsf_realloc_begin(t, ptr, align, bytes, &move);
 *     unlock();
 *     if (ptr != NULL && block != NULL && block != ptr) {
 *         memmove(move.to, move.from, move.bytes);
 *         lock();
 *         block = tlsf_realloc_end(t, &move);
 *         unlock();
 *     }
 *
 * The heap serves other calls between the halves. Both places of the block are in use until the
 * end, and the peak shows it. `ptr` is not the caller's any more, except to copy from.
 * move     not NULL; filled in if and only if the block moves, as in the lines above. In every
 *          other case there is no second half.
 * Returns  as tlsf_realloc_aligned.
 * Time     O(1). */
void *tlsf_realloc_begin(tlsf_t t, void *ptr, size_t align, size_t bytes, tlsf_move_t *move);

/* Ends a move: frees the old place, or cuts the new one to size.
 * move     from tlsf_realloc_begin, not changed since; move->bytes are copied.
 * Returns  move->to. If the fault hook returns that found a fault in the old place: NULL, and the
 *          old block is live and as it was.
 * Time     O(1). */
void *tlsf_realloc_end(tlsf_t t, const tlsf_move_t *move);

/* Frees block `ptr` and coalesces it with its free neighbours at once: two neighbouring free blocks
 * never exist. NULL is ignored.
 * Time     O(1). */
void tlsf_free(tlsf_t t, void *ptr);

/* ---- queries ------------------------------------------------------------------------- */

/* Returns  the inner size of live block `ptr`: at least what was asked for, and at hardening 3
 *          exactly that; 0 if ptr is NULL. No hardening level checks ptr. O(1). */
size_t tlsf_block_size(void *ptr);

/* Returns  the size of the largest request that tlsf_malloc is sure to serve now; 0 if there is no
 *          free block. O(1). */
size_t tlsf_largest(tlsf_t t);

/* Returns  bytes of memory that tlsf_create needs, at any address: a multiple of TLSF_GRANULE, so
 *          that a pool behind them begins exactly there where `mem` is aligned. In a region of
 *          tlsf_create_with_pool all blocks lie at mem + tlsf_size() or above. A heap of
 *          tlsf_create_sized keeps less, so its blocks can begin lower. */
size_t tlsf_size(void);

/* Returns  TLSF_GRANULE, the alignment of every block. */
size_t tlsf_align_size(void);

/* Returns  the smallest and the largest inner size of a block. The largest outer size is one
 *          granule less than 4 GiB on 32-bit machines. On other machines it is one granule less
 *          than 2^30 granules in the compact layout, and than 2^34 granules in the wide one. */
size_t tlsf_block_size_min(void);
size_t tlsf_block_size_max(void);

/* Returns  bytes that a pool keeps for itself, of a region that is granule-aligned at both ends:
 *          the largest block of a fresh pool has
 *          bytes - tlsf_pool_overhead() - tlsf_alloc_overhead() usable bytes. */
size_t tlsf_pool_overhead(void);

/* Returns  bytes of a block that hold its header, and at hardening 3 the least of its guard:
 *          outer size - inner size. */
size_t tlsf_alloc_overhead(void);

typedef struct {
    size_t pool_bytes;  /* outer sizes of all blocks, used and free, of all pools */
    size_t used_bytes;  /* outer sizes of the live blocks */
    size_t peak_bytes;  /* the largest used_bytes since create or tlsf_reset_peak */
    size_t free_bytes;  /* pool_bytes - used_bytes */
    size_t largest;     /* tlsf_largest() */
    size_t live_blocks; /* allocations - frees */
    size_t allocations; /* blocks allocated; this and the next two count modulo SIZE_MAX + 1 */
    size_t frees;       /* blocks freed */
    size_t failures;    /* requests that returned NULL for lack of room or for their alignment */
} tlsf_stats_t;

/* Fills *stats, which is not NULL, with the state of all pools together.
 * Returns  1 if the heap keeps statistics; 0 if it was built without (TLSF_STATISTICS 0): then only
 *          pool_bytes and largest are filled, and the rest is 0. O(1). */
int tlsf_stats(tlsf_t t, tlsf_stats_t *stats);

/* Makes the bytes in use now the peak. O(1). */
void tlsf_reset_peak(tlsf_t t);

/* All blocks of all pools, counted. */
typedef struct {
    size_t pools;
    size_t used_blocks;
    size_t used_bytes; /* outer sizes */
    size_t free_blocks;
    size_t free_bytes;    /* outer sizes */
    size_t largest_free;  /* inner sizes of the largest and of the smallest free block; */
    size_t smallest_free; /* 0 if there is none */
} tlsf_survey_t;

/* Fills *survey, which is not NULL, by a walk over all pools. It needs no statistics
 * (TLSF_STATISTICS 0).
 * Returns  1; 0 if the walk met a broken size or link: then *survey holds what it saw before.
 * Time     linear in blocks. Reads nothing outside the span of the pools. */
int tlsf_survey(tlsf_t t, tlsf_survey_t *survey);

/* Why a request is not served. */
typedef enum {
    TLSF_REASON_NONE = 0,       /* it is served */
    TLSF_REASON_ALIGNMENT = 1,  /* the alignment is neither 0 nor a power of two */
    TLSF_REASON_PLAN = 2,       /* it is larger than the heap was planned for */
    TLSF_REASON_MEMORY = 3,     /* all free blocks together are too small */
    TLSF_REASON_FRAGMENTED = 4, /* together they are large enough, but none is alone */
    TLSF_REASON_SEARCH = 5,     /* one is, but it is not among those that the search meets */
    TLSF_REASON_BROKEN = 6      /* the heap is corrupted: tlsf_check finds out more */
} tlsf_reason;

typedef struct {
    tlsf_reason reason;
    size_t needed;       /* inner size of the block that the search is for; 0 without search */
    size_t largest_free; /* these four as in tlsf_survey_t */
    size_t smallest_free;
    size_t free_blocks;
    size_t free_bytes;
} tlsf_explanation_t;

/* Fills *explanation, which is not NULL, with what tlsf_memalign(t, align, bytes) would meet now.
 * align    as for tlsf_memalign: 0 for tlsf_malloc.
 * Returns  the reason. It is TLSF_REASON_NONE if and only if the request would be served.
 * Time     linear in blocks. Writes nothing, and calls no fault hook. */
tlsf_reason tlsf_explain(tlsf_t t, size_t align, size_t bytes, tlsf_explanation_t *explanation);

/* Returns  a short English name of a reason; "unknown" for other numbers. Never NULL. */
const char *tlsf_reason_name(tlsf_reason reason);

/* ---- walk and check ------------------------------------------------------------------ */

/* A walker is called with one block: ptr; size, its inner size; used, 1 for a live block and 0 for
 * a free one; user, what the caller of the walk passed. */
typedef void (*tlsf_walker)(void *ptr, size_t size, int used, void *user);

/* Calls `walker` for each block of `pool` in address order. The walker must not change the heap,
 * and must not write to free blocks. NULL for pool or walker: nothing is done. In a pool with
 * corrupted block sizes the walk ends where a size leads out of the pool. The walk trusts the
 * pool's own size, which tlsf_check tests.
 * Time     linear in the blocks of the pool. */
void tlsf_walk_blocks(pool_t pool, tlsf_walker walker, void *user);

/* A walker: prints a line with address, state and size of the block to TLSF_WRITE:
 *     0x20000010 used 104
 * user     is not looked at. */
void tlsf_print_block(void *ptr, size_t size, int used, void *user);

/* Walks as tlsf_walk_blocks does. NULL for walker prints the blocks, by tlsf_print_block.
 * A program links the printing only if a walker is NULL, or not known to the compiler where the
 * call is: it does not optimise, or the walker is a variable. Such a program can call
 * tlsf_walk_blocks. The library has a function of this name, too, which prints for NULL: for
 * programs that are not compiled with this header. */
static inline void tlsf_walk_pool(pool_t pool, tlsf_walker walker, void *user) {
    tlsf_walk_blocks(pool, walker != NULL ? walker : tlsf_print_block, user);
}

/* Prints `length` characters of `text`. Your program may define it in place of the library:
 * TLSF_WRITE says where the library's own writes to (tlsf_config.h). */
void tlsf_write(const char *text, size_t length);

/* A block as a walk finds it. */
typedef struct {
    const void *block; /* its payload; NULL: there is none */
    size_t size;       /* its inner size; 0 where its header is damaged */
    int used;          /* 1 for a live block, 0 for a free one */
} tlsf_block_t;

/* Finds the block behind block `ptr` in address order: a walk in steps, which can stop anywhere.
 *
 *     tlsf_block_t b = {NULL, 0, 0};
 *     while (tlsf_next_block(pool, b.block, &b)) { ... }
 *
 * ptr      a block of the pool, live or free; NULL: the first block of the pool is found.
 * found    not NULL; filled with zeros if there is no block.
 * Returns  1 if there is one; 0 behind the last block, where a corrupted size leads out of the
 *          pool, and for a NULL pool. The pool's own size is trusted, which tlsf_check tests.
 * Time     O(1). */
int tlsf_next_block(pool_t pool, const void *ptr, tlsf_block_t *found);

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
    TLSF_BROKEN_LIST_LINK = 8,     /* a link of a list leads into a pool; b.next.previous = b */
    TLSF_BROKEN_LIST_CLASS = 9,    /* b is in list c implies b is free and its size belongs to
                                      class c */
    TLSF_BROKEN_PENDING = 10,      /* there is none, or it is free, and its size is kept; from
                                   hardening 2 on its links are empty */
    TLSF_BROKEN_LIST_SET = 11,     /* listed blocks and the pending block = the free blocks, once */
    TLSF_BROKEN_SECOND_LEVEL = 12, /* a class's bit is set iff its list is not empty */
    TLSF_BROKEN_FIRST_LEVEL = 13,  /* a row's bit is set iff a class of the row has its bit set */
    TLSF_BROKEN_STATISTICS = 14,   /* used_bytes = sum of used outer sizes <= peak_bytes;
                                      live_blocks = number of used blocks */
    TLSF_BROKEN_GUARD = 15, /* hardening 3: nobody has written behind a used block's payload */
    TLSF_BROKEN_FILL = 16   /* hardening 3: nobody has written into a free block */
} tlsf_invariant;

/* Tests every invariant of the heap and of all its pools. Writes nothing, allocates nothing.
 * Returns  0 (TLSF_SOUND) if and only if all hold; otherwise the lowest tlsf_invariant that does
 *          not.
 * Time     linear in blocks. With several pools: free blocks times pools. Where lists are
 *          corrupted: bytes times pools.
 * It is safe on a corrupted heap. It bounds each link, size and class before it follows it, and
 * reads nothing outside the span from the lowest to the highest address of the pools. Where that
 * span has memory between pools that must not be read, a broken link can still make it read there.
 * It does not test the span itself, the exact planned size (only its class is tested), the peak,
 * the failures and the hook: nothing in the heap shows whether they are right.
 * Invariant 11 compares sums of scattered addresses instead of the two sets. */
int tlsf_check(tlsf_t t);

/* Where an invariant is broken. */
typedef struct tlsf_report {
    tlsf_invariant broken; /* as tlsf_check returns it */
    pool_t pool;           /* the first pool where it is; NULL: in no single pool */
    const void *block;     /* the first block where it is; NULL: in no single block */
} tlsf_report_t;

/* Tests as tlsf_check does, and fills *report, which is not NULL.
 * Returns, Time  as tlsf_check. */
int tlsf_check_report(tlsf_t t, tlsf_report_t *report);

/* Tests the invariants 3 to 7, 15 and 16 of one pool. It trusts the pool's own size,
 * which tlsf_check tests.
 * Returns  as tlsf_check; TLSF_BROKEN_POOL_LIST if pool is NULL. */
int tlsf_check_pool(pool_t pool);

/* Returns  a short English name of an invariant; "unknown" for other numbers. Never NULL. */
const char *tlsf_invariant_name(int invariant);

/* ---- whose an address is -------------------------------------------------------------- */

/* Three answers to "is this pointer mine?". They write nothing, call no fault hook, and are safe
 * with any pointer and on a corrupted heap. NULL is in no pool. */

/* Returns  the pool that contains the address: from its handle to the end of its last word; NULL if
 *          and only if there is none. Where the list of pools is broken, pools behind the break are
 *          not found.
 * Time     linear in pools, at every hardening level. */
pool_t tlsf_owner(tlsf_t t, const void *ptr);

/* Returns  1 if ptr lies in a pool, and the headers around it are those of a live block there; else
 *          0. Each live block of a sound heap gives 1. Another pointer can give 1, too, where
 *          the words around it look like headers.
 * Time     linear in pools, at every hardening level. */
int tlsf_looks_live(tlsf_t t, const void *ptr);

/* Finds the block whose bytes, from its header to the next one, contain the address, by a walk over
 * the pool.
 * found    not NULL; filled with zeros if there is none.
 * Returns  1 if there is one; else 0. In a sound heap, ptr is a live block if and only if
 *          found->used is 1 and found->block is ptr.
 * Time     linear in the blocks of the pool, and in pools. */
int tlsf_locate(tlsf_t t, const void *ptr, tlsf_block_t *found);

/* ---- faults -------------------------------------------------------------------------- */

/* What a fault hook can get. Levels are those of TLSF_HARDENING. */
typedef enum {
    /* From level 1 on. */
    TLSF_FAULT_MISALIGNED = 1,  /* the pointer is no multiple of TLSF_GRANULE */
    TLSF_FAULT_DOUBLE_FREE = 2, /* the header says that the block is free already */
    TLSF_FAULT_NOT_A_BLOCK = 3, /* no block can begin there: foreign or interior pointer */
    TLSF_FAULT_NEIGHBOUR = 4,   /* a header next to the block disagrees with the block or with
                                   what lies behind it: one of them was overwritten, or there is
                                   no block */
    TLSF_FAULT_CORRUPTION = 5,  /* a size, link or bit that the call needs was overwritten; at
                                   level 1, of a free block that it would take */
    /* At level 3. */
    TLSF_FAULT_OVERRUN = 6, /* the guard behind the block's payload was overwritten, or is that of
                               another heap */
    TLSF_FAULT_WRITE_AFTER_FREE = 7 /* something wrote to free memory that the call needs; `block`
                                       is the free block */
} tlsf_fault_kind;

/* Two mistakes that write where they must not, and what each level finds of them.
 *
 * Overrun: a write behind a block's payload, which reaches the header of the next block.
 *   Level 0  Only tlsf_check can find it.
 *   Level 1  A free or a realloc of the overrun block or of the next block finds it. So does a
 *            request that takes the next block, unless that one is pending (TLSF_PENDING): then the
 *            request writes the header anew. A header that agrees with the memory behind it passes
 *            for right.
 *   Level 2  As level 1; and a request checks the pending block, too.
 *   Level 3  A free or a realloc of the overrun block finds each changed byte of its guard, which
 *            begins right behind the bytes that were asked for. So does tlsf_check.
 *
 * Write after free: a write into a free block.
 *   Level 0  Only tlsf_check finds it, and only a changed header, link or footer.
 *   Level 1  A call that takes the block, or merges it, finds a changed header, link or footer
 *            before it uses that. A link that was set to zero can pass for the end of a list.
 *   Level 2  Each call finds a changed header, link or footer before it uses that. Nothing finds
 *            another changed byte.
 *   Level 3  A request finds each changed byte of the free memory that it would hand out.
 *            tlsf_check finds each changed byte of all free memory. */
typedef struct {
    tlsf_fault_kind kind;
    const void *block;  /* what the caller passed, also if a link of its free neighbour is broken.
                           Of other corruption: the block that the call was about to use, or an
                           address in the control structure */
    size_t size;        /* the inner size in its header; 0 where that cannot be read */
    const void *before; /* the free block before it, as far as headers show; or NULL */
    size_t before_size; /* its inner size */
    const void *after;  /* the block behind it, as far as headers show; or NULL */
    size_t after_size;  /* its inner size */
} tlsf_fault_t;

/* A fault hook. The library calls it with every fault that it finds. The hook must not call into
 * the same heap, except tlsf_diagnose and tlsf_set_fault_hook. When it returns, the call that found
 * the fault returns without effect: NULL from a request, from tlsf_get_pool, tlsf_add_pool and
 * tlsf_add_to_pool, 0 from tlsf_largest and tlsf_extend_pool, 1 from tlsf_remove_pool, nothing from
 * tlsf_free and tlsf_reset. The one exception is a realloc that moves to another block. It can find
 * a fault after the copy. Then `ptr` is live and as it was. The new block was allocated and freed
 * again, which the counts and the peak show. tlsf_realloc_end finds faults after the copy, too. In
 * a block that slid back it cuts nothing off then. */
typedef void (*tlsf_fault_hook)(tlsf_t t, const tlsf_fault_t *fault);

/* Sets the heap's fault hook.
 * hook     NULL means the default, which stops the program by TLSF_STOP(), a trap instruction
 *          unless you define another. A debugger or the trap handler finds the tlsf_fault_t in the
 *          argument of the stopped function.
 * Returns  the hook before; NULL for the default. O(1). */
tlsf_fault_hook tlsf_set_fault_hook(tlsf_t t, tlsf_fault_hook hook);

/* Returns  a short English name of a fault kind; "unknown" for other numbers. Never NULL. */
const char *tlsf_fault_name(tlsf_fault_kind kind);

/* ---- diagnosis: who made the mistake --------------------------------------------------- */

/* What a program most likely did wrong. */
typedef enum {
    TLSF_MISTAKE_UNKNOWN = 0,  /* nothing wrong is found, or nothing that shows who did it */
    TLSF_MISTAKE_OVERRUN = 1,  /* live block `culprit`: its user wrote behind its end */
    TLSF_MISTAKE_UNDERRUN = 2, /* live block `culprit`: its user wrote before its start */
    TLSF_MISTAKE_WRITE_AFTER_FREE = 3, /* free block `culprit`: who had it before wrote into it */
    TLSF_MISTAKE_DOUBLE_FREE = 4,      /* the pointer was freed before; `culprit` lies there now */
    TLSF_MISTAKE_INTERIOR = 5,         /* the pointer leads into live block `culprit` */
    TLSF_MISTAKE_FOREIGN = 6, /* the pointer leads to no block: into no pool, or to the words that
                                     a pool keeps for itself */
    TLSF_MISTAKE_CONTROL = 7  /* something wrote into the control structure, or into the record
                                     in front of a pool; `damage` is there */
} tlsf_mistake;

enum { TLSF_DIAGNOSIS_BYTES = 16 };

typedef struct {
    tlsf_mistake mistake;
    tlsf_block_t culprit;  /* the block that the mistake names */
    pool_t pool;           /* the pool of what follows; NULL: none */
    tlsf_block_t before;   /* the block in front of `at` */
    tlsf_block_t at;       /* the damaged block; without damage the block that holds the pointer */
    tlsf_block_t after;    /* the block behind `at` */
    const void *damage;    /* the first word or byte that is wrong; NULL if none is */
    size_t found_bytes;    /* how many bytes of `found` are filled: what is at `damage` now */
    size_t expected_bytes; /* how many of `expected` are: what would be right; 0: not known */
    unsigned char found[TLSF_DIAGNOSIS_BYTES];
    unsigned char expected[TLSF_DIAGNOSIS_BYTES];
} tlsf_diagnosis_t;

/* Finds out who caused a fault, and fills *diagnosis, which is not NULL. A fault hook may call it.
 * fault    as the hook got it; NULL: what tlsf_check_report finds.
 * Returns  diagnosis->mistake. It is a guess. A write that hits a header shows where, not whose it
 *          was: it is taken for one that came from next door.
 * Time     linear in the words of all pools, times pools where lists are corrupted.
 * Writes nothing, and is as safe on a corrupted heap as tlsf_check. */
tlsf_mistake tlsf_diagnose(tlsf_t t, const tlsf_fault_t *fault, tlsf_diagnosis_t *diagnosis);

/* Returns  a short English name of a mistake; "unknown" for other numbers. Never NULL. */
const char *tlsf_mistake_name(tlsf_mistake mistake);

#ifdef __cplusplus
}
#endif

#endif
