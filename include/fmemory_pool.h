/* SPDX-FileCopyrightText: 2026 the fmemp authors */
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
 *   Alignment    Every block is aligned to TLSF_GRANULE bytes (tlsf_config.h). [F1]
 *   FMemp        It starts as zeros: static, or `= {0}`. It is ready from a successful init on,
 *                until it is removed. [F2] is_ready is FT_COMPONENT_IS_READY while it is ready, and
 *                0 otherwise. [F3] FMEMP_STATIC_INIT lets the first call initialise it. [F4]
 *   Not ready    Calls on an FMemp that is NULL or not ready are safe: they return NULL,
 *                FMEMP_ERR_NOT_READY or figures of 0, and change nothing. [F5]
 *   Time         "O(1)" means: no loop, no recursion, and no call but the core's, the lock's, and a
 *                memset of a few bytes where figures are filled in. [F6]
 *   Threads      Each call takes the lock of fmemory_port.h, and releases it on every path. [F7]
 *                Most take it once. [F8] A realloc that moves its block takes it twice, and copies
 *                between. [F9] A request takes it once more after a failure hook. [F10] FMemListAll
 *                takes it many times. [F11] What is linear in the bytes of a block runs without the
 *                lock, at TLSF_HARDENING 0 to 2. [F12] So do not remove or reset an FMemp while
 *                another task is in a call on it. With a lock port, tasks may share an FMemp, and
 *                interrupts where the port says so. [F13] Without one (FMEMP_LOCK 0, the default)
 *                they may not.
 *   Failure      A request that cannot be served returns NULL or an error code. [F14]
 *   Misuse       A pointer that is no live block is undefined at TLSF_HARDENING 0. From level 1 on
 *                it goes to the fault hook, as far as O(1) checks can find it (tlsf.h). [F15]
 *   Types        Inside the vendor's SDK, u32, fsize_t, FError and the list are the SDK's. [F16]
 *                Elsewhere they are ours (fmemory_port.h). [F17]
 */
#ifndef FMEMORY_POOL_H
#define FMEMORY_POOL_H

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
#define FMEMP_ERR_INVALID_BUF \
    0x0010000U /* NULL, or begin is not below end, or no such region [F18] */
#endif
#ifndef FMEMP_ERR_INIT_TLFS
#define FMEMP_ERR_INIT_TLFS 0x0010001U /* the region is too small, or cannot be managed [F19] */
#endif
#ifndef FMEMP_ERR_BAD_MALLOC
#define FMEMP_ERR_BAD_MALLOC 0x0010002U /* for callers: a request returned NULL */
#endif
#ifndef FMEMP_ERR_ALREADY_INIT
#define FMEMP_ERR_ALREADY_INIT 0x0010003U /* the FMemp is ready already [F20] */
#endif
#ifndef FMEMP_ERR_NOT_READY
#define FMEMP_ERR_NOT_READY 0x0010004U /* the FMemp is NULL or not ready [F21] */
#endif
#ifndef FMEMP_ERR_REGION_IN_USE
#define FMEMP_ERR_REGION_IN_USE \
    0x0010005U /* the region holds live blocks or the heap itself [F22] */
#endif
#ifndef FMEMP_ERR_BROKEN
#define FMEMP_ERR_BROKEN \
    0x0010006U /* something has overwritten the heap, a region's node or a tag [F23] */
#endif

/* The node of one memory region. It is at the region's start, so it costs no block. [F24] */
typedef struct {
    pool_t pool_addr; /* the core's pool in this region */
    FSListNode list;  /* the next region */
} FMempPoolList;

/* A failure hook: FMempSetFailureHook. */
struct FMempFailure;
typedef void (*FMempFailureHook)(FMemp *memp, const struct FMempFailure *failure);

