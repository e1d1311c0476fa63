/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_espressif.h: the functions of Espressif's TLSF that have other signatures than those of
 * tlsf.h, or that tlsf.h does not have. They need nothing of the core but its public functions.
 * docs/porting.md says what is not here, and why.
 *
 * Include this file instead of tlsf.h. Or leave the sources as they are, and let the compiler bring
 * it in before them: -Iports/espressif -include tlsf_espressif.h. From here on the names of tlsf.h
 * that appear below are those of Espressif. The library is compiled without this file.
 */
#ifndef TLSF_ESPRESSIF_H
#define TLSF_ESPRESSIF_H

#include <stdbool.h>

#include "tlsf.h"

#ifdef __cplusplus
#define ESPRESSIF_CAST(type, pointer) static_cast<type>(pointer)
#else
#define ESPRESSIF_CAST(type, pointer) ((type)(pointer))
#endif

/* Makes an empty heap in the tlsf_size(NULL) bytes at `mem`.
 * max_bytes  of its largest pool. It is not used: the heap takes pools of any size.
 * Returns, Time  as tlsf_create of tlsf.h. */
static inline tlsf_t espressif_create(void *mem, size_t max_bytes) {
    (void)max_bytes;
    return tlsf_create(mem);
}

/* Makes a heap in the `bytes` bytes at `mem`, which is planned for pools of up to `max_bytes`.
 * Returns, Time  as tlsf_create_sized of tlsf.h. */
static inline tlsf_t espressif_create_with_pool(void *mem, size_t bytes, size_t max_bytes) {
    return tlsf_create_sized(mem, bytes, max_bytes);
}

/* Returns  bytes from t to its first pool, which the heap keeps for itself; of a heap without a
 *          pool behind it, and if t is NULL, the bytes that espressif_create needs. O(1). */
static inline size_t espressif_size(tlsf_t t) {
    const void *heap = t;
    const void *pool = t == NULL ? NULL : tlsf_get_pool(t);
    const char *begin = ESPRESSIF_CAST(const char *, heap);
    const char *end = ESPRESSIF_CAST(const char *, pool);

    if (pool == NULL || end < begin || end > begin + tlsf_size()) {
        return tlsf_size();
    }
    return ESPRESSIF_CAST(size_t, end - begin);
}

/* Removes a pool that holds no live block. A pool that holds one stays: ask tlsf_remove_pool of
 * tlsf.h whether it does. O(1). */
static inline void espressif_remove_pool(tlsf_t t, pool_t pool) { (void)tlsf_remove_pool(t, pool); }

/* Returns  the largest request of at most `bytes` bytes that t is sure to serve now: what a free
 *          block of `bytes` bytes, which a walk has met, is good for. O(1). */
static inline size_t espressif_fit_size(tlsf_t t, size_t bytes) {
    const size_t largest = tlsf_largest(t);

    return bytes < largest ? bytes : largest;
}

/* ---- walks --------------------------------------------------------------------------- */

/* A walker that returns false sees no more blocks. */
typedef bool (*espressif_walker)(void *ptr, size_t size, int used, void *user);

struct espressif_walk {
    espressif_walker walker;
    void *user;
    bool goes_on;
};

static inline void espressif_visit(void *ptr, size_t size, int used, void *user) {
    struct espressif_walk *walk = ESPRESSIF_CAST(struct espressif_walk *, user);

    walk->goes_on = walk->goes_on && walk->walker(ptr, size, used, walk->user);
}

/* Calls `walker` for each block of `pool` in address order, until it returns false.
 * NULL for pool or walker, Time  as tlsf_walk_pool of tlsf.h, also when the walker stops. */
static inline void espressif_walk_pool(pool_t pool, espressif_walker walker, void *user) {
    struct espressif_walk walk;

    walk.walker = walker;
    walk.user = user;
    walk.goes_on = true;
    tlsf_walk_pool(pool, walker == NULL ? NULL : espressif_visit, &walk);
}

struct espressif_search {
    const char *sought;
    void *found;
};

static inline void espressif_compare(void *ptr, size_t size, int used, void *user) {
    struct espressif_search *search = ESPRESSIF_CAST(struct espressif_search *, user);
    const char *block = ESPRESSIF_CAST(const char *, ptr);

    if (used && search->sought >= block && search->sought < block + size) {
        search->found = ptr;
    }
}

/* Returns  the live block of `pool` that contains the address `ptr`; NULL if and only if there is
 *          none: the address is in a free block, in a header, or outside the pool.
 * Time     linear in the blocks of the pool. */
static inline void *espressif_find_containing_block(pool_t pool, const void *ptr) {
    struct espressif_search search;

    search.sought = ESPRESSIF_CAST(const char *, ptr);
    search.found = NULL;
    tlsf_walk_pool(pool, espressif_compare, &search);
    return search.found;
}

/* ---- the names ----------------------------------------------------------------------- */

#undef tlsf_create
#undef tlsf_create_with_pool
#undef tlsf_size
#undef tlsf_remove_pool
#undef tlsf_walk_pool
#define tlsf_create espressif_create
#define tlsf_create_with_pool espressif_create_with_pool
#define tlsf_size espressif_size
#define tlsf_remove_pool espressif_remove_pool
#define tlsf_fit_size espressif_fit_size
#define tlsf_walker espressif_walker
#define tlsf_walk_pool espressif_walk_pool
#define tlsf_find_containing_block espressif_find_containing_block

#endif
