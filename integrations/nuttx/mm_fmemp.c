/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NuttX's heaps on fmemp: a memory manager for MM_CUSTOMIZE_MANAGER. The heap of the kernel, the
 * heap of users and each heap of mm_initialize are separate ones.
 *
 * The lock is enter_critical_section, which restores what it found, for a bounded number of
 * instructions; but mm_heapmember and mm_checkcorruption take linear time with it. Tasks and
 * interrupts may call every function but mm_initialize and mm_uninitialize. A pointer that is no
 * live block meets DEBUGASSERT, with the lock held, and changes nothing. Unverified: the kernel
 * itself was not run, and mm_memdump and mm_mallinfo_task are not here. Tests run on a model of its
 * lock.
 */
#include <nuttx/config.h>
#include <nuttx/irq.h>
#include <nuttx/mm/mm.h>

#include <assert.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>

typedef irqstate_t heap_lock_state;
static heap_lock_state heap_lock(void) { return enter_critical_section(); }
static void heap_unlock(heap_lock_state state) { leave_critical_section(state); }

#include "../locked_heap.h"

#ifndef CONFIG_MM_REGIONS
#define CONFIG_MM_REGIONS 1
#endif

/* Stands at the start of the heap's first region. */
struct mm_heap_s {
    tlsf_t t;
    int regions;
    uintptr_t ends[CONFIG_MM_REGIONS];
};

static void fault_found(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    DEBUGASSERT(fault == NULL);
}

/* Makes a heap in `size` bytes at `start`. With CONFIG_MM_REGIONS above 1 it takes further memory
 * of any size; with 1 it keeps less memory for itself, and mm_extend does not fit. Returns  the
 * heap; NULL if and only if the memory is too small for it. Time     linear in the number of size
 * classes. */
struct mm_heap_s *mm_initialize(const char *name, void *start, size_t size) {
    const size_t gap = (size_t)(-(uintptr_t)start & (_Alignof(struct mm_heap_s) - 1));
    const size_t kept = gap + sizeof(struct mm_heap_s);
    (void)name;
    if (start == NULL || size <= kept) {
        return NULL;
    }
    struct mm_heap_s *const heap = (void *)((char *)start + gap);
    heap->t = CONFIG_MM_REGIONS > 1 ? tlsf_create_with_pool((char *)start + kept, size - kept)
                                    : tlsf_create_sized((char *)start + kept, size - kept, 0);
    if (heap->t == NULL) {
        return NULL;
    }
    (void)tlsf_set_fault_hook(heap->t, fault_found);
    heap->regions = 1;
    heap->ends[0] = (uintptr_t)start + size;
    return heap;
}

void mm_uninitialize(struct mm_heap_s *heap) { tlsf_destroy(heap->t); }

/* Adds a region, up to CONFIG_MM_REGIONS in all. One that does not fit meets DEBUGASSERT. */
void mm_addregion(struct mm_heap_s *heap, void *start, size_t size) {
    const heap_lock_state state = heap_lock();
    const bool fits =
        heap->regions < CONFIG_MM_REGIONS && tlsf_add_pool(heap->t, start, size) != NULL;
    if (fits) {
        heap->ends[heap->regions++] = (uintptr_t)start + size;
    }
    heap_unlock(state);
    DEBUGASSERT(fits);
}

/* Makes a region larger by the `size` bytes at `mem`, which are directly behind it. */
void mm_extend(struct mm_heap_s *heap, void *mem, size_t size, int region) {
    const heap_lock_state state = heap_lock();
    const pool_t pool = tlsf_owner(heap->t, (char *)mem - 1 - tlsf_pool_overhead());
    const bool fits = region >= 0 && region < heap->regions &&
                      heap->ends[region] == (uintptr_t)mem && pool != NULL &&
                      tlsf_add_to_pool(heap->t, pool, mem, size) != NULL;
    if (fits) {
        heap->ends[region] += size;
    }
    heap_unlock(state);
    DEBUGASSERT(fits);
}

/* Returns  the end of a region; NULL if there is none of this number. */
void *mm_brkaddr(struct mm_heap_s *heap, int region) {
    return region < 0 || region >= heap->regions ? NULL : (void *)heap->ends[region];
}

void *mm_malloc(struct mm_heap_s *heap, size_t size) {
    return size == 0 ? NULL : locked_memalign(heap->t, 0, size);
}

void *mm_memalign(struct mm_heap_s *heap, size_t alignment, size_t size) {
    return size == 0 ? NULL : locked_memalign(heap->t, alignment, size);
}

void *mm_calloc(struct mm_heap_s *heap, size_t n, size_t elem_size) {
    return n == 0 || elem_size == 0 ? NULL : locked_calloc(heap->t, n, elem_size);
}

void *mm_zalloc(struct mm_heap_s *heap, size_t size) { return mm_calloc(heap, 1, size); }

void *mm_realloc(struct mm_heap_s *heap, void *oldmem, size_t size) {
    return oldmem == NULL ? mm_malloc(heap, size) : locked_realloc(heap->t, oldmem, size);
}

void mm_free(struct mm_heap_s *heap, void *mem) { locked_free(heap->t, mem); }

/* Returns  bytes of live block mem that its user may write. */
size_t mm_malloc_size(struct mm_heap_s *heap, void *mem) {
    (void)heap;
    return tlsf_block_size(mem);
}

/* Returns  whether the address lies in a region. Time: linear in regions, with the lock. */
bool mm_heapmember(struct mm_heap_s *heap, void *mem) {
    const heap_lock_state state = heap_lock();
    const bool is_member = tlsf_owner(heap->t, mem) != NULL;
    heap_unlock(state);
    return is_member;
}

size_t mm_heapfree(struct mm_heap_s *heap) { return locked_stats(heap->t).free_bytes; }

size_t mm_heapfree_largest(struct mm_heap_s *heap) { return locked_stats(heap->t).largest; }

/* Number and largest of the free blocks need a walk: ordblks is not counted, and reads 0. */
struct mallinfo mm_mallinfo(struct mm_heap_s *heap) {
    struct mallinfo info = {0};
    const tlsf_stats_t stats = locked_stats(heap->t);
    info.arena = (int)stats.pool_bytes;
    info.aordblks = (int)stats.live_blocks;
    info.mxordblk = (int)stats.largest;
    info.uordblks = (int)stats.used_bytes;
    info.fordblks = (int)stats.free_bytes;
    info.usmblks = (int)stats.peak_bytes;
    return info;
}

/* Meets DEBUGASSERT if an invariant of the heap is broken. Time: as tlsf_check, with the lock. */
void mm_checkcorruption(struct mm_heap_s *heap) {
    const heap_lock_state state = heap_lock();
    const int broken = tlsf_check(heap->t);
    heap_unlock(state);
    (void)broken;
    DEBUGASSERT(broken == TLSF_SOUND);
}
