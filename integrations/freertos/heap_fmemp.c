/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FreeRTOS's heap on fmemp: in the place of heap_1.c to heap_5.c, with all functions of portable.h.
 * Its memory is ucHeap, as in heap_4, or regions of vPortDefineHeapRegions, as in heap_5. Without
 * configTOTAL_HEAP_SIZE there is no ucHeap, and the regions are the heap.
 *
 * What holds for every function
 *   Contract     that of heap_4 and heap_5 in portable.h, but for what is said here.
 *   Time         a bounded number of instructions, but for what the functions below say.
 *   Lock         masks interrupts for the length of one call (ports/freertos/kernel_lock.h), so
 *                interrupts that may call FreeRTOS may allocate and free, before the scheduler
 *                runs, too. With configFMEMP_SUSPENDS_SCHEDULER 1 it suspends the scheduler, as
 *                heap_4 does: nothing is masked, and interrupts must not call.
 *   Misuse       a pointer that is no live block meets configASSERT, with the lock held, and
 *                changes nothing. TLSF_HARDENING says what is found (tlsf.h). With
 *                FMEMP_CALL_SITES 1 FMemp's report is printed, and FMEMP_STOP stops.
 *   Owners       With FMEMP_CALL_SITES 1 each block keeps who called pvPortMalloc: heap_fmemp.h.
 *   Alignment    TLSF_GRANULE, which must be at least portBYTE_ALIGNMENT.
 *   Privilege    With an MPU, data is PRIVILEGED_DATA. The core must lie in privileged memory, too.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MPU_WRAPPERS_INCLUDED_FROM_API_FILE
#include "FreeRTOS.h"
#include "task.h"
#undef MPU_WRAPPERS_INCLUDED_FROM_API_FILE

#include "../call_sites.h"
#include "heap_fmemp.h"

#if configSUPPORT_DYNAMIC_ALLOCATION == 0
#error "this file must not be in the build if configSUPPORT_DYNAMIC_ALLOCATION is 0"
#endif
#if !TLSF_STATISTICS
#error "the statistics of the heap need TLSF_STATISTICS 1"
#endif
#if defined configENABLE_HEAP_PROTECTOR && configENABLE_HEAP_PROTECTOR == 1 && TLSF_HARDENING < 2
#error "configENABLE_HEAP_PROTECTOR: compile fmemp and this file with TLSF_HARDENING 2"
#endif
_Static_assert(TLSF_GRANULE >= portBYTE_ALIGNMENT,
               "compile fmemp and this file with TLSF_GRANULE=portBYTE_ALIGNMENT");

/* Set these in FreeRTOSConfig.h. */
#ifndef configHEAP_CLEAR_MEMORY_ON_FREE
#define configHEAP_CLEAR_MEMORY_ON_FREE 0
#endif
#ifndef configFMEMP_SUSPENDS_SCHEDULER
#if __STDC_HOSTED__ && (defined __linux__ || defined __APPLE__ || defined _WIN32)
#define configFMEMP_SUSPENDS_SCHEDULER 1 /* a simulator of the kernel: there is nothing to mask */
#else
#define configFMEMP_SUSPENDS_SCHEDULER 0
#endif
#endif

/* ---- the lock ----------------------------------------------------------------------- */

#if configFMEMP_SUSPENDS_SCHEDULER
static uintptr_t heap_lock(void) {
    vTaskSuspendAll();
    return 0;
}

static void heap_unlock(uintptr_t state) {
    (void)state;
    (void)xTaskResumeAll();
}
#else
#include "../../ports/freertos/kernel_lock.h"
static uintptr_t heap_lock(void) { return kernel_lock(); }
static void heap_unlock(uintptr_t state) { kernel_unlock(state); }
#endif

/* ---- the heap ----------------------------------------------------------------------- */

/* Stands at the start of each region but the one that holds the heap's control structure. */
struct region {
    struct region *next;
    pool_t pool;
};

