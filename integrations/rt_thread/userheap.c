/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RT-Thread's heap on fmemp: what a program gives under RT_USING_USERHEAP.
 *
 * Threads and interrupts may call every function but rt_system_heap_init. The lock is
 * rt_hw_interrupt_disable, which restores what it found, for a bounded number of instructions.
 * A pointer that is no live block meets RT_ASSERT, with interrupts masked, and changes nothing.
 * Unverified: the kernel itself was not run. Tests run on a model of its lock.
 */
#include <rthw.h>
#include <rtthread.h>

#ifndef RT_USING_USERHEAP
#error "set RT_USING_USERHEAP, or the kernel has a heap of its own"
#endif

typedef rt_base_t heap_lock_state;
static heap_lock_state heap_lock(void) { return rt_hw_interrupt_disable(); }
static void heap_unlock(heap_lock_state state) { rt_hw_interrupt_enable(state); }

#include "../locked_heap.h"

_Static_assert(TLSF_GRANULE >= RT_ALIGN_SIZE, "compile with TLSF_GRANULE=RT_ALIGN_SIZE or more");

static tlsf_t heap;
static void (*malloc_hook)(void *ptr, rt_size_t size);
static void (*free_hook)(void *ptr);

static void fault_found(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    RT_ASSERT(fault == NULL);
}

/* Makes the heap of [begin_addr, end_addr), before threads and interrupts run.
 * Time     linear in the number of size classes. */
void rt_system_heap_init(void *begin_addr, void *end_addr) {
    RT_ASSERT((rt_ubase_t)begin_addr < (rt_ubase_t)end_addr);
    heap = tlsf_create_sized(begin_addr, (rt_ubase_t)end_addr - (rt_ubase_t)begin_addr, 0);
    RT_ASSERT(heap != NULL);
    if (heap != NULL) {
        (void)tlsf_set_fault_hook(heap, fault_found);
    }
}

/* Hooks are called without the lock. NULL: none. */
void rt_malloc_sethook(void (*hook)(void *ptr, rt_size_t size)) { malloc_hook = hook; }
void rt_free_sethook(void (*hook)(void *ptr)) { free_hook = hook; }

static void *allocated(void *block, rt_size_t size) {
    if (block != NULL && malloc_hook != NULL) {
        malloc_hook(block, size);
    }
    return block;
}

/* Returns  a block of `size` bytes; NULL if and only if size is 0, or no room was found, or there
 *          is no heap. */
void *rt_malloc(rt_size_t size) {
    return size == 0 || heap == NULL ? NULL : allocated(locked_memalign(heap, 0, size), size);
}

/* Returns  as rt_malloc for count * size bytes, all zero; also NULL if that product overflows. */
void *rt_calloc(rt_size_t count, rt_size_t size) {
    return count == 0 || size == 0 || heap == NULL
               ? NULL
               : allocated(locked_calloc(heap, count, size), count * size);
}

/* NULL is ignored. */
void rt_free(void *ptr) {
    if (ptr == NULL || heap == NULL) {
        return;
    }
    if (free_hook != NULL) {
        free_hook(ptr);
    }
    locked_free(heap, ptr);
}

/* As tlsf_realloc: NULL allocates, newsize 0 frees, and a block that cannot grow stays. */
void *rt_realloc(void *ptr, rt_size_t newsize) {
    if (ptr == NULL) {
        return rt_malloc(newsize);
    }
    if (newsize == 0) {
        rt_free(ptr);
        return NULL;
    }
    return heap == NULL ? NULL : locked_realloc(heap, ptr, newsize);
}

/* Bytes of all blocks with headers, of the live ones, and the most that were live. Each argument
 * may be NULL. */
void rt_memory_info(rt_size_t *total, rt_size_t *used, rt_size_t *max_used) {
    tlsf_stats_t stats = {0};
    if (heap != NULL) {
        stats = locked_stats(heap);
    }
    if (total != NULL) {
        *total = stats.pool_bytes;
    }
    if (used != NULL) {
        *used = stats.used_bytes;
    }
    if (max_used != NULL) {
        *max_used = stats.peak_bytes;
    }
}
