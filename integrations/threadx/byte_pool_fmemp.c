/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#define BYTE_POOL_FMEMP_KEEPS_NAMES
#include "byte_pool_fmemp.h"

#include <stdbool.h>

typedef UINT heap_lock_state;
static heap_lock_state heap_lock(void) { return tx_interrupt_control(TX_INT_DISABLE); }
static void heap_unlock(heap_lock_state state) { (void)tx_interrupt_control(state); }

#include "../locked_heap.h"

static FMEMP_BYTE_POOL *pools; /* the last created first */
static bool was_fault;         /* the last tlsf_free found one; under the lock */

static void fault_found(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    was_fault = true;
}

static bool is_pool(const FMEMP_BYTE_POOL *pool) { return pool != NULL && pool->heap != NULL; }

UINT fmemp_byte_pool_create(FMEMP_BYTE_POOL *pool, CHAR *name, VOID *pool_start, ULONG pool_size) {
    if (pool == NULL || is_pool(pool)) {
        return TX_POOL_ERROR;
    }
    if (pool_start == NULL) {
        return TX_PTR_ERROR;
    }
    const tlsf_t heap = tlsf_create_sized(pool_start, pool_size, 0);
    if (heap == NULL) {
        return TX_SIZE_ERROR;
    }
    (void)tlsf_set_fault_hook(heap, fault_found);
    const heap_lock_state state = heap_lock();
    pool->heap = heap;
    pool->name = name;
    pool->next = pools;
    pools = pool;
    heap_unlock(state);
    return TX_SUCCESS;
}

UINT fmemp_byte_pool_delete(FMEMP_BYTE_POOL *pool) {
    if (!is_pool(pool)) {
        return TX_POOL_ERROR;
    }
    const heap_lock_state state = heap_lock();
    FMEMP_BYTE_POOL **link = &pools;
    while (*link != pool) {
        link = &(*link)->next;
    }
    *link = pool->next;
    tlsf_destroy(pool->heap);
    pool->heap = NULL;
    heap_unlock(state);
    return TX_SUCCESS;
}

/* TX_DELETED if the pool is gone. */
static UINT allocate_once(const FMEMP_BYTE_POOL *pool, VOID **memory, ULONG size) {
    const heap_lock_state state = heap_lock();
    const bool exists = pool->heap != NULL;
    *memory = exists ? tlsf_malloc(pool->heap, size) : NULL;
    heap_unlock(state);
    return *memory != NULL ? TX_SUCCESS : exists ? TX_NO_MEMORY : TX_DELETED;
}

UINT fmemp_byte_allocate(FMEMP_BYTE_POOL *pool, VOID **memory, ULONG size, ULONG wait) {
    if (memory == NULL) {
        return TX_PTR_ERROR;
    }
    *memory = NULL;
    if (!is_pool(pool)) {
        return TX_POOL_ERROR;
    }
    if (size == 0) {
        return TX_SIZE_ERROR;
    }
    UINT status = allocate_once(pool, memory, size);
    for (ULONG ticks = 0; status == TX_NO_MEMORY && (wait == TX_WAIT_FOREVER || ticks < wait);
         ticks++) {
        (void)tx_thread_sleep(1);
        status = allocate_once(pool, memory, size);
    }
    return status;
}

UINT fmemp_byte_release(VOID *memory) {
    UINT status = TX_PTR_ERROR;
    const heap_lock_state state = heap_lock();
    for (const FMEMP_BYTE_POOL *pool = pools; memory != NULL && pool != NULL; pool = pool->next) {
        if (tlsf_owner(pool->heap, memory) != NULL) {
            was_fault = false;
            tlsf_free(pool->heap, memory);
            status = was_fault ? TX_PTR_ERROR : TX_SUCCESS;
            break;
        }
    }
    heap_unlock(state);
    return status;
}

UINT fmemp_byte_pool_info_get(FMEMP_BYTE_POOL *pool, CHAR **name, ULONG *available) {
    if (!is_pool(pool)) {
        return TX_POOL_ERROR;
    }
    if (name != NULL) {
        *name = pool->name;
    }
    if (available != NULL) {
        *available = locked_stats(pool->heap).free_bytes;
    }
    return TX_SUCCESS;
}