struct FMemp {
    FMempPoolList *pools_list; /* the region of the init, head of the list of added ones */
    tlsf_t tlsf_ptr;           /* the heap, in the region of the init */
    u32 is_ready;              /* FT_COMPONENT_IS_READY or 0 [F25] */
    /* For FMEMP_STATIC_INIT alone: the first call initialises the FMemp with [begin, end). */
    const u8 *starts; /* &FMempStartsAtFirstCall before that call */
    void *begin;
    void *end;
    /* FMempSetFailureHook. Requests ask the first of these alone. */
    u32 serves_at_once;    /* as is_ready; but 0 while there is a failure hook */
    u32 failure_hook_runs; /* 1 while it does */
    FMempFailureHook failure_hook;
    void (*failure_explain)(const FMemp *memp, struct FMempFailure *failure); /* the library's */
};

/* ---- init and remove ----------------------------------------------------------------- */

/* Makes an FMemp ready that serves requests from the bytes [begin_addr, end_addr). [F26] The
 * region's node and the control structure are at its start: under 1 KiB for 9,000 bytes. [F27] The
 * FMemp is planned for this region, and for added ones that are no larger. [F28]
 * begin_addr, end_addr  any addresses; the region is rounded inside. [F29]
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_ALREADY_INIT when memp is ready, and nothing changes;
 *          FMEMP_ERR_INVALID_BUF when an argument is NULL or begin_addr >= end_addr;
 *          FMEMP_ERR_INIT_TLFS when the region cannot hold node, control structure and one block,
 *          or is larger than the layout reaches. [F30] After an error memp is as it was. [F31]
 * Time     linear in the number of size classes. [F32]
 * The fault hook is FMemp's default: see FMempSetFaultHook. [F33] */
FError FMempInit(FMemp *memp, void *begin_addr, void *end_addr);

/* Makes an FMemp ready as FMempInit does, but plans it for added regions of up to `largest_region`
 * bytes. [F34] Less than the first region means the first region's size. [F35] More than the layout
 * can hold means all that it can hold. [F36]
 * Returns, Time  as FMempInit. [F37] */
FError FMempInitSized(FMemp *memp, void *begin_addr, void *end_addr, fsize_t largest_region);

/* The initialiser of an FMemp that its first call initialises, as FMempInit(&memp, begin, end)
 * would, with the lock held. [F38] Any call does so, except those that need a live block
 * (FMempFree, FMempBlockSize, FMempSetCallSite), and FMempAttach: [F39]
 *
 *     extern u8 heap_begin[], heap_end[];
 *     static FMemp memp = FMEMP_STATIC_INIT(heap_begin, heap_end);
 *
 * begin, end  pointers to memory that may be written. In C and C++ the initialiser is constant if
 *             they are addresses of objects or of linker symbols. [F40] So calls before main are
 *             served. [F41]
 * If the init fails, the first call prints so, once, by FMEMP_WRITE, with the lock held. [F42] From
 * then on the FMemp is as a zeroed one, and FMempInit can give it another region. [F43] FMempInit
 * as the first call returns FMEMP_ERR_ALREADY_INIT. [F44] After FMempRemove the FMemp does not
 * start again. [F45]
 * Time        of the first call: also that of FMempInit. [F46] Later calls pay nothing. [F47] */
#define FMEMP_STATIC_INIT(begin, end) \
    { NULL, NULL, 0U, &FMempStartsAtFirstCall, (begin), (end), 0U, 0U, NULL, NULL }
extern const u8 FMempStartsAtFirstCall; /* for the macro alone */

/* Gives all regions back to the caller, whether or not they hold live blocks. [F48] Blocks are
 * invalid from here on. The FMemp is as a zeroed one, and can be initialised again. [F49]
 * O(1). [F50] */
void FMempRemove(FMemp *memp);

/* FMempRemove under its other name. [F51] */
void FMempDeinit(FMemp *memp);

/* Frees every block of every region at once. [F52] Regions, peak, counts and hooks stay. [F53]
 * Time     linear in the number of size classes and of regions. [F54] */
void FMempReset(FMemp *memp);

/* ---- regions ------------------------------------------------------------------------- */

/* Adds the bytes [begin_addr, end_addr) to a ready FMemp. [F55] They must not overlap another of
 * its regions. That is not checked.
 * begin_addr, end_addr  any addresses; the region is rounded inside. [F56]
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when an address is NULL or
 *          begin_addr >= end_addr; FMEMP_ERR_INIT_TLFS when the region is too small for its node
 *          and one block, or larger than planned, or out of reach (tlsf_add_pool). [F57] After an
 *          error memp and the region are as they were. [F58]
 * Time     O(1). [F59] */
