/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * integrations/freertos/heap_fmemp.c on a model of its kernel: the contract of heap_1 to heap_5.
 * tests/checks/rtos_checks.py builds it once for each set of options.
 */
#include "support/suite.h"

#include <string.h>

#include "kernel.h"
#include "task.h"
#include "tlsf.h"

#ifndef FMEMP_CALL_SITES
#define FMEMP_CALL_SITES 0
#endif
#if FMEMP_CALL_SITES
#include "fmemory_pool.h"
#include "heap_fmemp.h"
#endif

enum { HEADER = 4 }; /* bytes of a block's header, in every layout with 32-bit sizes */
#if FMEMP_CALL_SITES
enum { SITE = 4 }; /* bytes of a block's call site */
#else
enum { SITE = 0 };
#endif

#ifdef configFMEMP_SUSPENDS_SCHEDULER
#define MASKS (!configFMEMP_SUSPENDS_SCHEDULER)
#else
#define MASKS 0 /* the tests run on a system that counts as a simulator */
#endif
#ifdef configTOTAL_HEAP_SIZE
#define HEAP_BYTES ((size_t)configTOTAL_HEAP_SIZE)
#else
#define HEAP_BYTES ((size_t)8192)
#endif
#if configAPPLICATION_ALLOCATED_HEAP
uint8_t ucHeap[configTOTAL_HEAP_SIZE];
#endif

static _Alignas(64) uint8_t memory[3][16384];

/* A fresh heap: of ucHeap, or of one region. */
static int begin(void **state) {
    (void)state;
    kernel_reset();
    vPortHeapResetState();
    memset(memory, 0xA5, sizeof memory);
#ifndef configTOTAL_HEAP_SIZE
    const HeapRegion_t regions[] = {{memory[0], HEAP_BYTES}, {NULL, 0}};
    vPortDefineHeapRegions(regions);
#endif
    return 0;
}

/* Whatever a case did: nothing is locked, and nothing wrong was seen that the case has not seen. */
static int end(void **state) {
    (void)state;
    assert_int_equal(kernel.mask, 0);
    assert_int_equal(kernel.suspensions, 0);
    assert_int_equal(kernel.assertions, 0);
    assert_int_equal(kernel.locked_failures, 0);
    return 0;
}

/* ---- malloc ------------------------------------------------------------------------------- */

static void malloc_first_call_makes_the_heap(void **state) {
    (void)state;
    uint8_t *const block = pvPortMalloc(100);
    assert_non_null(block);
    memset(block, 1, 100);
    assert_true(xPortGetFreeHeapSize() < HEAP_BYTES - 100);
    vPortFree(block);
}

static void malloc_block_is_aligned_for_the_port(void **state) {
    (void)state;
    for (size_t bytes = 1; bytes < 100; bytes++) {
        assert_int_equal((uintptr_t)pvPortMalloc(bytes) % portBYTE_ALIGNMENT, 0);
    }
}

static void malloc_size_0_gives_null_and_calls_the_hook(void **state) {
    (void)state;
    assert_null(pvPortMalloc(0));
    assert_int_equal(kernel.failures, configUSE_MALLOC_FAILED_HOOK);
    HeapStats_t stats;
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xNumberOfSuccessfulAllocations, 0);
}

static void malloc_too_large_gives_null_and_calls_the_hook_without_lock(void **state) {
    (void)state;
    const size_t sizes[] = {HEAP_BYTES, SIZE_MAX / 2 + 1, SIZE_MAX - 7, SIZE_MAX};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        assert_null(pvPortMalloc(sizes[i]));
        assert_int_equal(kernel.failures, configUSE_MALLOC_FAILED_HOOK * (i + 1));
    }
    assert_int_equal(kernel.locked_failures, 0);
}

static void malloc_success_does_not_call_the_hook(void **state) {
    (void)state;
    assert_non_null(pvPortMalloc(1));
    assert_int_equal(kernel.failures, 0);
}

/* ---- calloc ------------------------------------------------------------------------------- */

static void calloc_used_memory_is_zeroed(void **state) {
    (void)state;
    uint8_t *const old = pvPortMalloc(300);
    memset(old, 0xFF, 300);
    vPortFree(old);
    const uint8_t *const block = pvPortCalloc(3, 100);
    assert_ptr_equal(block, old);
    for (unsigned i = 0; i < 300; i++) {
        assert_int_equal(block[i], 0);
    }
}

