/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: FMemp, memory pools for firmware on top of tlsf.h, with locks, reports and
 * any number of memory regions.
 *
 *     static u8 buffer[9000];
 *     static FMemp memp;
 *
 *     if (FMempInit(&memp, buffer, buffer + sizeof buffer) == FMEMP_SUCCESS) {
 *         void *block = FMempMalloc(&memp, 100);
 *         ...
 *         FMempFree(&memp, block);
 *         FMempRemove(&memp);
 *     }
 *
 * What holds for every function
 *   Units        Sizes are bytes.
 *   Alignment    Every block is aligned to TLSF_GRANULE bytes (tlsf_config.h).
 *   FMemp        It starts as zeros: static, or `= {0}`. It is ready from a successful init on,
 *                until it is removed. is_ready is FT_COMPONENT_IS_READY while it is ready, and 0
 *                otherwise.
 *   Not ready    Calls on an FMemp that is NULL or not ready are safe: they return NULL,
 *                FMEMP_ERR_NOT_READY or figures of 0, and change nothing.
 *   Time         "O(1)" means: no loop, no recursion, and no call but the core's, the lock's, and a
 *                memset of a few bytes where figures are filled in.
 *   Threads      Each call takes the lock of fmemory_port.h once, and releases it on every path;
 *                FMemListAll takes it several times.
 *                With a lock port, tasks may share an FMemp, and interrupts where the port says so.
 *                Without one (FMEMP_LOCK 0, the default) they may not.
 *   Failure      A request that cannot be served returns NULL or an error code.
 *   Misuse       A pointer that is no live block is undefined at TLSF_HARDENING 0. From level 1 on
 *                it goes to the fault hook, as far as O(1) checks can find it (tlsf.h).
 *   Types        Inside the vendor's SDK, u32, fsize_t, FError and the list are the SDK's.
 *                Elsewhere they are ours (fmemory_port.h).
 */
#ifndef FMEMORY_POOL_H
#define FMEMORY_POOL_H

#include <stdio.h>

#include "fmemory_port.h"
#include "tlsf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- types and values ---------------------------------------------------------------- */

#ifndef FMEMP_SUCCESS
#define FMEMP_SUCCESS 0U
#endif
#ifndef FMEMP_ERR_INVALID_BUF
#define FMEMP_ERR_INVALID_BUF 0x0010000U /* NULL, or begin is not below end, or no such region */
#endif
#ifndef FMEMP_ERR_INIT_TLFS
#define FMEMP_ERR_INIT_TLFS 0x0010001U /* the region is too small, or cannot be managed */
#endif
#ifndef FMEMP_ERR_BAD_MALLOC
#define FMEMP_ERR_BAD_MALLOC 0x0010002U /* for callers: a request returned NULL */
#endif
#ifndef FMEMP_ERR_ALREADY_INIT
#define FMEMP_ERR_ALREADY_INIT 0x0010003U /* the FMemp is ready already */
#endif
#ifndef FMEMP_ERR_NOT_READY
#define FMEMP_ERR_NOT_READY 0x0010004U /* the FMemp is NULL or not ready */
#endif
#ifndef FMEMP_ERR_REGION_IN_USE
#define FMEMP_ERR_REGION_IN_USE 0x0010005U /* the region holds live blocks or the heap itself */
#endif

/* The node of one memory region. It is at the region's start, so it costs no block. */
typedef struct {
    pool_t pool_addr; /* the core's pool in this region */
    FSListNode list;  /* the next region */
} FMempPoolList;

struct FMemp {
    FMempPoolList *pools_list; /* the region of the init, head of the list of added ones */
    tlsf_t tlsf_ptr;           /* the heap, in the region of the init */
    u32 is_ready;              /* FT_COMPONENT_IS_READY or 0 */
};

/* ---- init and remove ----------------------------------------------------------------- */