FError FMempAddRegion(FMemp *memp, void *begin_addr, void *end_addr);

/* Takes an added region out of a ready FMemp. [F60] Its memory is the caller's again. [F61]
 * begin_addr  the address that the region was added with, or any that is rounded to the same
 *             node. [F62]
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when no region begins at
 *          begin_addr; FMEMP_ERR_REGION_IN_USE when it holds a live block, or is the region of the
 *          init, which holds the heap itself: FMempRemove gives that one back. [F63] After an error
 *          nothing is changed. [F64]
 * Time     linear in the number of regions. [F65] */
FError FMempRemoveRegion(FMemp *memp, void *begin_addr);

/* ---- blocks -------------------------------------------------------------------------- */

/* Allocates nbytes bytes; 0 allocates a block of the smallest size. [F66]
 * Returns  the block, its content undefined; NULL if and only if memp is not ready or no block that
 *          the search meets is large enough (tlsf_malloc). [F67]
 * Time     O(1). [F68] */
void *FMempMalloc(FMemp *memp, fsize_t nbytes);

/* Allocates an array of `count` objects of `size` bytes, each byte zero. [F69]
 * Returns  as FMempMalloc for count * size bytes; also NULL when that product overflows. [F70]
 * Time     FMempMalloc and, without the lock, one memset of count * size bytes. [F71] */
void *FMempCalloc(FMemp *memp, fsize_t count, fsize_t size);

/* Allocates `size` bytes at a multiple of `align`. [F72]
 * align    a power of two, in bytes; 0 and 1 mean the default, TLSF_GRANULE. [F73]
 * Returns  as FMempMalloc; also NULL when align is neither 0 nor a power of two. [F74] With
 *          FMEMP_MALLOC_ALIGN_ZEROES 1 the bytes that were asked for are zero. [F75]
 * Time     O(1); with FMEMP_MALLOC_ALIGN_ZEROES 1 also one memset, without the lock. [F76]
 * For a DMA buffer on a cached processor allocate whole cache lines, so that no other block shares
 * one: FMempMallocAlign(memp, (size + line - 1) / line * line, line). */
void *FMempMallocAlign(FMemp *memp, fsize_t size, fsize_t align);

/* Changes the size of block `ptr` to nbytes, and keeps the first min(old size, nbytes) bytes. [F77]
 * The block stays in place or moves. [F78]
 * ptr      NULL: allocates as FMempMalloc does. [F79]
 * nbytes   0 with a ptr that is not NULL: frees ptr and returns NULL. [F80]
 * Returns  the block, aligned to TLSF_GRANULE only; NULL (with nbytes not 0) if and only if memp is
 *          not ready or no room was found: then `ptr` is unchanged and still live. [F81]
 * Time     O(1) in place; otherwise O(1) and, without the lock, one copy of the old size. [F82]
 *          Until it is done, both places of the block are in use, and max_used shows it. [F83] */
void *FMempRealloc(FMemp *memp, void *ptr, fsize_t nbytes);

/* Changes the size of block `ptr` to `size` as FMempRealloc does, at a multiple of `align`. [F84]
 * align    as for FMempMallocAlign. [F85]
 * Returns  as FMempRealloc; also NULL when align is neither 0 nor a power of two: then `ptr` is
 *          unchanged and still live. [F86]
 * Time     as FMempRealloc. [F87] */
void *FMempReallocAlign(FMemp *memp, void *ptr, fsize_t size, fsize_t align);

/* Frees block `ptr`. [F88] NULL is ignored. [F89]
 * Time     O(1). [F90] */
void FMempFree(FMemp *memp, void *ptr);

/* Returns  the bytes of live block `ptr` that its user may write: at least what was asked for, and
 *          without the tag and the call site that the library keeps in it (below); 0 when ptr is
 *          NULL or memp is not ready. [F91] No hardening level checks ptr. O(1). [F92] */
fsize_t FMempBlockSize(FMemp *memp, void *ptr);

/* ---- tags ---------------------------------------------------------------------------- */