static void calloc_product_overflows_gives_null_without_the_hook(void **state) {
    (void)state;
    assert_null(pvPortCalloc(SIZE_MAX / 2 + 2, 2));
    assert_null(pvPortCalloc(2, SIZE_MAX / 2 + 1));
    assert_int_equal(kernel.failures, 0);
}

static void calloc_nothing_gives_null_and_calls_the_hook(void **state) {
    (void)state;
    assert_null(pvPortCalloc(0, 10));
    assert_null(pvPortCalloc(10, 0));
    assert_int_equal(kernel.failures, configUSE_MALLOC_FAILED_HOOK * 2);
}

/* ---- owners ------------------------------------------------------------------------------- */

#if FMEMP_CALL_SITES
/* `volatile` keeps the call from being the function's last deed, a jump. */
__attribute__((noinline)) static void *asks_malloc(void) {
    void *volatile block = pvPortMalloc(10);
    return block;
}

__attribute__((noinline)) static void *asks_calloc(void) {
    void *volatile block = pvPortCalloc(1, 10);
    return block;
}

static void owner_of_a_block_is_who_called(void **state) {
    (void)state;
    void *(*const asks[])(void) = {asks_malloc, asks_calloc};
    for (size_t i = 0; i < COUNT_OF(asks); i++) {
        FMempBlock found;
        assert_int_equal(FMempLocate(fmemp_freertos_pool(), asks[i](), &found), 1);
        assert_in_range((uintptr_t)found.caller, (uintptr_t)asks[i], (uintptr_t)asks[i] + 1000);
    }
}

static void owners_of_all_regions_are_listed(void **state) {
    (void)state;
    const HeapRegion_t regions[] = {{memory[0], 4096}, {memory[1] + 1, 4096}, {NULL, 0}};
    vPortHeapResetState();
    vPortDefineHeapRegions(regions);
    while (pvPortMalloc(100) != NULL) {
    }
    FMempSurvey survey;
    assert_int_equal(FMempGetSurvey(fmemp_freertos_pool(), &survey), FMEMP_SUCCESS);
    assert_int_equal(survey.regions, 2);
    assert_int_equal(FMempCheck(fmemp_freertos_pool(), NULL), FMEMP_SUCCESS);
}
#endif

/* ---- free --------------------------------------------------------------------------------- */

static void free_null_is_ignored(void **state) {
    (void)state;
    vPortFree(NULL);
    (void)pvPortMalloc(1);
    vPortFree(NULL);
    assert_int_equal(kernel.frees, 0);
    assert_int_equal(kernel.assertions, 0);
}

static void free_gives_the_memory_back(void **state) {
    (void)state;
    vPortFree(pvPortMalloc(1));
    const size_t fresh = xPortGetFreeHeapSize();
    void *blocks[20];
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = pvPortMalloc(10 + i * 7);
    }
    assert_true(xPortGetFreeHeapSize() < fresh);
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        vPortFree(blocks[(i * 7) % COUNT_OF(blocks)]);
    }
    assert_int_equal(xPortGetFreeHeapSize(), fresh);
}

static void free_twice_asserts_and_changes_nothing(void **state) {
    (void)state;
    if (TLSF_HARDENING == 0) {
        SKIP_BECAUSE("hardening 0 checks no pointer");
    }
    uint8_t bytes[50];
    void *const block = pvPortMalloc(sizeof(bytes));
    (void)pvPortMalloc(50);
    vPortFree(block);
    memcpy(bytes, block, sizeof(bytes));
    const size_t before = xPortGetFreeHeapSize();
    vPortFree(block);
    assert_int_equal(kernel.assertions, 1);
    assert_int_equal(xPortGetFreeHeapSize(), before);
    assert_memory_equal(bytes, block, sizeof(bytes));
    kernel.assertions = 0;
}

static void free_interior_pointer_asserts_and_changes_nothing(void **state) {
    (void)state;
    if (TLSF_HARDENING == 0) {
        SKIP_BECAUSE("hardening 0 checks no pointer");
    }
    uint8_t *const block = pvPortMalloc(50);
    memset(block, 0, 50);
    const size_t before = xPortGetFreeHeapSize();
    vPortFree(block + 1);
    assert_int_equal(kernel.assertions, 1);
    assert_int_equal(xPortGetFreeHeapSize(), before);
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(block[i], 0);
    }
    kernel.assertions = 0;
}

static void free_before_any_heap_asserts(void **state) {
    (void)state;
    vPortHeapResetState();
    vPortFree(memory);
    assert_int_equal(kernel.assertions, 1);
    kernel.assertions = 0;
}