/* Makes an FMemp ready that serves requests from the bytes [begin_addr, end_addr). The region's
 * node and the control structure are at its start: under 1 KiB for 9,000 bytes. The FMemp is
 * planned for this region, and for added ones that are no larger.
 * begin_addr, end_addr  any addresses; the region is rounded inside.
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_ALREADY_INIT when memp is ready, and nothing changes;
 *          FMEMP_ERR_INVALID_BUF when an argument is NULL or begin_addr >= end_addr;
 *          FMEMP_ERR_INIT_TLFS when the region cannot hold node, control structure and one
 *          block, or is larger than the layout reaches. After an error memp is as it was.
 * Time     linear in the number of size classes.
 * The fault hook is FMemp's default: see FMempSetFaultHook. */
FError FMempInit(FMemp *memp, void *begin_addr, void *end_addr);

/* Makes an FMemp ready as FMempInit does, but plans it for added regions of up to `largest_region`
 * bytes. Less than the first region means the first region's size. More than the layout can hold
 * means all that it can hold.
 * Returns, Time  as FMempInit. */
FError FMempInitSized(FMemp *memp, void *begin_addr, void *end_addr, fsize_t largest_region);

/* Gives all regions back to the caller, whether or not they hold live blocks. Blocks are invalid
 * from here on. The FMemp reads as zeros, and can be initialised again. O(1). */
void FMempRemove(FMemp *memp);

/* FMempRemove under its other name. */
void FMempDeinit(FMemp *memp);

/* Frees every block of every region at once. Regions, peak, counts and fault hook stay.
 * Time     linear in the number of size classes and of regions. */
void FMempReset(FMemp *memp);

/* ---- regions ------------------------------------------------------------------------- */

/* Adds the bytes [begin_addr, end_addr) to a ready FMemp. They must not overlap another of its
 * regions. That is not checked.
 * begin_addr, end_addr  any addresses; the region is rounded inside.
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when an address is NULL or
 *          begin_addr >= end_addr; FMEMP_ERR_INIT_TLFS when the region is too small for its
 *          node and one block, or larger than planned, or out of reach (tlsf_add_pool). After
 *          an error memp and the region are as they were.
 * Time     O(1). */
FError FMempAddRegion(FMemp *memp, void *begin_addr, void *end_addr);

/* Takes an added region out of a ready FMemp. Its memory is the caller's again.
 * begin_addr  the address that the region was added with, or any that is rounded to the same node.
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when no region begins at
 *          begin_addr; FMEMP_ERR_REGION_IN_USE when it holds a live block, or is the region of
 *          the init, which holds the heap itself: FMempRemove gives that one back. After an error
 *          nothing is changed.
 * Time     linear in the number of regions. */
FError FMempRemoveRegion(FMemp *memp, void *begin_addr);

/* ---- blocks -------------------------------------------------------------------------- */

/* Allocates nbytes bytes; 0 allocates a block of the smallest size.
 * Returns  the block, its content undefined; NULL if and only if memp is not ready or no block
 *          that the search meets is large enough (tlsf_malloc).
 * Time     O(1). */
void *FMempMalloc(FMemp *memp, fsize_t nbytes);

/* Allocates an array of `count` objects of `size` bytes, each byte zero.
 * Returns  as FMempMalloc for count * size bytes; also NULL when that product overflows.
 * Time     FMempMalloc and one memset of count * size bytes. */
void *FMempCalloc(FMemp *memp, fsize_t count, fsize_t size);

/* Allocates `size` bytes at a multiple of `align`.
 * align    a power of two, in bytes; 0 and 1 mean the default, TLSF_GRANULE.
 * Returns  as FMempMalloc; also NULL when align is neither 0 nor a power of two.
 * Time     O(1).
 * For a DMA buffer on a cached processor allocate whole cache lines, so that no other block shares
 * one: FMempMallocAlign(memp, (size + line - 1) / line * line, line). */
void *FMempMallocAlign(FMemp *memp, fsize_t size, fsize_t align);

