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
 * O(1) take a bounded number of instructions, whatever the heap holds. [T1] A function that takes
 * linear time says so. [T2]
 *
 * What holds for every function
 *   Units        Sizes are bytes. A size is an inner size, the bytes that the caller can use,
 *                except where the text says outer size. A block's outer size is its inner size plus
 *                tlsf_alloc_overhead(). [T3]
 *   Alignment    Every block is aligned to TLSF_GRANULE bytes (tlsf_config.h). [T4]
 *   Handles      `t` is a heap that a create function made and that is not destroyed. It is not
 *                NULL, except where the text allows it.
 *   Time         "O(1)" means: no loop, no recursion and no library call. [T5] At TLSF_HARDENING 3
 *                a call that allocates or frees a block is linear in the block's size and in the
 *                number of pools, and a call that adds memory is linear in its size. [T6]
 *   Threads      Nothing is locked. [T7] Use a heap from one thread or interrupt at a time.
 *                Different heaps are independent. [T8] fmemory_pool.h adds locks.
 *   State        There are no global variables. [T9] All state is in the caller's memory. [T10]
 *
 * What can go wrong
 *   Failure      No memory is left, or a size or an alignment cannot be served. This can happen in
 *                a correct program. The call returns NULL or an error code, and changes nothing but
 *                the count of failures. [T11]
 *   Misuse       The caller passes a pointer that is no live block. At TLSF_HARDENING 0 this is
 *                undefined. From level 1 on it goes to the fault hook, as far as O(1) checks can
 *                find it. [T12]
 *   Corruption   Something overwrites a size, a link or a bit of the heap. From level 2 on this
 *                goes to the fault hook, before a call uses what was overwritten. [T13] At level 1
 *                this holds for the header, the footer and the links of a free block that a call
 *                takes. [T14]
 *   No effect    When the fault hook returns, the call that found the fault has no effect
 *                (tlsf_fault_hook names one exception). [T15]
 *   Reads        These checks read nothing outside the control structure and the span of the pools,
 *                which goes from their lowest to their highest address. [T16] Removed pools belong
 *                to it until the last pool is removed. [T17] What a pointer or a broken link names
 *                in a hole of the span is read like anything else.
 *   Not found    A pointer into a hole of the span can pass for a live block: the block of another
 *                heap, for one, whose pool lies between two pools of this heap. Level 3 finds
 *                that. [T18] So can a pointer to memory that was allocated again and looks like a
 *                block.
 *
 * How much memory a program needs
 *   A request    All sizes here are outer sizes. tlsf_malloc for a block of size n fails only if
 *                every free block is smaller than (1 + 1/2^TLSF_SL_BITS) * n. [T19]
 *   A program    B live blocks in P pools, at least one, leave at most B + P free blocks. [T20] So
 *                tlsf_malloc serves a block of size n whenever pool_bytes of tlsf_stats_t is at
 *                least used_bytes + (B + P) * (1 + 1/2^TLSF_SL_BITS) * n. [T21]
 *
 * Source: M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic memory allocator
 * for real-time systems", ECRTS 2004. docs/design.md says where the library departs from it.
 */
#ifndef TLSF_H
#define TLSF_H

#include <stddef.h>

#include "tlsf_config.h"

/* The version, as three numbers, as one that grows (for #if), and as text: "1.0.0". [T22] */
#define TLSF_VERSION_MAJOR 1
#define TLSF_VERSION_MINOR 0
#define TLSF_VERSION_PATCH 0
#define TLSF_VERSION (TLSF_VERSION_MAJOR * 10000 + TLSF_VERSION_MINOR * 100 + TLSF_VERSION_PATCH)
#define TLSF_VERSION_STRING \
    TLSF_VERSION_EXPAND(TLSF_VERSION_MAJOR, TLSF_VERSION_MINOR, TLSF_VERSION_PATCH)
#define TLSF_VERSION_EXPAND(major, minor, patch) TLSF_VERSION_QUOTE(major, minor, patch)
#define TLSF_VERSION_QUOTE(major, minor, patch) #major "." #minor "." #patch