static void free_clears_the_block_if_configured(void **state) {
    (void)state;
    uint8_t *const block = pvPortMalloc(200);
    memset(block, 0x77, 200);
    vPortFree(block);
    unsigned left = 0;
    for (unsigned i = 64; i < 128; i++) { /* neither links nor footer of a free block */
        left += block[i] == 0x77;
    }
#ifdef configHEAP_CLEAR_MEMORY_ON_FREE
    assert_int_equal(left, 0);
#else
    assert_true(left == 64 || TLSF_HARDENING == 3);
#endif
}

/* ---- traces ------------------------------------------------------------------------------- */

static void trace_malloc_and_free_tell_the_block_with_its_header(void **state) {
    (void)state;
#ifdef KERNEL_TRACES
    void *const block = pvPortMalloc(100);
    assert_int_equal(kernel.mallocs, 1);
    assert_ptr_equal(kernel.malloc.block, block);
    assert_in_range(kernel.malloc.size, 100 + HEADER, 100 + 2 * TLSF_GRANULE);
    assert_true(kernel.malloc.was_locked);
    vPortFree(block);
    assert_int_equal(kernel.frees, 1);
    assert_ptr_equal(kernel.free.block, block);
    assert_int_equal(kernel.free.size, kernel.malloc.size);
    assert_true(kernel.free.was_locked);
#else
    vPortFree(pvPortMalloc(100));
    assert_int_equal(kernel.mallocs + kernel.frees, 0);
#endif
}

static void trace_of_a_failure_tells_null_and_0(void **state) {
    (void)state;
    kernel.malloc = (kernel_event){memory, 1, false};
    assert_null(pvPortMalloc(SIZE_MAX));
#ifdef KERNEL_TRACES
    assert_int_equal(kernel.mallocs, 1);
    assert_null(kernel.malloc.block);
    assert_int_equal(kernel.malloc.size, 0);
#else
    assert_int_equal(kernel.mallocs, 0);
#endif
}

static void trace_of_a_wrong_pointer_does_not_come(void **state) {
    (void)state;
    if (TLSF_HARDENING == 0) {
        SKIP_BECAUSE("hardening 0 checks no pointer");
    }
    uint8_t *const block = pvPortMalloc(100);
    vPortFree(block + 1);
    assert_int_equal(kernel.frees, 0);
    assert_int_equal(kernel.assertions, 1);
    kernel.assertions = 0;
}

/* ---- statistics --------------------------------------------------------------------------- */

static void statistics_before_the_heap_are_those_of_an_empty_one(void **state) {
    (void)state;
    vPortHeapResetState();
    HeapStats_t stats;
    memset(&stats, 0x55, sizeof stats);
    vPortGetHeapStats(&stats);
    assert_int_equal(xPortGetFreeHeapSize(), 0);
    assert_int_equal(xPortGetMinimumEverFreeHeapSize(), 0);
    xPortResetHeapMinimumEverFreeHeapSize();
    assert_int_equal(stats.xAvailableHeapSpaceInBytes, 0);
    assert_int_equal(stats.xSizeOfLargestFreeBlockInBytes, 0);
    assert_true(stats.xSizeOfSmallestFreeBlockInBytes == SIZE_MAX);
    assert_int_equal(stats.xNumberOfFreeBlocks, 0);
    assert_int_equal(stats.xMinimumEverFreeBytesRemaining, 0);
    assert_int_equal(stats.xNumberOfSuccessfulAllocations, 0);
    assert_int_equal(stats.xNumberOfSuccessfulFrees, 0);
}