/* FMEMP_MALLOC and so on allocate as the functions of the same name do. [F93] With FMEMP_TAG_DEBUG
 * 1 they also record file, line and function of the call with the block, in O(1). [F94] FMemListAll
 * prints them. [F95] A library built with FMEMP_TAG_DEBUG 1 keeps a tag at the end of every
 * block. [F96] An overrun that ends in the tag is no fault at any hardening level: FMempCheck finds
 * it, and FMemListAll prints it. [F97] Blocks from the plain functions have a tag that names no
 * file. [F98]
 * The file that makes an FMemp ready must have FMEMP_TAG_DEBUG as the library has it, or it does
 * not link. [F99] Other files may use the plain functions of a library that keeps tags. [F100] */
typedef enum {
    FMEMP_TAG_NONE = 0,       /* the library keeps no tags; or the block has no room for one: its
                                 size was overwritten [F101] */
    FMEMP_TAG_INTACT = 1,     /* the tag is as it was written [F102] */
    FMEMP_TAG_OVERWRITTEN = 2 /* the tag was overwritten [F103] */
} FMempTagStatus;

/* The tag of a block. If it is not intact, the other members are 0. [F104] */
typedef struct {
    FMempTagStatus status;
    const char *file; /* NULL: the block is from a plain function [F105] */
    unsigned long line;
    const char *msg;
} FMempTag;

#if FMEMP_TAGS
/* These do the same as the functions without "Tag". [F106]
 * file, line, msg  recorded as they are, not copied: the strings must live as long as the block,
 *                  and as a listing that began while it was live. [F107] Each string may be
 *                  NULL. [F108] Of the line 32 bits are kept. [F109] */
void *FMempMallocTag(FMemp *memp, fsize_t nbytes, const char *file, unsigned long line,
                     const char *msg);
void *FMempCallocTag(FMemp *memp, fsize_t count, fsize_t size, const char *file, unsigned long line,
                     const char *msg);
void *FMempMallocAlignTag(FMemp *memp, fsize_t size, fsize_t align, const char *file,
                          unsigned long line, const char *msg);
void *FMempReallocTag(FMemp *memp, void *ptr, fsize_t nbytes, const char *file, unsigned long line,
                      const char *msg);
void *FMempReallocAlignTag(FMemp *memp, void *ptr, fsize_t size, fsize_t align, const char *file,
                           unsigned long line, const char *msg);
/* As FMempFree: a freed block has no tag. [F110] */
void FMempFreeTag(FMemp *memp, void *ptr);

#define FMEMP_MALLOC(memp, nbytes) FMempMallocTag(memp, nbytes, __FILE__, __LINE__, __func__)
#define FMEMP_CALLOC(memp, count, size) \
    FMempCallocTag(memp, count, size, __FILE__, __LINE__, __func__)
#define FMEMP_MALLOC_ALIGN(memp, size, align) \
    FMempMallocAlignTag(memp, size, align, __FILE__, __LINE__, __func__)
#define FMEMP_REALLOC(memp, ptr, nbytes) \
    FMempReallocTag(memp, ptr, nbytes, __FILE__, __LINE__, __func__)
#define FMEMP_REALLOC_ALIGN(memp, ptr, size, align) \
    FMempReallocAlignTag(memp, ptr, size, align, __FILE__, __LINE__, __func__)
#define FMEMP_FREE(memp, ptr) FMempFreeTag(memp, ptr)
#else
#define FMEMP_MALLOC(memp, nbytes) FMempMalloc(memp, nbytes)
#define FMEMP_CALLOC(memp, count, size) FMempCalloc(memp, count, size)
#define FMEMP_MALLOC_ALIGN(memp, size, align) FMempMallocAlign(memp, size, align)
#define FMEMP_REALLOC(memp, ptr, nbytes) FMempRealloc(memp, ptr, nbytes)
#define FMEMP_REALLOC_ALIGN(memp, ptr, size, align) FMempReallocAlign(memp, ptr, size, align)
#define FMEMP_FREE(memp, ptr) FMempFree(memp, ptr)
#endif

/* ---- call sites ---------------------------------------------------------------------- */

