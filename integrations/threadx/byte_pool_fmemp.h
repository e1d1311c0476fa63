/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Byte pools in the way of ThreadX, on fmemp: the same calls with bounded time, under names of
 * their own. A source that includes this file after tx_api.h gets these pools by ThreadX's names.
 *
 * What differs from ThreadX
 *   Time         no call searches: each takes a bounded number of instructions with interrupts
 *                masked, and tx_byte_release also time linear in the number of pools.
 *   Waiting      A thread that waits for memory sleeps a tick, and tries again. So waiting threads
 *                are served in no order, and there is no tx_byte_pool_prioritize.
 *   Interrupts   may allocate with TX_NO_WAIT, and release.
 *   Release      of a pointer that is no live block returns TX_PTR_ERROR and changes nothing, as
 *                far as TLSF_HARDENING finds it.
 * Unverified: the kernel itself was not run. Tests run on a model of it.
 */
#ifndef BYTE_POOL_FMEMP_H
#define BYTE_POOL_FMEMP_H

#include "tx_api.h"

#include "tlsf.h"

typedef struct fmemp_byte_pool {
    tlsf_t heap; /* NULL: no pool */
    CHAR *name;
    struct fmemp_byte_pool *next; /* the pool created before */
} FMEMP_BYTE_POOL;

/* Makes a pool in the pool_size bytes at pool_start. *pool starts as zeros.
 * Returns  TX_SUCCESS; TX_POOL_ERROR if pool is NULL or exists; TX_PTR_ERROR if pool_start is NULL;
 *          TX_SIZE_ERROR if the memory is too small.
 * Time     linear in the number of size classes, not masked. */
UINT fmemp_byte_pool_create(FMEMP_BYTE_POOL *pool, CHAR *name, VOID *pool_start, ULONG pool_size);

/* Ends a pool, and all blocks of it. A thread that waits for it gets TX_DELETED.
 * Returns  TX_SUCCESS; TX_POOL_ERROR if pool is NULL or does not exist. */
UINT fmemp_byte_pool_delete(FMEMP_BYTE_POOL *pool);

/* Sets *memory to a block of `size` bytes.
 * wait     TX_NO_WAIT; TX_WAIT_FOREVER; or ticks that the calling thread waits at most.
 * Returns  TX_SUCCESS; TX_POOL_ERROR as above; TX_PTR_ERROR if memory is NULL; TX_SIZE_ERROR if
 *          size is 0; TX_NO_MEMORY if no room was found in time; TX_DELETED if the pool was deleted
 *          meanwhile. Then *memory is NULL, if memory is not. */
UINT fmemp_byte_allocate(FMEMP_BYTE_POOL *pool, VOID **memory, ULONG size, ULONG wait);

/* Frees a block of any pool.
 * Returns  TX_SUCCESS; TX_PTR_ERROR if memory is NULL, or in no pool, or no live block. */
UINT fmemp_byte_release(VOID *memory);

/* Tells the name and the free bytes, with headers. Each result may be NULL.
 * Returns  TX_SUCCESS; TX_POOL_ERROR as above. */
UINT fmemp_byte_pool_info_get(FMEMP_BYTE_POOL *pool, CHAR **name, ULONG *available);

#ifndef BYTE_POOL_FMEMP_KEEPS_NAMES
#undef tx_byte_pool_create
#undef tx_byte_pool_delete
#undef tx_byte_allocate
#undef tx_byte_release
#define TX_BYTE_POOL FMEMP_BYTE_POOL
#define tx_byte_pool_create fmemp_byte_pool_create
#define tx_byte_pool_delete fmemp_byte_pool_delete
#define tx_byte_allocate fmemp_byte_allocate
#define tx_byte_release fmemp_byte_release
#endif

#endif