static void statistics_count_blocks_with_headers(void **state) {
    (void)state;
    HeapStats_t stats;
    void *const first = pvPortMalloc(200);
    void *const wall = pvPortMalloc(20);
    void *const second = pvPortMalloc(40);
    void *const end_wall = pvPortMalloc(20);
    vPortFree(first);
    vPortFree(second);
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xNumberOfFreeBlocks, 3);
    assert_in_range(stats.xSizeOfSmallestFreeBlockInBytes, 40 + HEADER, 40 + 2 * TLSF_GRANULE);
    assert_in_range(stats.xSizeOfLargestFreeBlockInBytes, HEAP_BYTES / 2, HEAP_BYTES);
    assert_int_equal(stats.xAvailableHeapSpaceInBytes, xPortGetFreeHeapSize());
    assert_in_range(stats.xAvailableHeapSpaceInBytes,
                    stats.xSizeOfLargestFreeBlockInBytes + stats.xSizeOfSmallestFreeBlockInBytes +
                        200 + HEADER,
                    stats.xSizeOfLargestFreeBlockInBytes + stats.xSizeOfSmallestFreeBlockInBytes +
                        200 + 2 * TLSF_GRANULE);
    assert_int_equal(stats.xNumberOfSuccessfulAllocations, 4);
    assert_int_equal(stats.xNumberOfSuccessfulFrees, 2);
    vPortFree(wall);
    vPortFree(end_wall);
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xNumberOfFreeBlocks, 1);
    assert_int_equal(stats.xSizeOfLargestFreeBlockInBytes, stats.xAvailableHeapSpaceInBytes);
    assert_int_equal(stats.xSizeOfSmallestFreeBlockInBytes, stats.xAvailableHeapSpaceInBytes);
}

static void statistics_of_a_full_heap_have_no_free_block(void **state) {
    (void)state;
    HeapStats_t stats;
    vPortFree(pvPortMalloc(1));
    const size_t all = xPortGetFreeHeapSize() - tlsf_alloc_overhead() - SITE;
    assert_non_null(pvPortMalloc(all));
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xNumberOfFreeBlocks, 0);
    assert_int_equal(stats.xSizeOfLargestFreeBlockInBytes, 0);
    assert_true(stats.xSizeOfSmallestFreeBlockInBytes == SIZE_MAX);
    assert_int_equal(stats.xAvailableHeapSpaceInBytes, 0);
}

static void minimum_ever_free_stays_until_it_is_reset(void **state) {
    (void)state;
    HeapStats_t stats;
    void *const block = pvPortMalloc(1000);
    const size_t least = xPortGetFreeHeapSize();
    vPortFree(block);
    assert_int_equal(xPortGetMinimumEverFreeHeapSize(), least);
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xMinimumEverFreeBytesRemaining, least);
    xPortResetHeapMinimumEverFreeHeapSize();
    assert_int_equal(xPortGetMinimumEverFreeHeapSize(), xPortGetFreeHeapSize());
    assert_true(xPortGetMinimumEverFreeHeapSize() > least);
}

static void statistics_suspend_the_scheduler(void **state) {
    (void)state;
    HeapStats_t stats;
    (void)pvPortMalloc(1);
    const unsigned before = kernel.suspended_times;
    vPortGetHeapStats(&stats);
    assert_true(kernel.suspended_times > before);
}

#if MASKS
static unsigned interrupts_left;

static void allocate_in_interrupt(void) {
    if (interrupts_left > 0) {
        interrupts_left--;
        vPortFree(pvPortMalloc(30));
    }
}

static void statistics_start_again_when_an_interrupt_changes_the_heap(void **state) {
    (void)state;
    HeapStats_t stats;
    (void)pvPortMalloc(1);
    interrupts_left = 3;
    kernel.interrupt = allocate_in_interrupt;
    vPortGetHeapStats(&stats);
    assert_int_equal(interrupts_left, 0);
    assert_int_equal(stats.xNumberOfFreeBlocks, 1);
}

static void statistics_end_when_interrupts_never_stop(void **state) {
    (void)state;
    HeapStats_t stats;
    for (unsigned i = 0; i < 50; i++) {
        (void)pvPortMalloc(1);
    }
    interrupts_left = 1000;
    kernel.interrupt = allocate_in_interrupt;
    vPortGetHeapStats(&stats);
    assert_in_range(1000 - interrupts_left, 8, 20); /* each walk ends at the change */
    assert_int_equal(stats.xNumberOfFreeBlocks, 0);
    assert_true(stats.xSizeOfSmallestFreeBlockInBytes == SIZE_MAX);
    assert_true(stats.xAvailableHeapSpaceInBytes > 0);
}
#endif

/* ---- the lock ----------------------------------------------------------------------------- */