/* A library built with FMEMP_CALL_SITES 1 keeps a call site in the last 4 bytes of every block: the
 * address that the call of FMempMalloc, FMempRealloc and so on returns to, in O(1). [F111] A
 * realloc that succeeds renews it. [F112] FMemListAll prints it; addr2line, or a debugger, finds
 * the line. [F113]
 * The 4 bytes hold the low 32 bits. [F114] The rest of a 64-bit address is taken from the place of
 * the library's own code. [F115] So it is right for each caller within 2 GiB of the library, as in
 * one program. [F116] For others, as in another shared library, the low 32 bits alone are right.
 * An overrun of up to 4 bytes may end in the call site. That is no fault at any hardening level,
 * and nothing shows that the call site is wrong then.
 *
 * A function that only passes requests on has the same call site for all. It passes its own caller:
 *     void *malloc(size_t n) {
 *         return FMempSetCallSite(&memp, FMempMalloc(&memp, n), FMEMP_CALLER());
 *     }
 * ptr      a live block that nobody else knows yet; NULL is ignored. [F117]
 * caller   any address, such as FMEMP_CALLER(). [F118]
 * Returns  ptr. [F119]
 * Time     O(1). [F120] With FMEMP_CALL_SITES 0 this is no call, and does nothing. [F121] With a
 *          library built with 0 a caller that has 1 does not link. [F122] */
#if FMEMP_CALL_SITES
void *FMempSetCallSite(FMemp *memp, void *ptr, const void *caller);
#else
static inline void *FMempSetCallSite(FMemp *memp, void *ptr, const void *caller) {
    (void)memp;
    (void)caller;
    return ptr;
}
#endif

/* ---- reports ------------------------------------------------------------------------- */

/* Reports the state of all regions together, in bytes of blocks with their headers: *total of all
 * blocks, used and free; *used of the live ones; *max_used, the largest *used since the init or
 * since FMempResetPeak. [F123]
 * total, used, max_used  may each be NULL. [F124]
 * A value past 32 bits reads 0xFFFFFFFF. [F125] *used and *max_used also read 0xFFFFFFFF, not
 * known, from a library that keeps no statistics (TLSF_STATISTICS 0). [F126]
 * Time     O(1). [F127] */
void FMemProbe(FMemp *memp, u32 *total, u32 *used, u32 *max_used);

/* What a library with TLSF_STATISTICS 0 does not know. [F128] */
#define FMEMP_STATS_UNKNOWN UINT64_MAX

typedef struct {
    u64 total_bytes;    /* all blocks with their headers, used and free, of all regions [F129] */
    u64 used_bytes;     /* live blocks with their headers [F130] */
    u64 max_used_bytes; /* the largest used_bytes since the init or since FMempResetPeak [F131] */
    u64 free_bytes;     /* total_bytes - used_bytes [F132] */
    u64 largest;        /* the largest request that FMempMalloc is sure to serve now [F133] */
    u64 live_blocks;    /* allocations - frees [F134] */
    u64 allocations;    /* blocks allocated; this and the next two count modulo SIZE_MAX +
                           1 [F135] */
    u64 frees;          /* blocks freed [F136] */
    u64 failures;       /* requests that returned NULL for lack of room, or could never be
                           served [F137] */
} FMempStats;

/* Fills *stats with the state of all regions together; with zeros when memp is not ready. [F138] A
 * library without statistics knows total_bytes and largest only: the rest reads
 * FMEMP_STATS_UNKNOWN. [F139]
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when stats is NULL. [F140]
 * Time     O(1). [F141] */
FError FMempGetStats(FMemp *memp, FMempStats *stats);

/* Makes the bytes in use now the largest that were in use: max_used of FMemProbe, and
 * max_used_bytes. [F142] O(1). [F143] */
void FMempResetPeak(FMemp *memp);

typedef struct {
    fsize_t regions;
    fsize_t used_blocks;
    fsize_t used_bytes; /* with headers [F144] */
    fsize_t free_blocks;
    fsize_t free_bytes;    /* with headers [F145] */
    fsize_t largest_free;  /* the largest request that the largest free block serves, [F146] */
    fsize_t smallest_free; /* and the smallest; 0 when there is none, or no room for a tag in
                              it [F147] */
} FMempSurvey;