PRIVILEGED_DATA static tlsf_t heap;               /* NULL until it is made */
PRIVILEGED_DATA static struct region *regions;    /* the last added first */
PRIVILEGED_DATA static size_t heap_changes;       /* calls that may have changed a block */
PRIVILEGED_DATA static call_sites freertos_sites; /* of all blocks, if they are kept */

#if FMEMP_CALL_SITES
FMemp *fmemp_freertos_pool(void) { return &freertos_sites; }
#endif

/* The fault hook: what is wrong stands in *fault, and `t` is the heap for tlsf_diagnose. */
static void fault_found(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    configASSERT(fault == NULL);
}

static void heap_begin(tlsf_t made) {
    if (made != NULL && !FMEMP_CALL_SITES) {
        (void)tlsf_set_fault_hook(made, fault_found);
    }
    heap = made;
}

#ifdef configTOTAL_HEAP_SIZE
#if configAPPLICATION_ALLOCATED_HEAP == 1
extern uint8_t ucHeap[configTOTAL_HEAP_SIZE];
#else
PRIVILEGED_DATA static uint8_t ucHeap[configTOTAL_HEAP_SIZE];
#endif

/* Makes the heap of ucHeap, unless it is made already. With the lock. */
static void heap_make(void) {
    if (heap == NULL) {
        heap_begin(sited_create(&freertos_sites, ucHeap, sizeof ucHeap, 0));
    }
}
#else
static void heap_make(void) { configASSERT(heap != NULL); /* vPortDefineHeapRegions comes first */ }
#endif

/* Makes the heap of ucHeap. A program may call it, so that its first allocation takes no longer
 * than any other. It does nothing where the heap is made, and where there is no ucHeap.
 * Time     linear in the number of size classes, with the lock. So is the first allocation. */
void vPortInitialiseBlocks(void) {
#ifdef configTOTAL_HEAP_SIZE
    const uintptr_t state = heap_lock();
    heap_make();
    heap_unlock(state);
#endif
}

/* Forgets the heap and all blocks: an application calls it before it starts the scheduler again.
 * Then the first allocation, or vPortDefineHeapRegions, makes a new heap. */
void vPortHeapResetState(void) {
    sited_destroy(&freertos_sites, heap);
    heap = NULL;
    regions = NULL;
    heap_changes++;
}

/* ---- regions ------------------------------------------------------------------------ */

static size_t largest_of(const HeapRegion_t *region) {
    size_t largest = 0;
    for (; region->xSizeInBytes > 0; region++) {
        largest = region->xSizeInBytes > largest ? region->xSizeInBytes : largest;
    }
    return largest;
}

/* Makes the heap in the first region that has room for it. Returns that region, or the end. */
static const HeapRegion_t *heap_make_in_one_of(const HeapRegion_t *region) {
    const size_t largest = largest_of(region);
    while (region->xSizeInBytes > 0) {
        heap_begin(
            sited_create(&freertos_sites, region->pucStartAddress, region->xSizeInBytes, largest));
        if (heap != NULL) {
            break;
        }
        region++;
    }
    return region;
}

/* Returns whether the region has room for its node and one block. */
static bool region_add(const HeapRegion_t *added) {
    const uintptr_t begin = (uintptr_t)added->pucStartAddress;
    const size_t node = (size_t)(-begin & (_Alignof(struct region) - 1)); /* its offset */
    const size_t pool = node + sizeof(struct region);
    if (added->xSizeInBytes <= pool) {
        return false;
    }
    const pool_t made = sited_add_pool(&freertos_sites, heap, added->pucStartAddress + pool,
                                       added->xSizeInBytes - pool);
    if (made == NULL) {
        return false;
    }
    struct region *const region = (void *)(added->pucStartAddress + node);
    region->next = regions;
    region->pool = made;
    regions = region;
    return true;
}

/* Makes the heap of regions. Call it once, before any allocation, as for heap_5.
 * pxHeapRegions  ascending addresses; the last has size 0. The array may be gone afterwards.
 * A region that is too small, or farther away than a link reaches (tlsf_add_pool), meets
 * configASSERT, and is left out. The first region that has room holds the control structure.
 * Time     linear in the number of size classes and of regions, without the lock. */
