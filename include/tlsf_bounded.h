/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_bounded.h: a heap whose worst case of memory is bounded, and small.
 *
 *     static unsigned char memory[60000];
 *     tlsf_bounded_t heap = tlsf_bounded_create(memory, sizeof memory, 12, 1000);
 *
 *     if (heap != NULL) {
 *         void *block = tlsf_bounded_malloc(heap, 100);
 *         ...
 *         tlsf_bounded_free(heap, block);
 *     }
 *
 * A program that never has more than M bytes live needs at most about 5 M log4(n / m) bytes, n and
 * m being its largest and its smallest request: 15 M for 16 to 1,024 bytes. [B1] The heap of tlsf.h
 * can need M (n / m). All calls still take bounded time. [B2] Average programs need more memory
 * than with the heap of tlsf.h.
 *
 * Sizes have lanes. The largest size of a lane is four times that of the lane before it. [B3] A
 * lane is a heap of tlsf.h of its own, and no other lane uses its holes. [B4] All lanes but the
 * last take their memory in chunks from the beginning of the region, and give back a chunk without
 * a live block. [B5] The last lane grows from the end of the region. [B6]
 *
 * What tlsf.h says holds here, too: units, alignment, time, threads, faults. [B7] A heap has at
 * most 8 lanes, so O(1) includes loops over lanes here. [B8]
 *
 * Source: the proof in docs/memory-bound.md.
 */
#ifndef TLSF_BOUNDED_H
#define TLSF_BOUNDED_H

#include "tlsf.h"

#define tlsf_bounded_create TLSF_NAME_WITH_OPTIONS(tlsf_bounded_create)
#define tlsf_bounded_size_for TLSF_NAME_WITH_OPTIONS(tlsf_bounded_size_for)
#define tlsf_bounded_malloc TLSF_NAME(tlsf_bounded_malloc)
#define tlsf_bounded_calloc TLSF_NAME(tlsf_bounded_calloc)
#define tlsf_bounded_memalign TLSF_NAME(tlsf_bounded_memalign)
#define tlsf_bounded_realloc TLSF_NAME(tlsf_bounded_realloc)
#define tlsf_bounded_free TLSF_NAME(tlsf_bounded_free)
#define tlsf_bounded_stats TLSF_NAME(tlsf_bounded_stats)
#define tlsf_bounded_check TLSF_NAME(tlsf_bounded_check)
#define tlsf_bounded_invariant_name TLSF_NAME(tlsf_bounded_invariant_name)
#define tlsf_bounded_set_fault_hook TLSF_NAME(tlsf_bounded_set_fault_hook)

