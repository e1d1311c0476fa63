/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Zephyr's k_malloc and its kin on fmemp. Set CONFIG_HEAP_MEM_POOL_SIZE=0, which leaves them out of
 * the kernel, and CONFIG_FMEMP_K_MALLOC_SIZE to the bytes of the heap.
 *
 * Tasks and interrupts may call every function. The lock is a spinlock: it masks the interrupts of
 * this core and keeps out the others, for a bounded number of instructions. The first call also
 * makes the heap, in time linear in the number of size classes.
 * A pointer that is no live block meets __ASSERT, with the lock held, and changes nothing.
 * Unverified: the kernel itself was not run. Tests run on a model of its lock.
 */
#include <zephyr/kernel.h>

#if defined CONFIG_HEAP_MEM_POOL_SIZE && CONFIG_HEAP_MEM_POOL_SIZE > 0
#error "set CONFIG_HEAP_MEM_POOL_SIZE=0, or the kernel has a k_malloc of its own"
#endif
#if !defined CONFIG_FMEMP_K_MALLOC_SIZE || CONFIG_FMEMP_K_MALLOC_SIZE == 0
#error "set CONFIG_FMEMP_K_MALLOC_SIZE to the bytes of the heap"
#endif

static struct k_spinlock lock;

typedef k_spinlock_key_t heap_lock_state;
static heap_lock_state heap_lock(void) { return k_spin_lock(&lock); }
static void heap_unlock(heap_lock_state state) { k_spin_unlock(&lock, state); }

#include "../locked_heap.h"

static uint8_t memory[CONFIG_FMEMP_K_MALLOC_SIZE];
static tlsf_t heap;

static void fault_found(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    __ASSERT(fault == NULL, "fmemp: %s", tlsf_fault_name(fault->kind));
}

static tlsf_t heap_of_kernel(void) {
    if (heap == NULL) {
        const heap_lock_state state = heap_lock();
        if (heap == NULL) { /* nobody else was first */
            heap = tlsf_create_sized(memory, sizeof memory, 0);
            (void)tlsf_set_fault_hook(heap, fault_found);
        }
        heap_unlock(state);
    }
    return heap;
}

/* Returns  a block of `size` bytes at a multiple of `align`, a power of two; NULL if and only if
 *          size is 0, align is none, or no room was found. */
void *k_aligned_alloc(size_t align, size_t size) {
    return size == 0 ? NULL : locked_memalign(heap_of_kernel(), align, size);
}

void *k_malloc(size_t size) { return k_aligned_alloc(0, size); }

/* Returns  as k_malloc for nmemb * size bytes, all zero; also NULL if that product overflows. */
void *k_calloc(size_t nmemb, size_t size) {
    return nmemb == 0 || size == 0 ? NULL : locked_calloc(heap_of_kernel(), nmemb, size);
}

/* As tlsf_realloc: NULL allocates, size 0 frees, and a block that cannot grow stays as it is. */
void *k_realloc(void *ptr, size_t size) {
    return ptr == NULL ? k_malloc(size) : locked_realloc(heap_of_kernel(), ptr, size);
}

/* NULL is ignored. */
void k_free(void *ptr) {
    if (ptr != NULL) {
        locked_free(heap_of_kernel(), ptr);
    }
}