/* Changes the size of block `ptr` to nbytes, and keeps the first min(old size, nbytes) bytes. The
 * block stays in place or moves.
 * ptr      NULL: allocates as FMempMalloc does.
 * nbytes   0 with a ptr that is not NULL: frees ptr and returns NULL.
 * Returns  the block, aligned to TLSF_GRANULE only; NULL (with nbytes not 0) if and only if memp
 *          is not ready or no room was found: then `ptr` is unchanged and still live.
 * Time     O(1) in place; otherwise O(1) and one copy of the old size. */
void *FMempRealloc(FMemp *memp, void *ptr, fsize_t nbytes);

/* Changes the size of block `ptr` to `size` as FMempRealloc does, at a multiple of `align`.
 * align    as for FMempMallocAlign.
 * Returns  as FMempRealloc; also NULL when align is neither 0 nor a power of two: then `ptr` is
 *          unchanged and still live.
 * Time     as FMempRealloc. */
void *FMempReallocAlign(FMemp *memp, void *ptr, fsize_t size, fsize_t align);

/* Frees block `ptr`. NULL is ignored.
 * Time     O(1). */
void FMempFree(FMemp *memp, void *ptr);

/* ---- tags ---------------------------------------------------------------------------- */

/* FMEMP_MALLOC and so on allocate as the functions of the same name do. With FMEMP_TAG_DEBUG 1 they
 * also record file, line and function of the call with the block, in O(1). FMemListAll prints them.
 * A library built with FMEMP_TAG_DEBUG 1 keeps a tag at the end of every block. An overrun that
 * ends in the tag is no fault at any hardening level: FMemListAll alone prints it. Blocks from the
 * plain functions have a tag that names no file, so tagging and plain callers can share the
 * library. With a library built with 0 a tagging caller does not link. */
#if FMEMP_TAG_DEBUG
/* These do the same as the functions without "Tag".
 * file, line, msg  recorded as they are, not copied: the strings must live as long as the block,
 *                  and as a listing that began while it was live.
 *                  Each string may be NULL. */
void *FMempMallocTag(FMemp *memp, fsize_t nbytes, const char *file, u32 line, const char *msg);
void *FMempCallocTag(FMemp *memp, fsize_t count, fsize_t size, const char *file, u32 line,
                     const char *msg);
void *FMempMallocAlignTag(FMemp *memp, fsize_t size, fsize_t align, const char *file, u32 line,
                          const char *msg);
void *FMempReallocTag(FMemp *memp, void *ptr, fsize_t nbytes, const char *file, u32 line,
                      const char *msg);
void *FMempReallocAlignTag(FMemp *memp, void *ptr, fsize_t size, fsize_t align, const char *file,
                           u32 line, const char *msg);
/* As FMempFree, for sources that name the place of a free, too. The place is not recorded: a freed
 * block has no tag. */
void FMempFreeTag(FMemp *memp, void *ptr, const char *file, u32 line, const char *msg);

#define FMEMP_MALLOC(memp, nbytes) FMempMallocTag(memp, nbytes, __FILE__, __LINE__, __func__)
#define FMEMP_CALLOC(memp, count, size) \
    FMempCallocTag(memp, count, size, __FILE__, __LINE__, __func__)
#define FMEMP_MALLOC_ALIGN(memp, size, align) \
    FMempMallocAlignTag(memp, size, align, __FILE__, __LINE__, __func__)
#define FMEMP_REALLOC(memp, ptr, nbytes) \
    FMempReallocTag(memp, ptr, nbytes, __FILE__, __LINE__, __func__)
#define FMEMP_REALLOC_ALIGN(memp, ptr, size, align) \
    FMempReallocAlignTag(memp, ptr, size, align, __FILE__, __LINE__, __func__)
