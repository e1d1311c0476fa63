/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Heaps and their pools: create, destroy, reset, add and remove.
 */
#include "hardening_2_corruption.h"
#include "observe.h"

/* ---- the plan ----------------------------------------------------------------------- */

/* One more than the highest class of a heap whose blocks have at most the size n. */
static uint32_t plan_class_end(outer_size n) { return (uint32_t)class_floor(n) + 1; }

static size_t control_bytes(outer_size n) {
    return offsetof(control, heads) + (plan_class_end(n) - CLASS_FIRST) * sizeof(block_link);
}

/* The largest block that a region of `bytes` bytes can hold and the layout allows. */
static outer_size plan_for(size_t bytes) {
    if (bytes >= size_bytes(OUTER_SIZE_MAX)) {
        return OUTER_SIZE_MAX;
    }
    return size_of_bytes(bytes - bytes % GRANULE);
}

/* Empties every list and the pending place. */
static void free_blocks_clear(control *t) {
    pending_clear(t);
    t->first_level = 0;
    memset(t->second_level, 0, sizeof(t->second_level));
    for (uint32_t c = CLASS_FIRST; c < t->class_end; c++) {
        list_clear(t, c);
    }
}

/* Makes an empty heap at t, planned for blocks up to the size n. */
static void control_initialise(control *t, outer_size n) {
    TLSF_ASSERT(n >= BLOCK_MIN && n <= OUTER_SIZE_MAX);
    memset(t, 0, offsetof(control, heads));
    t->null.next = link_null(t);
    t->request_max = size_inner_bytes(n);
    t->class_end = plan_class_end(n);
    t->pools.next = t->pools.previous = pool_link(t, &t->pools);
    free_blocks_clear(t);
    checker_begin_heap(t);
    memory_take(t, control_bytes(n));
}

/* ---- regions ------------------------------------------------------------------------ */

static uintptr_t align_up(uintptr_t address, size_t align) {
    return (address + align - 1) & ~(uintptr_t)(align - 1);
}

static bool region_wraps(uintptr_t begin, size_t bytes) { return bytes > UINTPTR_MAX - begin; }

/* The addresses of a pool's first header and of its end marker. Both lie one header word below a
 * multiple of the granule. */
typedef struct {
    uintptr_t first, end;
} pool_bounds;

/* Fits a pool into the region [begin, end).
 * Returns false if the region cannot hold a smallest block. */
static bool pool_bounds_in(uintptr_t begin, uintptr_t end, pool_bounds *bounds) {
    TLSF_ASSERT(begin <= end);
    const size_t before_payload = sizeof(pool_descriptor) + BLOCK_OVERHEAD;
    const size_t front = before_payload + (0 - (begin + before_payload)) % GRANULE;
    const size_t back = end % GRANULE;
    if (end - begin < front + size_bytes(BLOCK_MIN)) {
        return false;
    }
    bounds->first = begin + front - BLOCK_OVERHEAD;
    bounds->end = end - back - BLOCK_OVERHEAD;
    return true;
}

/* Whether the pool fits a heap that is planned for blocks up to the size n. */
static bool pool_is_manageable(const control *t, pool_bounds bounds, outer_size n) {
    return bounds.end - bounds.first <= size_bytes(n) &&
           link_reaches(t, bounds.first - sizeof(pool_descriptor)) && link_reaches(t, bounds.end);
}

/* ---- the pool list ------------------------------------------------------------------ */

static void pool_list_append(control *t, pool_descriptor *descriptor) {
    TLSF_ASSERT(pool_linked(t, t->pools.previous)->next == pool_link(t, &t->pools));
    const block_link link = pool_link(t, descriptor);
    descriptor->next = pool_link(t, &t->pools);
    descriptor->previous = t->pools.previous;
    pool_linked(t, t->pools.previous)->next = link;
    t->pools.previous = link;
}

/* Sets the size in the descriptor to 0, so that the pool cannot be removed twice. */
static void pool_list_remove(control *t, pool_descriptor *descriptor) {
    TLSF_ASSERT(pool_linked(t, descriptor->previous)->next == pool_link(t, descriptor));
    TLSF_ASSERT(pool_linked(t, descriptor->next)->previous == pool_link(t, descriptor));
    TLSF_ASSERT(descriptor->size <= t->pool_size);
    pool_linked(t, descriptor->previous)->next = descriptor->next;
    pool_linked(t, descriptor->next)->previous = descriptor->previous;
    t->pool_size -= descriptor->size;
    descriptor->size = 0;
}

/* Extends the span, so that it reaches from the lowest first block to the highest end marker. */
static void span_include(control *t, pool_bounds bounds) {
    const bool is_empty = t->span_end == 0;
    t->span_begin = is_empty || bounds.first < t->span_begin ? bounds.first : t->span_begin;
    t->span_end = bounds.end > t->span_end ? bounds.end : t->span_end;
}

/* Bytes of a pool, descriptor and end marker included. */
static size_t pool_bytes(const pool_descriptor *descriptor) {
    return sizeof(pool_descriptor) + size_bytes(descriptor->size) + BLOCK_OVERHEAD;
}

/* Makes the whole pool one free block in front of its end marker. */
static void pool_free_whole(control *t, pool_t pool) {
    TLSF_ASSERT(pool_describe(pool)->size >= BLOCK_MIN);
    block *first = pool_first_block(pool);
    memory_take(pool_describe(pool), pool_bytes(pool_describe(pool)));
    pool_end(pool)->header = BLOCK_END | BLOCK_PREVIOUS_FREE;
    free_blocks_put(t, first, pool_describe(pool)->size | BLOCK_FREE);
    fill_freed(first, first, pool_describe(pool)->size);
}