#ifdef __cplusplus
extern "C" {
#endif

#if TLSF_TYPED_HANDLES
typedef struct tlsf_bounded *tlsf_bounded_t;
#else
typedef void *tlsf_bounded_t;
#endif

/* ---- create -------------------------------------------------------------------------- */

/* Makes an empty heap in the region [mem, mem + bytes). [B9]
 * mem      any address; bytes: any size. [B10] The region is rounded inside. [B11]
 * smallest, largest  bytes of the smallest and of the largest request. A smaller request is served,
 *          and counts as `smallest`. [B12] A larger one is refused. [B13] `largest` is rounded up
 *          to all bytes of the block that serves it. [B14] For memalign and realloc see there.
 * Returns  the heap; NULL if and only if mem is NULL, or smallest is more than largest, or largest
 *          needs more than 8 lanes (it is more than some 65,000 times smallest), or largest is more
 *          than SIZE_MAX / 64, or largest or a lane's chunk is larger than tlsf.h allows; or the
 *          region cannot hold the heap's own structures, or reaches the end of the address space,
 *          or is larger than a link of the layout reaches (compact layout on 64-bit machines: 8
 *          GiB, 4 GiB with granule 4). [B15]
 * Time     linear in the number of size classes, and in bytes / the smallest chunk. [B16]
 * The end of the heap is the end of its use: there is nothing to destroy. */
tlsf_bounded_t tlsf_bounded_create(void *mem, size_t bytes, size_t smallest, size_t largest);

/* Returns  bytes of a region, at any address, in which no request is refused of a program that
 *          keeps these limits; 0 if and only if tlsf_bounded_create refuses such a plan or region,
 *          or the last lane can need more than tlsf_block_size_max() bytes, or chunks and the last
 *          lane more than SIZE_MAX / 8. [B17]
 * live     the most bytes that are ever live at once, as the sum of what each block counts as. A
 *          request counts as its outer size: bytes + tlsf_alloc_overhead(), rounded up to
 *          TLSF_GRANULE. [B18] realloc and memalign say what they count as.
 * smallest, largest  as for tlsf_bounded_create. [B19]
 * Time     some hundreds of steps. [B20] The result is a constant of the program: compute it
 *          once. */
size_t tlsf_bounded_size_for(size_t live, size_t smallest, size_t largest);

/* ---- blocks -------------------------------------------------------------------------- */

/* Allocates `bytes` bytes; 0 allocates a block of the smallest size. [B21]
 * Returns  the block, its content undefined; NULL if and only if bytes is more than `largest`, or
 *          the request's lane has no hole for it and the region has no memory left for the
 *          lane. [B22]
 * Time     O(1): at most two mallocs of the core, and a chunk, whose place is found in at most 8
 *          steps. [B23] */
void *tlsf_bounded_malloc(tlsf_bounded_t t, size_t bytes);

/* Allocates an array of `count` objects of `size` bytes, each byte zero. [B24]
 * Returns  as tlsf_bounded_malloc for count * size bytes; also NULL when that product
 *          overflows. [B25]
 * Time     tlsf_bounded_malloc and one memset of count * size bytes. [B26] */
void *tlsf_bounded_calloc(tlsf_bounded_t t, size_t count, size_t size);

/* Allocates `bytes` bytes at a multiple of `align`. [B27]
 * align    a power of two, in bytes; 0, or a power of two up to TLSF_GRANULE, means the
 *          default. [B28]
 * Returns  as tlsf_bounded_malloc for max(bytes, tlsf_block_size_min()) + align +
 *          tlsf_block_size_min() + tlsf_alloc_overhead() bytes, which the request counts as; also
 *          NULL when align is neither 0 nor a power of two. [B29]
 * Time     as tlsf_bounded_malloc. [B30] */
void *tlsf_bounded_memalign(tlsf_bounded_t t, size_t align, size_t bytes);

/* Changes the size of block `ptr` to `bytes`, and keeps the first min(old size, bytes) bytes. [B31]
 * A block stays in its lane while it can. [B32] It leaves it only to grow. [B33]
 * ptr      NULL: allocates as tlsf_bounded_malloc does. [B34]
 * bytes    0 with a ptr that is not NULL: frees ptr and returns NULL. [B35]
 * Returns  the block, aligned to TLSF_GRANULE only; NULL (with bytes not 0) if and only if it has
 *          to move, and tlsf_bounded_malloc would return NULL. [B36] Then `ptr` is unchanged and
 *          still live. [B37]
 * Time     O(1) in place; otherwise O(1) and one copy of the old size. [B38]
 * A block counts as its new size, but in its lane at least as the lane's smallest size: a granule
 * more than the largest size of the lane before. [B39] So one that shrinks never counts as more
 * than before, and may count as no less. [B40] While a block moves, both places count. [B41] */
void *tlsf_bounded_realloc(tlsf_bounded_t t, void *ptr, size_t bytes);

/* Frees block `ptr`, coalesces it with its free neighbours at once, and gives back its chunk if
 * that holds no other live block. [B42] NULL is ignored. [B43]
 * Time     O(1). [B44] A chunk that is given back joins with its neighbours in at most 7
 *          steps. [B45] */
void tlsf_bounded_free(tlsf_bounded_t t, void *ptr);

/* ---- queries ------------------------------------------------------------------------- */

typedef struct {
    size_t lanes;       /* how many lanes the plan has [B46] */
    size_t used_bytes;  /* what the live blocks count as, rests too small to be split off, and what
                           TLSF_ROUND_TO_CLASS adds; an aligned block: at least its size and the
                           smallest size of its lane [B47] */
    size_t peak_bytes;  /* the largest used_bytes since create [B48] */
    size_t taken_bytes; /* of the region, by chunks ever and by the last lane; never less [B49] */
    size_t room_bytes;  /* of the region, for chunks and the last lane [B50] */
    size_t live_blocks; /* allocations - frees [B51] */
    size_t failures;    /* requests that returned NULL [B52] */
} tlsf_bounded_stats_t;

/* Fills *stats, which is not NULL. [B53] O(1). [B54] */
void tlsf_bounded_stats(tlsf_bounded_t t, tlsf_bounded_stats_t *stats);

/* The invariants of a bounded heap, and the premises of its proof. A place holds a chunk. */
typedef enum {
    TLSF_BOUNDED_SOUND = 0,
    TLSF_BOUNDED_BROKEN_PLAN = 1,   /* lanes, sizes and addresses are in order [B55] */
    TLSF_BOUNDED_BROKEN_LANE = 2,   /* tlsf_check of a lane's heap [B56] */
    TLSF_BOUNDED_BROKEN_PLACES = 3, /* places lie side by side, at multiples of their sizes, and
                                       fill what is taken [B57] */
    TLSF_BOUNDED_BROKEN_FREE_PLACES = 4, /* the lists hold the free places; four free ones that were
                                            one place are one again [B58] */
    TLSF_BOUNDED_BROKEN_CHUNK = 5,       /* a chunk is a pool of its lane, and has a live
                                            block [B59] */
    TLSF_BOUNDED_BROKEN_LIVE = 6         /* the live blocks are those counted, and count as
                                    used_bytes [B60] */
} tlsf_bounded_invariant;

/* Tests every invariant. [B61] Writes nothing, allocates nothing. [B62]
 * Returns  0 (TLSF_BOUNDED_SOUND) if and only if all hold; otherwise the first that does not. [B63]
 * Time     linear in blocks and in places; free blocks times chunks. [B64]
 * It trusts the heap's own structure, and is not meant for memory that was overwritten. */
int tlsf_bounded_check(tlsf_bounded_t t);

/* Returns  a short English name of an invariant; "unknown" for other numbers. [B65] Never
 *          NULL. [B66] */
const char *tlsf_bounded_invariant_name(int invariant);

/* Sets the fault hook of every lane. [B67] The hook gets the lane's heap. [B68] A pointer that is
 * in no chunk goes to the last lane, which reports it. [B69] NULL means the default: see
 * tlsf_set_fault_hook. [B70] O(1). [B71] Without TLSF_STATISTICS a hook must not return from a
 * wrong free: the block would be counted as freed. */
void tlsf_bounded_set_fault_hook(tlsf_bounded_t t, tlsf_fault_hook hook);

#ifdef __cplusplus
}
#endif

#endif