/* Counts the blocks of all regions, by a walk, and fills *survey; with zeros when memp is not
 * ready. [F148] It needs no statistics (TLSF_STATISTICS 0). [F149]
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when survey is NULL;
 *          FMEMP_ERR_BROKEN when the walk met a broken size or link: then *survey holds what it saw
 *          before. [F150]
 * Time     linear in blocks, with the lock held. [F151] */
FError FMempGetSurvey(FMemp *memp, FMempSurvey *survey);

/* Prints every block of every region with address, size, state, tag and call site, in the order of
 * addresses; then a summary of these blocks; then the name of what tlsf_check found when the
 * listing began. [F152]
 * Writes nothing to the heap, and allocates nothing. [F153]
 * Lock     It prints a copy of what it saw, without the lock. [F154] It takes the lock for
 *          tlsf_check, and then for each 16 blocks: to walk through their region, and to copy
 *          them. [F155]
 * Time     With the lock held: as tlsf_check, and then linear in the blocks of a region at a
 *          time. [F156] In all: a walk through the region for each 16 of its blocks, and the
 *          printing. [F157]
 * Stack    some 650 bytes on 32-bit machines, and what FMEMP_WRITE needs. [F158]
 * The heap may be used, and regions may come and go, while the listing prints. [F159] A block that
 * lives all the time, and is not resized, is named exactly once; others at most once. [F160] No two
 * lines overlap. [F161] The blocks of different steps were not all there at the same time. The
 * strings of a tag must live as long as a listing that names them.
 * It is safe on a corrupted heap, as it follows sizes only inside their pool. [F162] When the check
 * found the control structure or the pool list broken, no block is printed. [F163] When it found
 * anything broken, the largest request reads 0. [F164] The nodes of the region list are not
 * checked. */
void FMemListAll(FMemp *memp);

/* ---- walk and check ------------------------------------------------------------------- */

/* A block, as a walk finds it. */
typedef struct {
    void *ptr;
    fsize_t size;       /* bytes that its user may write, as FMempBlockSize; of a free block
                           all [F165] */
    int used;           /* 1 for a live block, 0 for a free one [F166] */
    void *region;       /* the node at the start of its region [F167] */
    FMempTag tag;       /* of a live block; zeros of a free one [F168] */
    const void *caller; /* its call site; NULL when it is not known [F169] */
} FMempBlock;

/* A walker is called with one block, which it must copy if it wants to keep it. It returns 0 to
 * stop the walk, and another number to go on. [F170] */
typedef int (*FMempWalker)(const FMempBlock *block, void *user);

/* Calls `walker` for each block of every region: the region of the init first, then the others, the
 * last added first; in a region in address order. [F171]
 * The lock is held during the whole walk, so the blocks are those of one moment. [F172] The walker
 * must not call FMemp, must not write to free blocks, and must return: if it leaves by longjmp, the
 * lock stays held.
 * user     is passed on to the walker. [F173]
 * Returns  FMEMP_SUCCESS, stopped or not; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when walker is
 *          NULL. [F174]
 * Time     linear in the blocks that it meets, and what the walker takes, with the lock
 *          held. [F175]
 * A corrupted size ends the walk of its region. [F176] Regions and pool sizes are trusted:
 * FMempCheck. */
FError FMempWalk(FMemp *memp, FMempWalker walker, void *user);

/* What is broken in an FMemp, besides the tlsf_invariant of tlsf.h. */
enum {
    FMEMP_BROKEN_REGION_LIST = 64, /* the list has one node for each pool, in front of it [F177] */
    FMEMP_BROKEN_TAG = 65          /* nobody has written into the tag of a live block [F178] */
};

typedef struct {
    int broken;        /* a tlsf_invariant, or one of the two above; 0 when all hold [F179] */
    const char *name;  /* a short English name of it; never NULL [F180] */
    void *region;      /* the node of the region where it is broken; NULL: in no single one. [F181]
                          Of the region list: the last node that is sound [F182] */
    const void *block; /* the block where it is broken; NULL: in no single one [F183] */
} FMempReport;