static pool_t pool_make(control *t, pool_bounds bounds) {
    TLSF_ASSERT((bounds.first + BLOCK_OVERHEAD) % GRANULE == 0 && bounds.first < bounds.end);
    TLSF_ASSERT((bounds.end + BLOCK_OVERHEAD) % GRANULE == 0);
    const pool_t pool = (pool_t)bounds.first;
    pool_descriptor *descriptor = pool_describe(pool);
    descriptor->size = size_of_bytes(bounds.end - bounds.first);
    pool_list_append(t, descriptor);
    span_include(t, bounds);
    t->pool_size += descriptor->size;
    pool_free_whole(t, pool);
    return pool;
}

/* ---- create and destroy ------------------------------------------------------------- */

tlsf_t tlsf_create(void *mem) {
    if (mem == NULL) {
        return NULL;
    }
    CHECKER_PAUSE();
    control *t = control_at(mem);
    control_initialise(t, OUTER_SIZE_MAX);
    return t;
}

tlsf_t tlsf_create_with_pool(void *mem, size_t bytes) {
    return tlsf_create_sized(mem, bytes, SIZE_MAX);
}

tlsf_t tlsf_create_sized(void *mem, size_t bytes, size_t largest_pool) {
    if (mem == NULL || region_wraps((uintptr_t)mem, bytes)) {
        return NULL;
    }
    CHECKER_PAUSE();
    const outer_size n = plan_for(largest_pool > bytes ? largest_pool : bytes);
    const uintptr_t begin = (uintptr_t)mem;
    control *t = control_at(mem);
    const size_t front = (uintptr_t)t - begin + control_bytes(n);
    pool_bounds bounds;
    if (bytes < front || !pool_bounds_in(begin + front, begin + bytes, &bounds) ||
        !pool_is_manageable(t, bounds, n)) {
        return NULL;
    }
    control_initialise(t, n);
    pool_make(t, bounds);
    return t;
}

/* Returns all memory of the heap to its owner, as memory checkers see it. */
static void memory_give_back_all(const control *t) {
    for (block_link link = t->pools.next; link != pool_link(t, &t->pools);) {
        const pool_descriptor *descriptor = pool_linked(t, link);
        memory_give_back(descriptor, pool_bytes(descriptor));
        link = descriptor->next;
    }
    memory_give_back(t, control_bytes(size_for_request(t->request_max)));
}

void tlsf_destroy(tlsf_t handle) {
    control *t = control_of(handle);
    CHECKER_PAUSE();
    if (TLSF_MEMORY_CHECKER && t != NULL) {
        checker_end_heap(t);
        memory_give_back_all(t);
    }
    if (t != NULL) {
        t->request_max = 0; /* a stale handle serves almost nothing, and is not sound */
    }
}

void tlsf_reset(tlsf_t handle) {
    control *t = control_of(handle);
    CHECKER_PAUSE();
    if (!verify_reset(t)) {
        return;
    }
    checker_begin_heap(t);
    free_blocks_clear(t);
    if (TLSF_STATISTICS) {
        t->used = 0;
        t->frees = t->allocations;
    }
    for (block_link link = t->pools.next; link != pool_link(t, &t->pools);) {
        pool_descriptor *descriptor = pool_linked(t, link);
        pool_free_whole(t, pool_of_descriptor(descriptor));
        link = descriptor->next;
    }
}

/* ---- pools -------------------------------------------------------------------------- */

pool_t tlsf_get_pool(tlsf_t handle) {
    control *t = control_of(handle);
    CHECKER_PAUSE();
    if (!verify_pool_list(t)) {
        return NULL;
    }
    pool_descriptor *oldest = pool_linked(t, t->pools.next);
    return oldest == &t->pools ? NULL : pool_of_descriptor(oldest);
}

pool_t tlsf_add_pool(tlsf_t handle, void *mem, size_t bytes) {
    control *t = control_of(handle);
    CHECKER_PAUSE();
    const uintptr_t begin = (uintptr_t)mem;
    pool_bounds bounds;
    if (mem == NULL || region_wraps(begin, bytes) ||
        !pool_bounds_in(begin, begin + bytes, &bounds) || !verify_plan(t) ||
        !pool_is_manageable(t, bounds, size_for_request(t->request_max))) {
        return NULL;
    }
    if (!verify_pool_addition(t, size_of_bytes(bounds.end - bounds.first))) {
        return NULL;
    }
    return pool_make(t, bounds);
}

int tlsf_remove_pool(tlsf_t handle, pool_t pool) {
    control *t = control_of(handle);
    if (pool == NULL) {
        return 1;
    }
    CHECKER_PAUSE();
    pool_descriptor *descriptor = pool_describe(pool);
    const block *first = pool_first_block(pool);
    if (descriptor->size == 0 || first->header != (descriptor->size | BLOCK_FREE) ||
        !verify_pool_removal(t, descriptor, first)) {
        return 1;
    }
    free_blocks_remove(t, first);
    memory_give_back(descriptor, pool_bytes(descriptor));
    pool_list_remove(t, descriptor);
    if (t->pool_size == 0) {
        t->span_end = 0;
    }
    return 0;
}

size_t tlsf_size(void) {
    return control_bytes(OUTER_SIZE_MAX) + sizeof(pool_descriptor) + alignof(control) - 1;
}

size_t tlsf_pool_overhead(void) {
    return align_up(sizeof(pool_descriptor) + BLOCK_OVERHEAD, GRANULE);
}