static void call_takes_its_own_lock_and_restores_what_was(void **state) {
    (void)state;
    HeapStats_t stats;
    for (UBaseType_t mask = 0; mask <= KERNEL_MASK; mask += KERNEL_MASK / 2) {
        kernel.mask = mask;
        const unsigned masked = kernel.masked_times, suspended = kernel.suspended_times;
        vPortFree(pvPortMalloc(10));
        vPortFree(pvPortCalloc(10, 1));
        (void)pvPortMalloc(SIZE_MAX);
        (void)xPortGetFreeHeapSize();
        (void)xPortGetMinimumEverFreeHeapSize();
        xPortResetHeapMinimumEverFreeHeapSize();
        vPortInitialiseBlocks();
#if !MASKS
        assert_int_equal(kernel.masked_times, masked);
        assert_true(kernel.suspended_times >= suspended + 8);
#else
        assert_int_equal(kernel.suspended_times, suspended);
        assert_true(kernel.masked_times >= masked + 8);
#endif
        vPortGetHeapStats(&stats);
        assert_int_equal(kernel.mask, mask);
        assert_int_equal(kernel.suspensions, 0);
    }
    kernel.mask = 0;
    kernel.locked_failures = 0; /* the caller had masked */
}

/* ---- begin again -------------------------------------------------------------------------- */

static void reset_forgets_the_heap(void **state) {
    (void)state;
    void *const first = pvPortMalloc(1000);
    (void)pvPortMalloc(1000);
    (void)begin(state);
    assert_ptr_equal(pvPortMalloc(1000), first);
    HeapStats_t stats;
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xNumberOfSuccessfulAllocations, 1);
}

static void initialise_blocks_makes_a_heap_once(void **state) {
    (void)state;
    vPortInitialiseBlocks();
    const size_t fresh = xPortGetFreeHeapSize();
    assert_true(fresh > 0);
    assert_non_null(pvPortMalloc(100));
    vPortInitialiseBlocks();
    assert_true(xPortGetFreeHeapSize() < fresh);
}

/* ---- regions ------------------------------------------------------------------------------ */

static void regions_all_serve(void **state) {
    (void)state;
    const HeapRegion_t regions[] = {
        {memory[0], 4096}, {memory[1] + 1, 12001}, {memory[2], 8192}, {NULL, 0}};
    vPortHeapResetState();
    vPortDefineHeapRegions(regions);
    assert_int_equal(kernel.assertions, 0);
    assert_true(xPortGetFreeHeapSize() > 22000);
    unsigned served[3] = {0};
    for (uint8_t *block; (block = pvPortMalloc(700)) != NULL;) {
        memset(block, 0, 700);
        served[(block - memory[0]) / (ptrdiff_t)sizeof memory[0]]++;
    }
    assert_in_range(served[0], 3, 5);
    assert_in_range(served[1], 15, 17);
    assert_in_range(served[2], 10, 11);
    for (unsigned i = 12002; i < sizeof memory[1]; i++) {
        assert_int_equal(memory[1][i], 0xA5);
    }
    assert_int_equal(memory[1][0], 0xA5);
    kernel.failures = 0;
}

static void regions_statistics_are_of_all(void **state) {
    (void)state;
    const HeapRegion_t regions[] = {
        {memory[0], 4096}, {memory[1], 12000}, {memory[2], 8192}, {NULL, 0}};
    vPortHeapResetState();
    vPortDefineHeapRegions(regions);
    HeapStats_t stats;
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xNumberOfFreeBlocks, 3);
    assert_in_range(stats.xSizeOfLargestFreeBlockInBytes, 11900, 12000);
    assert_in_range(stats.xSizeOfSmallestFreeBlockInBytes, 2500, 4096);
    assert_int_equal(stats.xAvailableHeapSpaceInBytes, xPortGetFreeHeapSize());
}

static void regions_array_may_be_gone_afterwards(void **state) {
    (void)state;
    HeapRegion_t regions[] = {{memory[0], 4096}, {memory[1], 12000}, {NULL, 0}};
    vPortHeapResetState();
    vPortDefineHeapRegions(regions);
    memset(regions, 0, sizeof regions);
    HeapStats_t stats;
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xNumberOfFreeBlocks, 2);
    assert_non_null(pvPortMalloc(11000));
}

static void regions_too_small_first_one_is_used_by_a_later_heap(void **state) {
    (void)state;
    const HeapRegion_t regions[] = {{memory[0], 300}, {memory[1], 12000}, {NULL, 0}};
    vPortHeapResetState();
    vPortDefineHeapRegions(regions);
    assert_int_equal(kernel.assertions, 0);
    HeapStats_t stats;
    vPortGetHeapStats(&stats);
    assert_int_equal(stats.xNumberOfFreeBlocks, 2);
}