#define FMEMP_FREE(memp, ptr) FMempFreeTag(memp, ptr, __FILE__, __LINE__, __func__)
#else
#define FMEMP_MALLOC(memp, nbytes) FMempMalloc(memp, nbytes)
#define FMEMP_CALLOC(memp, count, size) FMempCalloc(memp, count, size)
#define FMEMP_MALLOC_ALIGN(memp, size, align) FMempMallocAlign(memp, size, align)
#define FMEMP_REALLOC(memp, ptr, nbytes) FMempRealloc(memp, ptr, nbytes)
#define FMEMP_REALLOC_ALIGN(memp, ptr, size, align) FMempReallocAlign(memp, ptr, size, align)
#define FMEMP_FREE(memp, ptr) FMempFree(memp, ptr)
#endif

/* ---- reports ------------------------------------------------------------------------- */

/* Reports the state of all regions together, in bytes of blocks with their headers: *total of all
 * blocks, used and free; *used of the live ones; *max_used, the largest *used since the init.
 * total, used, max_used  may each be NULL.
 * A value past 32 bits reads 0xFFFFFFFF. *used and *max_used also read 0xFFFFFFFF, not known, from
 * a library that keeps no statistics (TLSF_STATISTICS 0).
 * Time     O(1). */
void FMemProbe(FMemp *memp, u32 *total, u32 *used, u32 *max_used);

#define FMEMP_STATS_UNKNOWN UINT64_MAX /* what a library with TLSF_STATISTICS 0 does not know */

typedef struct {
    u64 total_bytes;    /* all blocks with their headers, used and free, of all regions */
    u64 used_bytes;     /* live blocks with their headers */
    u64 max_used_bytes; /* the largest used_bytes since the init */
    u64 free_bytes;     /* total_bytes - used_bytes */
    u64 largest;        /* the largest request that FMempMalloc is sure to serve now */
    u64 live_blocks;    /* allocations - frees */
    u64 allocations;    /* blocks allocated; this and the next two count modulo SIZE_MAX + 1 */
    u64 frees;          /* blocks freed */
    u64 failures;       /* requests that returned NULL for lack of room, or could never be served */
} FMempStats;

/* Fills *stats with the state of all regions together; with zeros when memp is not ready. A library
 * without statistics knows total_bytes and largest only: the rest reads FMEMP_STATS_UNKNOWN.
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when stats is NULL.
 * Time     O(1). */
FError FMempGetStats(FMemp *memp, FMempStats *stats);

/* Prints every block of every region with address, size, state and tag, in the order of addresses;
 * then a summary of these blocks; then the name of what tlsf_check found when the listing began.
 * Writes nothing to the heap, and allocates nothing.
 * Lock     It prints a copy of what it saw, without the lock. It takes the lock for tlsf_check, and
 *          then for each 16 blocks: to walk through their region, and to copy them.
 * Time     With the lock held: as tlsf_check, and then linear in the blocks of a region at a time.
 *          In all: a walk through the region for each 16 of its blocks, and the printing.
 * Stack    some 450 bytes on 32-bit machines, and what FMEMP_WRITE needs.
 * The heap may be used, and regions may come and go, while the listing prints. A block that lives
 * all the time, and is not resized, is named exactly once; others at most once. No two lines
 * overlap. The blocks of different steps were not all there at the same time. The strings of a tag
 * must live as long as a listing that names them.
 * It is safe on a corrupted heap, as it follows sizes only inside their pool. When the check found
 * the control structure or the pool list broken, no block is printed. When it found anything
 * broken, the largest request reads 0. The nodes of the region list are not checked. */
void FMemListAll(FMemp *memp);

/* ---- faults -------------------------------------------------------------------------- */

/* Sets the fault hook, which the core calls with each fault that it finds (tlsf.h), with the lock
 * held. The hook must not call FMemp. It must return or stop the program: if it leaves by longjmp,
 * the lock stays held. When it returns, the call that found the fault has no effect.
 * hook     NULL means FMemp's default, which prints kind, block, neighbours and sizes, and stops
 *          (FMEMP_STOP).
 * Returns  the hook before; NULL for the default, or when memp is not ready. O(1). */
tlsf_fault_hook FMempSetFaultHook(FMemp *memp, tlsf_fault_hook hook);

#ifdef __cplusplus
}
#endif

#endif