#ifdef __cplusplus
extern "C" {
#endif

/* Handles: a heap, and one memory region of a heap. TLSF_TYPED_HANDLES chooses their
 * types. [T23] */
#if TLSF_TYPED_HANDLES
typedef struct tlsf_control *tlsf_t;
typedef struct tlsf_pool *pool_t;
#else
typedef void *tlsf_t;
typedef void *pool_t;
#endif

/* ---- create and destroy -------------------------------------------------------------- */

/* Makes an empty heap in the tlsf_size() bytes at `mem`. [T24] It takes pools of any size that the
 * layout can hold: add them with tlsf_add_pool. [T25]
 * mem      any address; the control structure is aligned inside. [T26]
 * Returns  the heap; NULL if and only if mem is NULL. [T27]
 * Time     linear in the number of size classes (some hundreds). [T28] */
tlsf_t tlsf_create(void *mem);

/* Makes a heap as tlsf_create does, and makes the rest of the region its first pool. [T29]
 * mem      any address; bytes: any size. [T30] [mem, mem + bytes) is rounded inside. [T31]
 * Returns  the heap; NULL if and only if mem is NULL, or the region cannot hold the control
 *          structure and one smallest block, or wraps round the address space, or is larger than a
 *          link of the layout reaches. [T32] The region may end where the address space ends. [T33]
 * Time     linear in the number of size classes. [T34] */
tlsf_t tlsf_create_with_pool(void *mem, size_t bytes);

/* Makes a heap as tlsf_create_with_pool does, but plans it for pools of up to `largest_pool`
 * bytes. [T35] The control structure is only as large as such pools need: under 1 KiB for 9,000
 * bytes. [T36]
 * largest_pool  bytes of the largest region that you will give to tlsf_add_pool. Less than `bytes`
 *               means `bytes`, as the first pool must fit. [T37] More than the layout can hold
 *               means all that it can hold. [T38]
 * Returns  as tlsf_create_with_pool. [T39]
 * Time     linear in the number of size classes. [T40] */
tlsf_t tlsf_create_sized(void *mem, size_t bytes, size_t largest_pool);

/* Ends the heap. [T41] Its handle, its pools and its blocks, live ones too, are invalid from here
 * on, and the memory is the caller's again. [T42] The call writes nothing, so it is harmless where
 * no heap is: NULL, a heap that was destroyed before, memory that holds something else. [T43]
 * O(1). [T44]
 * Not promised: that a later use of the handle is found.
 * With TLSF_MEMORY_CHECKER 1 the call reads the control structure at t. If that is sound, it gives
 * all memory of the heap back to the checker, in time linear in pools. [T45] It writes nothing
 * either. [T46] */
void tlsf_destroy(tlsf_t t);

/* Frees every block of every pool at once, as if each had been freed. [T47] The pools, the plan,
 * the peak and the counts stay; each live block counts as one free. [T48]
 * Time     linear in the number of size classes and of pools, not of blocks. [T49] At hardening 3
 *          it is linear in bytes, as freed memory is filled. [T50]
 * Not promised: most later uses of a pointer from before the reset are not found. */
void tlsf_reset(tlsf_t t);

/* ---- attach: a heap that survived a reset -------------------------------------------- */

typedef struct {
    void *begin;
    size_t bytes;
} tlsf_region_t;

struct tlsf_report; /* "walk and check", below */

/* Finds the heap that a create function made in this region before a reset, in memory that kept its
 * content. [T51] Use it in place of the create function, with the same arguments.
 * mem, bytes  as the create function got them, at the same address. They hold the only pool: see
 *          tlsf_attach_regions.
 * lost     what did not survive; may be NULL. [T52] It is filled as by tlsf_check_report. [T53]
 * Returns  the heap, with its live blocks; NULL if and only if an invariant other than that of the
 *          statistics is broken, or something of the heap lies outside the region. [T54] Then
 *          nothing was written, and the caller creates a new heap. [T55]
 * Time     as tlsf_check, and pools times pools. [T56]
 * No word of the region is used before it is checked: any content is safe. [T57] The fault hook is
 * the default again, so a hook of the program before is never called. [T58] Where only the
 * statistics do not agree with the blocks, they are counted again: `lost` says
 * TLSF_BROKEN_STATISTICS, and the peak and the counts begin anew. [T59] Nothing repeats the peak,
 * the failures and the frees: where the rest agrees, they are taken as they are. [T60]
 * A heap of a program with another TLSF_LAYOUT, TLSF_GRANULE or TLSF_SL_BITS, or with hardening 3
 * on one side only, is refused, as a rule with TLSF_BROKEN_CONTROL: its plan does not agree with
 * the number of its classes. [T61] No word of the heap is kept for this. A heap of a program with
 * hardening 0 or 1 may be refused at hardening 2 and 3, with TLSF_BROKEN_PENDING, if it has a
 * pending block (TLSF_PENDING): only from hardening 2 on does that block have empty links.
 * A pool that has grown since needs all the memory that it has now.
 * Not promised: that the content of live blocks survived, as it is not looked at. Nor that a heap
 * which tlsf_destroy had ended is refused, as that call writes nothing: overwrite the start of its
 * memory. */
tlsf_t tlsf_attach(void *mem, size_t bytes, struct tlsf_report *lost);

/* The same for a heap with pools in other regions. [T62]
 * mem, bytes  as for tlsf_attach; as tlsf_create got them: `mem` and tlsf_size(). [T63]
 * added    the regions of tlsf_add_pool in any order, as far as their pools were not removed. Other
 *          regions may be named, too. [T64] NULL if count is 0. [T65]
 * Returns  as tlsf_attach; each pool lies in one of the regions, apart from all others. [T66]
 * Time     as tlsf_attach, and pools times regions. [T67] */
tlsf_t tlsf_attach_regions(void *mem, size_t bytes, const tlsf_region_t *added, size_t count,
                           struct tlsf_report *lost);

/* ---- pools --------------------------------------------------------------------------- */

/* Returns  the oldest pool of the heap: the one it was created with, unless that was removed; NULL
 *          if and only if the heap has no pool. [T68] O(1). [T69] */
pool_t tlsf_get_pool(tlsf_t t);

/* The handle of a pool is `mem`, the beginning of its memory, rounded up to a multiple of
 * TLSF_GRANULE. [T70] Every call that takes a pool takes `mem` itself, too. [T71] */

/* Adds the region [mem, mem + bytes) to the heap. [T72] It must not overlap another pool.
 * mem      any address; bytes: any size. [T73] The region is rounded inside. [T74] It may end where
 *          the address space ends. [T75]
 * Returns  the pool; NULL if and only if mem is NULL, or the region is too small for one smallest
 *          block, or larger than the heap was planned for, or wraps round the address space, or is
 *          out of a link's reach (compact layout: 8 GiB from `t`, 4 GiB with granule 4). [T76] Then
 *          the region is not touched, and the heap is unchanged. [T77]
 * Time     O(1). [T78] */
pool_t tlsf_add_pool(tlsf_t t, void *mem, size_t bytes);

/* Makes a pool larger: the memory directly behind it has become the heap's, as after an sbrk. [T79]
 * The memory must not overlap another pool.
 * old_bytes, new_bytes  bytes of the pool's memory before and after, counted from `pool`. If you
 *                       pass the handle of a pool in unaligned memory, count from the handle. The
 *                       first pool of a region [mem, mem + bytes) has mem + bytes - pool: up to a
 *                       granule more than bytes - tlsf_size(). [T80]
 * Returns  new_bytes; 0 if and only if the pool is none of this heap, or old_bytes are not what it
 *          has, or new_bytes are less, or the pool would be larger than the heap was planned for,
 *          or wrap, or be out of a link's reach, or if the new memory is too small for one smallest
 *          block where the pool's last block is live. [T81] Then nothing is changed. [T82]
 * Time     O(1). [T83]
 * The new memory coalesces with the last block of the pool if that is free. [T84] Bytes that the
 * rounding of tlsf_add_pool had given up at the old end become usable. [T85] A heap of
 * tlsf_create_sized takes pools of up to its largest_pool: name there what the pool will grow
 * to. [T86] */
size_t tlsf_extend_pool(tlsf_t t, pool_t pool, size_t old_bytes, size_t new_bytes);

/* Adds the region [mem, mem + bytes) to a pool whose memory ends at `mem`, or begins at mem +
 * bytes. [T87] It must not overlap another pool. Unlike a pool of its own, it costs no memory, and
 * coalesces with its neighbour. [T88]
 * Returns  the pool. [T89] Behind the pool, its handle stays; before it, the handle is `mem`,
 *          rounded up, from now on, and the old one is invalid. [T90] NULL if and only if the pool
 *          is none of this heap, or mem is NULL, or there is a granule or more between the region
 *          and the pool, or as tlsf_extend_pool returns 0. [T91] Then nothing is changed. [T92]
 * Time     O(1). [T93]
 * Two pools of a heap that come to lie side by side remain two. [T94] */
pool_t tlsf_add_to_pool(tlsf_t t, pool_t pool, void *mem, size_t bytes);

/* Removes a pool that holds no live block. [T95] Its memory is the caller's again. [T96]
 * pool     NULL is safe. [T97] So is a pool that was removed already, and a pool of another
 *          heap. [T98]
 * Returns  0 if and only if the pool was removed. [T99] Otherwise the pool holds a live block, or
 *          is none of this heap, and nothing is changed. [T100]
 * Time     O(1). [T101] */
int tlsf_remove_pool(tlsf_t t, pool_t pool);

/* ---- blocks -------------------------------------------------------------------------- */

/* Allocates `bytes` bytes; 0 allocates a block of the smallest size. [T102]
 * Returns  the block, its content undefined; NULL if and only if no block that the search meets is
 *          large enough. [T103] The search is good fit. [T104] It meets every free block of each
 *          size class whose blocks are all large enough, and the first TLSF_LOOK_AHEAD blocks of
 *          the class below. [T105] A request of at most tlsf_largest(t) bytes is always served,
 *          when that is not 0. [T106] With TLSF_PENDING, a request of fewer than 2^(TLSF_SL_BITS +
 *          1) granules for which there is no free block of its very size may be cut from what the
 *          last such request left over. [T107] With TLSF_ROUND_TO_CLASS the block may be larger;
 *          what is served is the same. [T108]
 * Time     O(1). [T109] */
void *tlsf_malloc(tlsf_t t, size_t bytes);

/* Allocates an array of `count` objects of `size` bytes, each byte zero. [T110]
 * Returns  as tlsf_malloc for count * size bytes; also NULL when that product overflows. [T111]
 * Time     tlsf_malloc and one memset of count * size bytes. [T112] */
void *tlsf_calloc(tlsf_t t, size_t count, size_t size);

/* Allocates `bytes` bytes at a multiple of `align`. [T113] What lies before that address stays
 * free. [T114]
 * align    a power of two, in bytes; 0, or a power of two up to TLSF_GRANULE, means the
 *          default. [T115]
 * Returns  as tlsf_malloc; also NULL when align is neither 0 nor a power of two. [T116] The search
 *          is for a block with room for the widest gap before the aligned address: the request is
 *          served whenever tlsf_malloc would serve max(bytes, tlsf_block_size_min()) + align +
 *          tlsf_block_size_min() + tlsf_alloc_overhead() bytes. [T117]
 * Time     O(1). [T118]
 * For a DMA buffer on a cached processor allocate whole cache lines, so that no other block shares
 * one: tlsf_memalign(t, line, (bytes + line - 1) / line * line). */
void *tlsf_memalign(tlsf_t t, size_t align, size_t bytes);

/* Changes the size of block `ptr` to `bytes`, and keeps the first min(old size, bytes)
 * bytes. [T119] A block shrinks in place. [T120] It grows in place into free memory behind
 * it. [T121] Otherwise it moves, into free memory before it or to another block, whichever uses up
 * the smaller free block. [T122]
 * ptr      NULL: allocates as tlsf_malloc does. [T123]
 * bytes    0 with a ptr that is not NULL: frees ptr and returns NULL. [T124]
 * Returns  the block, aligned to TLSF_GRANULE only; NULL (with bytes not 0) if and only if no room
 *          was found: then `ptr` is unchanged and still live. [T125]
 * Time     O(1) in place; otherwise O(1) and one copy of the old size. [T126]
 * A move to another block counts as one allocation and one free. [T127] Both blocks are in use
 * during the copy. [T128] */
void *tlsf_realloc(tlsf_t t, void *ptr, size_t bytes);

/* Changes the size of block `ptr` to `bytes` as tlsf_realloc does, at a multiple of `align`. [T129]
 * The block stays in place where it can and `ptr` is a multiple of align already. [T130]
 * align    as for tlsf_memalign. [T131]
 * Returns  as tlsf_realloc; also NULL when align is neither 0 nor a power of two: then `ptr` is not
 *          looked at and still live, even with bytes 0. [T132] */
void *tlsf_realloc_aligned(tlsf_t t, void *ptr, size_t align, size_t bytes);

/* A move that tlsf_realloc_begin leaves to its caller. */
typedef struct {
    void *to;         /* the block in its new place [T133] */
    const void *from; /* the block in its old place [T134] */
    size_t bytes;     /* to copy from `from` to `to`; the two can overlap [T135] */
    size_t request;   /* for tlsf_realloc_end: the size that was asked for, */
    int slides;       /* and whether `from` lies in `to` */
} tlsf_move_t;

/* tlsf_realloc_aligned in two halves, for a caller with a lock. [T136] The copy is linear in the
 * block, so the caller makes it between the halves, without the lock:
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
 * The heap serves other calls between the halves. [T137] Both places of the block are in use until
 * the end, and the peak shows it. [T138] `ptr` is not the caller's any more, except to copy from.
 * move     not NULL; filled in if and only if the block moves, as in the lines above. [T139] In
 *          every other case there is no second half. [T140]
 * Returns  as tlsf_realloc_aligned. [T141]
 * Time     O(1). [T142] */
void *tlsf_realloc_begin(tlsf_t t, void *ptr, size_t align, size_t bytes, tlsf_move_t *move);

/* Ends a move: frees the old place, or cuts the new one to size. [T143]
 * move     from tlsf_realloc_begin, not changed since; move->bytes are copied.
 * Returns  move->to. [T144] If the fault hook returns that found a fault in the old place: NULL,
 *          and the old block is live and as it was. [T145]
 * Time     O(1). [T146] */
void *tlsf_realloc_end(tlsf_t t, const tlsf_move_t *move);

/* Frees block `ptr` and coalesces it with its free neighbours at once: two neighbouring free blocks
 * never exist. [T147] NULL is ignored. [T148]
 * Time     O(1). [T149] */
void tlsf_free(tlsf_t t, void *ptr);

/* ---- queries ------------------------------------------------------------------------- */

/* Returns  the inner size of live block `ptr`: at least what was asked for, and at hardening 3
 *          exactly that; 0 if ptr is NULL. [T150] No hardening level checks ptr. O(1). [T151] */
size_t tlsf_block_size(void *ptr);

/* Returns  the size of the largest request that tlsf_malloc is sure to serve now; 0 if there is no
 *          free block. [T152] O(1). [T153] */
size_t tlsf_largest(tlsf_t t);

/* Returns  bytes of memory that tlsf_create needs, at any address: a multiple of TLSF_GRANULE, so
 *          that a pool behind them begins exactly there where `mem` is aligned. [T154] In a region
 *          of tlsf_create_with_pool all blocks lie at mem + tlsf_size() or above. [T155] A heap of
 *          tlsf_create_sized keeps less, so its blocks can begin lower. [T156] */
size_t tlsf_size(void);

/* Returns  TLSF_GRANULE, the alignment of every block. [T157] */
size_t tlsf_align_size(void);

/* Returns  the smallest and the largest inner size of a block. [T158] The largest outer size is one
 *          granule less than 4 GiB on 32-bit machines. [T159] On other machines it is one granule
 *          less than 2^30 granules in the compact layout, and than 2^34 granules in the wide
 *          one. [T160] */
size_t tlsf_block_size_min(void);
size_t tlsf_block_size_max(void);

/* Returns  bytes that a pool keeps for itself, of a region that is granule-aligned at both ends:
 *          the largest block of a fresh pool has bytes - tlsf_pool_overhead() -
 *          tlsf_alloc_overhead() usable bytes. [T161] */
size_t tlsf_pool_overhead(void);

/* Returns  bytes of a block that hold its header, and at hardening 3 the least of its guard: outer
 *          size - inner size. [T162] */
size_t tlsf_alloc_overhead(void);

typedef struct {
    size_t pool_bytes;  /* outer sizes of all blocks, used and free, of all pools [T163] */
    size_t used_bytes;  /* outer sizes of the live blocks [T164] */
    size_t peak_bytes;  /* the largest used_bytes since create or tlsf_reset_peak [T165] */
    size_t free_bytes;  /* pool_bytes - used_bytes [T166] */
    size_t largest;     /* tlsf_largest() [T167] */
    size_t live_blocks; /* allocations - frees [T168] */
    size_t allocations; /* blocks allocated; this and the next two count modulo SIZE_MAX +
                           1 [T169] */
    size_t frees;       /* blocks freed [T170] */
    size_t failures;    /* requests that returned NULL for lack of room or for their
                           alignment [T171] */
} tlsf_stats_t;

/* Fills *stats, which is not NULL, with the state of all pools together. [T172]
 * Returns  1 if the heap keeps statistics; 0 if it was built without (TLSF_STATISTICS 0): then only
 *          pool_bytes and largest are filled, and the rest is 0. [T173] O(1). [T174] */
int tlsf_stats(tlsf_t t, tlsf_stats_t *stats);

/* Makes the bytes in use now the peak. [T175] O(1). [T176] */
void tlsf_reset_peak(tlsf_t t);

/* All blocks of all pools, counted. */
typedef struct {
    size_t pools;
    size_t used_blocks;
    size_t used_bytes; /* outer sizes [T177] */
    size_t free_blocks;
    size_t free_bytes;    /* outer sizes [T178] */
    size_t largest_free;  /* inner sizes of the largest and of the smallest free block; [T179] */
    size_t smallest_free; /* 0 if there is none [T180] */
} tlsf_survey_t;

/* Fills *survey, which is not NULL, by a walk over all pools. [T181] It needs no statistics
 * (TLSF_STATISTICS 0). [T182]
 * Returns  1; 0 if the walk met a broken size or link: then *survey holds what it saw
 *          before. [T183]
 * Time     linear in blocks. [T184] Reads nothing outside the span of the pools. [T185] */
int tlsf_survey(tlsf_t t, tlsf_survey_t *survey);

/* Why a request is not served. */
typedef enum {
    TLSF_REASON_NONE = 0,       /* it is served [T186] */
    TLSF_REASON_ALIGNMENT = 1,  /* the alignment is neither 0 nor a power of two [T187] */
    TLSF_REASON_PLAN = 2,       /* it is larger than the heap was planned for [T188] */
    TLSF_REASON_MEMORY = 3,     /* all free blocks together are too small [T189] */
    TLSF_REASON_FRAGMENTED = 4, /* together they are large enough, but none is alone [T190] */
    TLSF_REASON_SEARCH = 5,     /* one is, but it is not among those that the search meets [T191] */
    TLSF_REASON_BROKEN = 6      /* the heap is corrupted: tlsf_check finds out more [T192] */
} tlsf_reason;

typedef struct {
    tlsf_reason reason;
    size_t needed;       /* inner size of the block that the search is for; 0 without
                            search [T193] */
    size_t largest_free; /* these four as in tlsf_survey_t [T194] */
    size_t smallest_free;
    size_t free_blocks;
    size_t free_bytes;
} tlsf_explanation_t;

/* Fills *explanation, which is not NULL, with what tlsf_memalign(t, align, bytes) would meet
 * now. [T195]
 * align    as for tlsf_memalign: 0 for tlsf_malloc. [T196]
 * Returns  the reason. [T197] It is TLSF_REASON_NONE if and only if the request would be
 *          served. [T198]
 * Time     linear in blocks. [T199] Writes nothing, and calls no fault hook. [T200] */
tlsf_reason tlsf_explain(tlsf_t t, size_t align, size_t bytes, tlsf_explanation_t *explanation);

/* Returns  a short English name of a reason; "unknown" for other numbers. [T201] Never
 *          NULL. [T202] */
const char *tlsf_reason_name(tlsf_reason reason);

/* ---- walk and check ------------------------------------------------------------------ */

/* A walker is called with one block: ptr; size, its inner size; used, 1 for a live block and 0 for
 * a free one; user, what the caller of the walk passed. [T203] */
typedef void (*tlsf_walker)(void *ptr, size_t size, int used, void *user);

/* Calls `walker` for each block of `pool` in address order. [T204] The walker must not change the
 * heap, and must not write to free blocks. NULL for pool or walker: nothing is done. [T205] In a
 * pool with corrupted block sizes the walk ends where a size leads out of the pool. [T206] The walk
 * trusts the pool's own size, which tlsf_check tests.
 * Time     linear in the blocks of the pool. [T207] */
void tlsf_walk_blocks(pool_t pool, tlsf_walker walker, void *user);

/* A walker: prints a line with address, state and size of the block to TLSF_WRITE: [T208]
 *     0x20000010 used 104
 * user     is not looked at. [T209] */
void tlsf_print_block(void *ptr, size_t size, int used, void *user);

/* Walks as tlsf_walk_blocks does. [T210] NULL for walker prints the blocks, by
 * tlsf_print_block. [T211]
 * A program links the printing only if a walker is NULL, or not known to the compiler where the
 * call is: it does not optimise, or the walker is a variable. [T212] Such a program can call
 * tlsf_walk_blocks. The library has a function of this name, too, which prints for NULL: for
 * programs that are not compiled with this header. [T213] */
static inline void tlsf_walk_pool(pool_t pool, tlsf_walker walker, void *user) {
    tlsf_walk_blocks(pool, walker != NULL ? walker : tlsf_print_block, user);
}

/* Prints `length` characters of `text`. [T214] Your program may define it in place of the library:
 * TLSF_WRITE says where the library's own writes to (tlsf_config.h). [T215] */
void tlsf_write(const char *text, size_t length);

/* A block as a walk finds it. */
typedef struct {
    const void *block; /* its payload; NULL: there is none [T216] */
    size_t size;       /* its inner size; 0 where its header is damaged [T217] */
    int used;          /* 1 for a live block, 0 for a free one [T218] */
} tlsf_block_t;

/* Finds the block behind block `ptr` in address order: a walk in steps, which can stop
 * anywhere. [T219]
 *
 *     tlsf_block_t b = {NULL, 0, 0};
 *     while (tlsf_next_block(pool, b.block, &b)) { ... }
 *
 * ptr      a block of the pool, live or free; NULL: the first block of the pool is found. [T220]
 * found    not NULL; filled with zeros if there is no block. [T221]
 * Returns  1 if there is one; 0 behind the last block, where a corrupted size leads out of the
 *          pool, and for a NULL pool. [T222] The pool's own size is trusted, which tlsf_check
 *          tests.
 * Time     O(1). [T223] */
int tlsf_next_block(pool_t pool, const void *ptr, tlsf_block_t *found);

/* The invariants of a heap; tlsf_check returns the lowest number that is broken. [T224] "Block" is
 * a block of a pool; "next" and "previous" mean addresses; "iff" is if and only if. */
typedef enum {
    TLSF_SOUND = 0,
    TLSF_BROKEN_CONTROL = 1,       /* the null block is empty; plan and classes agree [T225] */
    TLSF_BROKEN_POOL_LIST = 2,     /* pool.next.previous = pool; sum of pool sizes =
                                      pool_bytes [T226] */
    TLSF_BROKEN_BLOCK_SIZE = 3,    /* smallest <= outer size; the block ends inside its
                                      pool [T227] */
    TLSF_BROKEN_POOL_END = 4,      /* after the last block: a used end marker [T228] */
    TLSF_BROKEN_PREVIOUS_FLAG = 5, /* a header's "previous is free" is set iff there is a previous
                                      block and it is free [T229] */
    TLSF_BROKEN_COALESCING = 6,    /* b is free implies next(b) is used [T230] */
    TLSF_BROKEN_FOOTER = 7,        /* b is free implies its last word equals its header [T231] */
    TLSF_BROKEN_LIST_LINK = 8,     /* a link of a list leads into a pool; b.next.previous =
                                      b [T232] */
    TLSF_BROKEN_LIST_CLASS = 9,    /* b is in list c implies b is free and its size belongs to class
                                      c [T233] */
    TLSF_BROKEN_PENDING = 10,      /* there is none, or it is free, and its size is kept; from
                                      hardening 2 on its links are empty [T234] */
    TLSF_BROKEN_LIST_SET = 11,     /* listed blocks and the pending block = the free blocks,
                                      once [T235] */
    TLSF_BROKEN_SECOND_LEVEL = 12, /* a class's bit is set iff its list is not empty [T236] */
    TLSF_BROKEN_FIRST_LEVEL = 13,  /* a row's bit is set iff a class of the row has its bit
                                      set [T237] */
    TLSF_BROKEN_STATISTICS = 14,   /* used_bytes = sum of used outer sizes <= peak_bytes;
                                      live_blocks = number of used blocks [T238] */
    TLSF_BROKEN_GUARD = 15,        /* hardening 3: nobody has written behind a used block's
                               payload [T239] */
    TLSF_BROKEN_FILL = 16          /* hardening 3: nobody has written into a free block [T240] */
} tlsf_invariant;

/* Tests every invariant of the heap and of all its pools. [T241] Writes nothing, allocates
 * nothing. [T242]
 * Returns  0 (TLSF_SOUND) if and only if all hold; otherwise the lowest tlsf_invariant that does
 *          not. [T243]
 * Time     linear in blocks. [T244] With several pools: free blocks times pools. [T245] Where lists
 *          are corrupted: bytes times pools. [T246]
 * It is safe on a corrupted heap. [T247] It bounds each link, size and class before it follows it,
 * and reads nothing outside the span from the lowest to the highest address of the pools. [T248]
 * Where that span has memory between pools that must not be read, a broken link can still make it
 * read there. It does not test the span itself, the exact planned size (only its class is tested),
 * the peak, the failures and the hook: nothing in the heap shows whether they are right.
 * Invariant 11 compares sums of scattered addresses instead of the two sets. */
int tlsf_check(tlsf_t t);

/* Where an invariant is broken. */
typedef struct tlsf_report {
    tlsf_invariant broken; /* as tlsf_check returns it [T249] */
    pool_t pool;           /* the first pool where it is; NULL: in no single pool [T250] */
    const void *block;     /* the first block where it is; NULL: in no single block [T251] */
} tlsf_report_t;

/* Tests as tlsf_check does, and fills *report, which is not NULL. [T252]
 * Returns, Time  as tlsf_check. [T253] */
int tlsf_check_report(tlsf_t t, tlsf_report_t *report);

/* Tests the invariants 3 to 7, 15 and 16 of one pool. [T254] It trusts the pool's own size, which
 * tlsf_check tests.
 * Returns  as tlsf_check; TLSF_BROKEN_POOL_LIST if pool is NULL. [T255] */
int tlsf_check_pool(pool_t pool);

/* Returns  a short English name of an invariant; "unknown" for other numbers. [T256] Never
 *          NULL. [T257] */
const char *tlsf_invariant_name(int invariant);

/* ---- whose an address is -------------------------------------------------------------- */

/* Three answers to "is this pointer mine?". They write nothing, call no fault hook, and are safe
 * with any pointer and on a corrupted heap. [T258] NULL is in no pool. [T259] */

/* Returns  the pool that contains the address: from its handle to the end of its last word; NULL if
 *          and only if there is none. [T260] Where the list of pools is broken, pools behind the
 *          break are not found.
 * Time     linear in pools, at every hardening level. [T261] */
pool_t tlsf_owner(tlsf_t t, const void *ptr);

/* Returns  1 if ptr lies in a pool, and the headers around it are those of a live block there; else
 *          0. [T262] Each live block of a sound heap gives 1. [T263] Another pointer can give 1,
 *          too, where the words around it look like headers.
 * Time     linear in pools, at every hardening level. [T264] */
int tlsf_looks_live(tlsf_t t, const void *ptr);

/* Finds the block whose bytes, from its header to the next one, contain the address, by a walk over
 * the pool. [T265]
 * found    not NULL; filled with zeros if there is none. [T266]
 * Returns  1 if there is one; else 0. [T267] In a sound heap, ptr is a live block if and only if
 *          found->used is 1 and found->block is ptr. [T268]
 * Time     linear in the blocks of the pool, and in pools. [T269] */
int tlsf_locate(tlsf_t t, const void *ptr, tlsf_block_t *found);

/* ---- dump: a heap for tools/heap ---------------------------------------------------------- */

/* A function of the program that takes bytes of a dump, in order: to a file, a serial line,
 * flash. [T335]
 * Returns  0 to go on; anything else ends the dump. [T336] */
typedef int (*tlsf_writer)(void *context, const void *bytes, size_t count);

/* Writes what tools/heap needs to know of the heap: the control structure, the pools, and the ring
 * of events (TLSF_TRACE), each in one piece. [T337]
 * write    not NULL. It must not use the heap. It gets the memory of the heap itself,
 *          and no copy. [T340]
 * context  handed to write. [T341]
 * Returns  0 if the dump is whole; else what write returned. [T342]
 * Time     linear in the bytes of all pools, times what write takes. [T343]
 * Writes nothing, calls no fault hook, and is safe on a corrupted heap: pools behind a break of
 * their list are left out. [T344]
 * Not promised: that a heap which changes meanwhile makes sense. With TLSF_MEMORY_CHECKER 1
 * the tool reports what write reads. */
int tlsf_dump(tlsf_t t, tlsf_writer write, void *context);

/* Writes other memory as a dump of its own: behind a dump of the heap, in the same file, tools/heap
 * reads both. [T347]
 * begin, bytes  what can be read; 0 bytes are none. [T348]
 * Returns  as tlsf_dump. [T349] */
int tlsf_dump_memory(const void *begin, size_t bytes, tlsf_writer write, void *context);

/* ---- faults -------------------------------------------------------------------------- */

/* What a fault hook can get. Levels are those of TLSF_HARDENING. */
typedef enum {
    /* From level 1 on. [T270] */
    TLSF_FAULT_MISALIGNED = 1,  /* the pointer is no multiple of TLSF_GRANULE [T271] */
    TLSF_FAULT_DOUBLE_FREE = 2, /* the header says that the block is free already [T272] */
    TLSF_FAULT_NOT_A_BLOCK = 3, /* no block can begin there: foreign or interior pointer [T273] */
    TLSF_FAULT_NEIGHBOUR = 4,   /* a header next to the block disagrees with the block or with what
                                   lies behind it: one of them was overwritten, or there is no
                                   block [T274] */
    TLSF_FAULT_CORRUPTION = 5,  /* a size, link or bit that the call needs was overwritten; at level
                                   1, of a free block that it would take [T275] */
    /* At level 3. [T276] */
    TLSF_FAULT_OVERRUN = 6, /* the guard behind the block's payload was overwritten, or is that of
                               another heap [T277] */
    TLSF_FAULT_WRITE_AFTER_FREE = 7 /* something wrote to free memory that the call needs; `block`
                                       is the free block [T278] */
} tlsf_fault_kind;

/* Two mistakes that write where they must not, and what each level finds of them.
 *
 * Overrun: a write behind a block's payload, which reaches the header of the next block.
 *   Level 0  Only tlsf_check can find it. [T279]
 *   Level 1  A free or a realloc of the overrun block or of the next block finds it. [T280] So does
 *            a request that takes the next block, unless that one is pending (TLSF_PENDING): then
 *            the request writes the header anew. [T281] A header that agrees with the memory behind
 *            it passes for right.
 *   Level 2  As level 1; and a request checks the pending block, too. [T282]
 *   Level 3  A free or a realloc of the overrun block finds each changed byte of its guard, which
 *            begins right behind the bytes that were asked for. [T283] So does tlsf_check. [T284]
 *
 * Write after free: a write into a free block.
 *   Level 0  Only tlsf_check finds it, and only a changed header, link or footer. [T285]
 *   Level 1  A call that takes the block, or merges it, finds a changed header, link or footer
 *            before it uses that. [T286] A link that was set to zero can pass for the end of a
 *            list.
 *   Level 2  Each call finds a changed header, link or footer before it uses that. [T287] Nothing
 *            finds another changed byte.
 *   Level 3  A request finds each changed byte of the free memory that it would hand out. [T288]
 *            tlsf_check finds each changed byte of all free memory. [T289] */
typedef struct {
    tlsf_fault_kind kind;
    const void *block;  /* what the caller passed, also if a link of its free neighbour is
                           broken. [T290] Of other corruption: the block that the call was about to
                           use, or an address in the control structure [T291] */
    size_t size;        /* the inner size in its header; 0 where that cannot be read [T292] */
    const void *before; /* the free block before it, as far as headers show; or NULL [T293] */
    size_t before_size; /* its inner size [T294] */
    const void *after;  /* the block behind it, as far as headers show; or NULL [T295] */
    size_t after_size;  /* its inner size [T296] */
} tlsf_fault_t;

/* A fault hook. The library calls it with every fault that it finds. [T297] The hook must not call
 * into the same heap, except tlsf_diagnose and tlsf_set_fault_hook. When it returns, the call that
 * found the fault returns without effect: NULL from a request, from tlsf_get_pool, tlsf_add_pool
 * and tlsf_add_to_pool, 0 from tlsf_largest and tlsf_extend_pool, 1 from tlsf_remove_pool, nothing
 * from tlsf_free and tlsf_reset. [T298] The one exception is a realloc that moves to another block.
 * It can find a fault after the copy. Then `ptr` is live and as it was. [T299] The new block was
 * allocated and freed again, which the counts and the peak show. [T300] tlsf_realloc_end finds
 * faults after the copy, too. [T301] In a block that slid back it cuts nothing off then. [T302] */
typedef void (*tlsf_fault_hook)(tlsf_t t, const tlsf_fault_t *fault);

/* Sets the heap's fault hook. [T303]
 * hook     NULL means the default, which stops the program by TLSF_STOP(), a trap instruction
 *          unless you define another. [T304] A debugger or the trap handler finds the tlsf_fault_t
 *          in the argument of the stopped function. [T305]
 * Returns  the hook before; NULL for the default. [T306] O(1). [T307] */
tlsf_fault_hook tlsf_set_fault_hook(tlsf_t t, tlsf_fault_hook hook);

/* Returns  a short English name of a fault kind; "unknown" for other numbers. [T308] Never
 *          NULL. [T309] */
const char *tlsf_fault_name(tlsf_fault_kind kind);

/* ---- diagnosis: who made the mistake --------------------------------------------------- */

/* What a program most likely did wrong. */
typedef enum {
    TLSF_MISTAKE_UNKNOWN = 0,  /* nothing wrong is found, or nothing that shows who did it [T310] */
    TLSF_MISTAKE_OVERRUN = 1,  /* live block `culprit`: its user wrote behind its end [T311] */
    TLSF_MISTAKE_UNDERRUN = 2, /* live block `culprit`: its user wrote before its start [T312] */
    TLSF_MISTAKE_WRITE_AFTER_FREE = 3, /* free block `culprit`: who had it before wrote into
                                          it [T313] */
    TLSF_MISTAKE_DOUBLE_FREE = 4,      /* the pointer was freed before; `culprit` lies there
                                          now [T314] */
    TLSF_MISTAKE_INTERIOR = 5,         /* the pointer leads into live block `culprit` [T315] */
    TLSF_MISTAKE_FOREIGN = 6, /* the pointer leads to no block: into no pool, or to the words that a
                                 pool keeps for itself [T316] */
    TLSF_MISTAKE_CONTROL = 7  /* something wrote into the control structure, or into the record in
                                 front of a pool; `damage` is there [T317] */
} tlsf_mistake;

enum { TLSF_DIAGNOSIS_BYTES = 16 };

typedef struct {
    tlsf_mistake mistake;
    tlsf_block_t culprit;  /* the block that the mistake names [T318] */
    pool_t pool;           /* the pool of what follows; NULL: none [T319] */
    tlsf_block_t before;   /* the block in front of `at` [T320] */
    tlsf_block_t at;       /* the damaged block; without damage the block that holds the
                              pointer [T321] */
    tlsf_block_t after;    /* the block behind `at` [T322] */
    const void *damage;    /* the first word or byte that is wrong; NULL if none is [T323] */
    size_t found_bytes;    /* how many bytes of `found` are filled: what is at `damage`
                              now [T324] */
    size_t expected_bytes; /* how many of `expected` are: what would be right; 0: not
                              known [T325] */
    unsigned char found[TLSF_DIAGNOSIS_BYTES];
    unsigned char expected[TLSF_DIAGNOSIS_BYTES];
} tlsf_diagnosis_t;

/* Finds out who caused a fault, and fills *diagnosis, which is not NULL. [T326] A fault hook may
 * call it. [T327]
 * fault    as the hook got it; NULL: what tlsf_check_report finds. [T328]
 * Returns  diagnosis->mistake. [T329] It is a guess. A write that hits a header shows where, not
 *          whose it was: it is taken for one that came from next door. [T330]
 * Time     linear in the words of all pools, times pools where lists are corrupted. [T331]
 * Writes nothing, and is as safe on a corrupted heap as tlsf_check. [T332] */
tlsf_mistake tlsf_diagnose(tlsf_t t, const tlsf_fault_t *fault, tlsf_diagnosis_t *diagnosis);

/* Returns  a short English name of a mistake; "unknown" for other numbers. [T333] Never
 *          NULL. [T334] */
const char *tlsf_mistake_name(tlsf_mistake mistake);

#ifdef __cplusplus
}
#endif

#endif