/* Tests every invariant of the heap (tlsf_check_report), the list of regions and all tags, in this
 * order. [F184] Tasks that share the FMemp with a lock port go on with it: tlsf_check of a heap
 * that runs gives false alarms, as nothing keeps them from changing it meanwhile. Writes
 * nothing. [F185]
 * report   gets the lowest number that is broken, and where; zeros when memp is not ready. [F186]
 *          NULL is allowed. [F187]
 * Returns  FMEMP_SUCCESS if and only if memp is ready and all hold; FMEMP_ERR_NOT_READY;
 *          FMEMP_ERR_BROKEN. [F188]
 * Time     as tlsf_check, with the lock held. [F189] It is as safe on a corrupted heap. [F190] */
FError FMempCheck(FMemp *memp, FMempReport *report);

/* ---- attach: regions that survived a reset --------------------------------------------- */

/* Makes an FMemp ready with the heap that an FMemp had in these bytes before a reset, in memory
 * that kept its content. [F191] memp itself starts as zeros. Call FMempInit when this fails.
 * begin_addr, end_addr  as FMempInit got them.
 * lost     what did not survive; NULL is allowed. [F192] Zeros when all did. [F193]
 *          TLSF_BROKEN_STATISTICS with FMEMP_SUCCESS: the blocks were counted again, and the peak
 *          begins anew. [F194]
 * Returns  FMEMP_SUCCESS, and the live blocks are as they were; FMEMP_ERR_ALREADY_INIT;
 *          FMEMP_ERR_INVALID_BUF when an address is bad, or when the regions are not those of the
 *          heap; FMEMP_ERR_BROKEN when the memory holds no sound heap: then nothing was
 *          written. [F195] After an error memp is as it was. [F196]
 * Time     as tlsf_attach, with the lock held. [F197]
 * tlsf_attach says what is verified, and that the program may have been linked anew. The fault hook
 * is FMemp's default. [F198] There is no failure hook. [F199] Tags and call sites are those of
 * plain functions: their strings were the old program's. [F200] The program before needs the same
 * FMEMP_TAG_DEBUG and FMEMP_CALL_SITES. */
FError FMempAttach(FMemp *memp, void *begin_addr, void *end_addr, FMempReport *lost);

/* The same for an FMemp with added regions. [F201]
 * added, count  the regions that FMempAddRegion added and nobody removed, each once, in any order.
 * Time     as FMempAttach, and regions times regions. [F202] */
FError FMempAttachRegions(FMemp *memp, void *begin_addr, void *end_addr, const tlsf_region_t *added,
                          fsize_t count, FMempReport *lost);

/* ---- whose an address is -------------------------------------------------------------- */

/* Three answers to "is this pointer mine?", for any pointer. They write nothing and call no
 * hook. [F203] All return 0 for NULL, and when memp is not ready. [F204] */

/* Returns  1 if and only if the address is in the memory of a region that blocks come from. [F205]
 * Time     linear in regions, at every hardening level. [F206] */
int FMempOwns(FMemp *memp, const void *ptr);

/* Returns  1 if the headers around ptr are those of a live block: for each live block; and for
 *          another pointer where words look like headers (tlsf_looks_live). [F207]
 * Time     linear in regions, at every hardening level. [F208] */
int FMempLooksLive(FMemp *memp, const void *ptr);

/* Finds the block whose bytes contain the address, by a walk. [F209]
 * block    gets the block; zeros when there is none. [F210] NULL: nothing is found. [F211]
 * Returns  1 if there is one. [F212] In a sound heap ptr is a live block if and only if block->used
 *          is 1 and block->ptr is ptr. [F213]
 * Time     linear in the blocks of a region, with the lock held. [F214] */
int FMempLocate(FMemp *memp, const void *ptr, FMempBlock *block);

/* Writes a dump of all regions for tools/heap, with their nodes, the FMemp itself and the ring of
 * events: tlsf_dump. [F251]
 * write    must not call FMemp: it runs with the lock held.
 * context  handed to write. [F253]
 * Returns  FMEMP_SUCCESS; FMEMP_ERR_NOT_READY; FMEMP_ERR_INVALID_BUF when write is NULL, or has
 *          returned other than 0. [F254]
 * Time     linear in the bytes of all regions, times what write takes, with the lock held, so that
 *          the dump is one moment: call it where the program may stop so long. [F255]
 * Not promised: that it ends if the list of regions is corrupted. tlsf_dump of
 * memp->tlsf_ptr does. */