static void regions_too_small_for_a_block_assert_and_are_left_out(void **state) {
    (void)state;
    const HeapRegion_t regions[] = {{memory[0], 8000}, {memory[1], 9}, {memory[2], 8}, {NULL, 0}};
    vPortHeapResetState();
    vPortDefineHeapRegions(regions);
    assert_int_equal(kernel.assertions, 2);
    assert_int_equal(memory[1][0], 0xA5);
    assert_int_equal(memory[2][0], 0xA5);
    assert_non_null(pvPortMalloc(100));
    kernel.assertions = 0;
}

static void regions_none_with_room_assert(void **state) {
    (void)state;
    const HeapRegion_t regions[] = {{memory[0], 30}, {NULL, 0}};
    vPortHeapResetState();
    vPortDefineHeapRegions(regions);
    assert_int_equal(kernel.assertions, 1);
    kernel.assertions = 0;
}

static void regions_out_of_order_assert(void **state) {
    (void)state;
    const HeapRegion_t regions[] = {{memory[1], 4096}, {memory[0], 4096}, {NULL, 0}};
    vPortHeapResetState();
    vPortDefineHeapRegions(regions);
    assert_int_equal(kernel.assertions, 1);
    kernel.assertions = 0;
}

static void regions_twice_assert_and_change_nothing(void **state) {
    (void)state;
    const HeapRegion_t regions[] = {{memory[2], 4096}, {NULL, 0}};
    void *const block = pvPortMalloc(100);
    const size_t before = xPortGetFreeHeapSize();
    vPortDefineHeapRegions(regions);
    assert_int_equal(kernel.assertions, 1);
    assert_int_equal(xPortGetFreeHeapSize(), before);
    kernel.assertions = 0;
    vPortFree(block);
}

#ifndef configTOTAL_HEAP_SIZE
static void regions_missing_malloc_asserts_and_gives_null(void **state) {
    (void)state;
    vPortHeapResetState();
    assert_null(pvPortMalloc(10));
    assert_int_equal(kernel.assertions, 1);
    kernel.assertions = 0;
}
#endif

/* ------------------------------------------------------------------------------------------- */

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(malloc_first_call_makes_the_heap),
        CASE(malloc_block_is_aligned_for_the_port),
        CASE(malloc_size_0_gives_null_and_calls_the_hook),
        CASE(malloc_too_large_gives_null_and_calls_the_hook_without_lock),
        CASE(malloc_success_does_not_call_the_hook),
        CASE(calloc_used_memory_is_zeroed),
        CASE(calloc_product_overflows_gives_null_without_the_hook),
        CASE(calloc_nothing_gives_null_and_calls_the_hook),
#if FMEMP_CALL_SITES
        CASE(owner_of_a_block_is_who_called),
        CASE(owners_of_all_regions_are_listed),
#endif
        CASE(free_null_is_ignored),
        CASE(free_gives_the_memory_back),
        CASE(free_twice_asserts_and_changes_nothing),
        CASE(free_interior_pointer_asserts_and_changes_nothing),
        CASE(free_before_any_heap_asserts),
        CASE(free_clears_the_block_if_configured),
        CASE(trace_malloc_and_free_tell_the_block_with_its_header),
        CASE(trace_of_a_failure_tells_null_and_0),
        CASE(trace_of_a_wrong_pointer_does_not_come),
        CASE(statistics_before_the_heap_are_those_of_an_empty_one),
        CASE(statistics_count_blocks_with_headers),
        CASE(statistics_of_a_full_heap_have_no_free_block),
        CASE(minimum_ever_free_stays_until_it_is_reset),
        CASE(statistics_suspend_the_scheduler),
#if MASKS
        CASE(statistics_start_again_when_an_interrupt_changes_the_heap),
        CASE(statistics_end_when_interrupts_never_stop),
#endif
        CASE(call_takes_its_own_lock_and_restores_what_was),
        CASE(reset_forgets_the_heap),
        CASE(initialise_blocks_makes_a_heap_once),
        CASE(regions_all_serve),
        CASE(regions_statistics_are_of_all),
        CASE(regions_array_may_be_gone_afterwards),
        CASE(regions_too_small_first_one_is_used_by_a_later_heap),
        CASE(regions_too_small_for_a_block_assert_and_are_left_out),
        CASE(regions_none_with_room_assert),
        CASE(regions_out_of_order_assert),
        CASE(regions_twice_assert_and_change_nothing),
#ifndef configTOTAL_HEAP_SIZE
        CASE(regions_missing_malloc_asserts_and_gives_null),
#endif
    };
    return cmocka_run_group_tests_name("freertos_heap", tests, NULL, NULL);
}