void vPortDefineHeapRegions(const HeapRegion_t *const pxHeapRegions) {
    configASSERT(heap == NULL);
    if (heap != NULL) {
        return;
    }
    const HeapRegion_t *const home = heap_make_in_one_of(pxHeapRegions);
    configASSERT(heap != NULL);
    for (const HeapRegion_t *region = pxHeapRegions; heap != NULL && region->xSizeInBytes > 0;
         region++) {
        configASSERT(region == pxHeapRegions ||
                     region[-1].pucStartAddress < region->pucStartAddress);
        const bool is_used = region == home || region_add(region);
        configASSERT(is_used);
        (void)is_used;
    }
}

/* ---- blocks ------------------------------------------------------------------------- */

#define OUTER_SIZE(block) \
    ((block) == NULL ? (size_t)0 : tlsf_block_size(block) + tlsf_alloc_overhead())

/* Whether traceFREE is more than nothing. */
#define TEXT_OF(...) #__VA_ARGS__
#define TEXT_EXPANDED(...) TEXT_OF(__VA_ARGS__)
#define TRACES_FREE (sizeof TEXT_EXPANDED(traceFREE(pv, 0)) > 1)

static void failure_hook(void) {
#if configUSE_MALLOC_FAILED_HOOK == 1
    extern void vApplicationMallocFailedHook(void);
    vApplicationMallocFailedHook();
#endif
}

static void *block_request(size_t size, const void *caller) {
    void *block = NULL;
    const uintptr_t state = heap_lock();
    heap_make();
    if (heap != NULL && size > 0) {
        block = sited_malloc(&freertos_sites, heap, size, caller);
        heap_changes++;
    }
    traceMALLOC(block, OUTER_SIZE(block));
    heap_unlock(state);
    if (block == NULL) {
        failure_hook();
    }
    return block;
}

/* Returns  a block of xWantedSize bytes; NULL if and only if xWantedSize is 0, or no free block
 *          that the search meets is large enough (tlsf_malloc), or there is no heap. Then the
 *          failure hook was called, if configUSE_MALLOC_FAILED_HOOK is 1: without the lock, and in
 *          an interrupt if that was the caller. */
KEEPS_CALL_SITE void *pvPortMalloc(size_t xWantedSize) {
    return block_request(xWantedSize, CALL_SITE());
}

/* Returns  as pvPortMalloc for xNum * xSize bytes, all zero; also NULL, without the failure hook,
 *          if that product overflows.
 * Time     pvPortMalloc and, without the lock, a memset of the product. */
KEEPS_CALL_SITE void *pvPortCalloc(size_t xNum, size_t xSize) {
    if (xSize > 0 && xNum > SIZE_MAX / xSize) {
        return NULL;
    }
    void *const block = block_request(xNum * xSize, CALL_SITE());
    if (block != NULL) {
        (void)memset(block, 0, xNum * xSize);
    }
    return block;
}

#if configHEAP_CLEAR_MEMORY_ON_FREE == 1
/* Zeroes a live block; leaves what is none. */
static void block_clear(void *block) {
    const uintptr_t state = heap_lock();
    const size_t size = tlsf_looks_live(heap, block) ? tlsf_block_size(block) : 0;
    heap_unlock(state);
    (void)memset(block, 0, size);
}
#else
static void block_clear(void *block) { (void)block; }
#endif

/* Frees block pv; NULL is ignored.
 * Time     If traceFREE is defined, also linear in the regions. If configHEAP_CLEAR_MEMORY_ON_FREE
 *          is 1, that and, without the lock, a memset of the block. */
void vPortFree(void *pv) {
    if (pv == NULL) {
        return;
    }
    configASSERT(heap != NULL);
    if (heap == NULL) {
        return;
    }
    block_clear(pv);
    const uintptr_t state = heap_lock();
    if (TRACES_FREE && tlsf_looks_live(heap, pv)) {
        traceFREE(pv, OUTER_SIZE(pv));
    }
    tlsf_free(heap, pv);
    heap_changes++;
    heap_unlock(state);
}