FError FMempDump(FMemp *memp, tlsf_writer write, void *context);

/* ---- failures -------------------------------------------------------------------------- */

/* A request that returned NULL. */
typedef struct FMempFailure {
    tlsf_reason reason;  /* why: see below */
    fsize_t nbytes;      /* what was asked for; SIZE_MAX when the product of a calloc
                            overflows [F215] */
    fsize_t align;       /* the alignment that was asked for; 0: none [F216] */
    void *ptr;           /* the block that a realloc was to resize, which is live; NULL:
                            none [F217] */
    fsize_t largest;     /* the largest request that the largest free block serves [F218] */
    fsize_t free_bytes;  /* all free blocks with their headers, of all regions [F219] */
    fsize_t free_blocks; /* how many they are [F220] */
    const char *file;    /* these three from FMEMP_MALLOC and so on; NULL and 0 otherwise [F221] */
    const char *msg;
    unsigned long line;
    const void *caller; /* the call site; NULL when it is not known [F222] */
} FMempFailure;

/* Sets the failure hook. [F223] Each request of a ready FMemp that is about to return NULL calls
 * it: FMempMalloc, FMempCalloc, FMempMallocAlign, FMempRealloc, FMempReallocAlign and those with
 * "Tag". [F224] A realloc to 0 bytes, which frees, does not. [F225]
 *
 * Why              reason is TLSF_REASON_...
 *   ALIGNMENT      the alignment is no power of two [F226]
 *   PLAN           no region can be large enough for it (FMempInitSized) [F227]
 *   MEMORY         all free blocks together are too small [F228]
 *   FRAGMENTED     together they are large enough, but none is in one piece [F229]
 *   SEARCH         one is, but it is not among those that the search meets (tlsf_malloc) [F230]
 *   NONE, BROKEN   no lack of room: the call found a fault, and has called the fault hook. [F231]
 *                  At TLSF_HARDENING 0, where no call finds faults, BROKEN says that the heap is
 *                  corrupted. [F232] tlsf_reason_name has names for them. [F233]
 *
 * The hook is called after the lock is released, in the context of the request: it may call FMemp,
 * free blocks and add regions. [F234] The request returns NULL all the same; its caller may ask
 * again. [F235] While the hook runs, no other failure of the same FMemp calls it: neither its own
 * requests, nor those of other tasks. [F236] The hook must return or stop the program.
 * hook     NULL: none, the default. [F237] FMempRemove takes it away. [F238]
 * Returns  the hook before; NULL for none, or when memp is not ready. [F239] O(1). [F240]
 * Time     With a hook a request that fails takes time linear in blocks, with the lock held, and
 *          what the hook takes without it; one that is served takes some 150 instructions
 *          more. [F241] Without a hook a request takes as long as if there were no such
 *          hooks. [F242] */
FMempFailureHook FMempSetFailureHook(FMemp *memp, FMempFailureHook hook);

/* ---- faults -------------------------------------------------------------------------- */

/* Sets the fault hook, which the core calls with each fault that it finds (tlsf.h), with the lock
 * held. [F243] The hook must not call FMemp. It must return or stop the program: if it leaves by
 * longjmp, the lock stays held. When it returns, the call that found the fault has no
 * effect. [F244]
 * hook     NULL means FMemp's default. [F245] It prints the fault and, unless FMEMP_DIAGNOSIS is 0,
 *          its diagnosis (tlsf_diagnose): the likely culprit with its place in the source, the
 *          bytes found and expected, and the neighbours. [F246] Then it stops (FMEMP_STOP). [F247]
 *          A hook of yours may call tlsf_diagnose, too. [F248]
 * Returns  the hook before; NULL for the default, or when memp is not ready. [F249] O(1). [F250] */
tlsf_fault_hook FMempSetFaultHook(FMemp *memp, tlsf_fault_hook hook);

#ifdef __cplusplus
}
#endif

#endif