/* ---- statistics --------------------------------------------------------------------- */

/* Zeros before the heap is made. */
static tlsf_stats_t heap_stats(void) {
    tlsf_stats_t stats = {0};
    const uintptr_t state = heap_lock();
    if (heap != NULL) {
        (void)tlsf_stats(heap, &stats);
    }
    heap_unlock(state);
    return stats;
}

/* The free blocks with their headers; 0 before the heap is made. */
size_t xPortGetFreeHeapSize(void) { return heap_stats().free_bytes; }

size_t xPortGetMinimumEverFreeHeapSize(void) {
    const tlsf_stats_t stats = heap_stats();
    return stats.pool_bytes - stats.peak_bytes;
}

void xPortResetHeapMinimumEverFreeHeapSize(void) {
    const uintptr_t state = heap_lock();
    if (heap != NULL) {
        tlsf_reset_peak(heap);
    }
    heap_unlock(state);
}

/* Goes to the next block. Returns false at the end of the pool, and if the heap has changed. */
static bool walk_step(pool_t pool, tlsf_block_t *block, size_t changes) {
    const uintptr_t state = heap_lock();
    const bool is_there =
        heap_changes == changes && tlsf_next_block(pool, block->block, block) != 0;
    heap_unlock(state);
    return is_there;
}

static void free_blocks_none(HeapStats_t *stats) {
    stats->xNumberOfFreeBlocks = 0;
    stats->xSizeOfLargestFreeBlockInBytes = 0;
    stats->xSizeOfSmallestFreeBlockInBytes = SIZE_MAX;
}

static void free_block_count(HeapStats_t *stats, size_t size) {
    stats->xNumberOfFreeBlocks++;
    if (size > stats->xSizeOfLargestFreeBlockInBytes) {
        stats->xSizeOfLargestFreeBlockInBytes = size;
    }
    if (size < stats->xSizeOfSmallestFreeBlockInBytes) {
        stats->xSizeOfSmallestFreeBlockInBytes = size;
    }
}

/* Returns whether the heap stayed the same, so that the figures are right. */
static bool free_blocks_count(HeapStats_t *stats) {
    const size_t changes = heap_changes;
    const struct region *region = regions;
    pool_t pool = tlsf_get_pool(heap);
    free_blocks_none(stats);
    while (pool != NULL) {
        tlsf_block_t block = {0};
        while (walk_step(pool, &block, changes)) {
            if (!block.used) {
                free_block_count(stats, block.size + tlsf_alloc_overhead());
            }
        }
        pool = region == NULL ? NULL : region->pool;
        region = region == NULL ? NULL : region->next;
    }
    return heap_changes == changes;
}

enum { WALKS_MAX = 8 };

/* Fills *pxHeapStats. Not for interrupts.
 * Sizes    with headers, as in heap_4.
 * Time     linear in blocks, with the scheduler suspended. The lock is held for one block at a
 *          time. When an interrupt or another core changes the heap meanwhile, the walk starts
 *          again. After 8 walks it gives up: number and sizes of free blocks are then as of a heap
 *          that has none. The other figures are always right. */
void vPortGetHeapStats(HeapStats_t *pxHeapStats) {
    bool is_done = heap == NULL;
    free_blocks_none(pxHeapStats);
    vTaskSuspendAll();
    for (int walks = 0; !is_done && walks < WALKS_MAX; walks++) {
        is_done = free_blocks_count(pxHeapStats);
    }
    (void)xTaskResumeAll();
    if (!is_done) {
        free_blocks_none(pxHeapStats);
    }
    const tlsf_stats_t stats = heap_stats();
    pxHeapStats->xAvailableHeapSpaceInBytes = stats.free_bytes;
    pxHeapStats->xMinimumEverFreeBytesRemaining = stats.pool_bytes - stats.peak_bytes;
    pxHeapStats->xNumberOfSuccessfulAllocations = stats.allocations;
    pxHeapStats->xNumberOfSuccessfulFrees = stats.frees;
}
