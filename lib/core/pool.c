/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Heaps and their pools: create, destroy, reset; add, grow and remove.
 */
#include "hardening_pools.h"
#include "observe.h"
#include "split_merge.h"

/* ---- the plan ----------------------------------------------------------------------- */

/* One more than the highest class of a heap whose blocks have at most the size n. */
static uint32_t plan_class_end(outer_size n) { return (uint32_t)class_floor(n) + 1; }

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
    for (size_t c = CLASS_FIRST; c < t->class_end; c++) {
        list_clear(t, c);
    }
    trace_free_blocks_none(t);
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
    memory_take(t, control_bytes(t->class_end));
    trace_created(t);
}

/* ---- regions ------------------------------------------------------------------------ */

/* Whether the region's last byte lies below its first. A region may end where the address space
 * does. Then the sum of its first address and its bytes is 0. */
static bool region_wraps(uintptr_t begin, size_t bytes) {
    return bytes != 0 && bytes - 1 > UINTPTR_MAX - begin;
}

/* The addresses of a pool's first header and of its end marker. Both lie one header word below a
 * multiple of the granule. */
typedef struct {
    uintptr_t first, end;
} pool_bounds;

static pool_bounds pool_bounds_of(const pool_descriptor *descriptor) {
    const pool_bounds bounds = {(uintptr_t)descriptor_first_block(descriptor),
                                (uintptr_t)descriptor_end(descriptor)};
    return bounds;
}

static pool_descriptor *bounds_descriptor(pool_bounds bounds) {
    return (pool_descriptor *)(bounds.first + BLOCK_OVERHEAD - POOL_FRONT);
}

/* The end marker of a pool that ends at or below the address `end`, which is 0 behind the last. */
static uintptr_t end_marker_below(uintptr_t end) { return end - end % GRANULE - BLOCK_OVERHEAD; }

/* Fits a pool into the region of `bytes` bytes at begin, which does not wrap.
 * Returns false if the region cannot hold a smallest block. */
static bool pool_bounds_in(uintptr_t begin, size_t bytes, pool_bounds *bounds) {
    const size_t front = (0 - begin) % GRANULE + POOL_FRONT;
    if (bytes < front + size_bytes(BLOCK_MIN)) {
        return false;
    }
    bounds->first = begin + front - BLOCK_OVERHEAD;
    bounds->end = end_marker_below(begin + bytes);
    return true;
}

/* Whether the pool fits a heap that is planned for blocks up to the size n. */
static bool pool_is_manageable(const control *t, pool_bounds bounds, outer_size n) {
    return bounds.end - bounds.first <= size_bytes(n) &&
           link_reaches(t, (uintptr_t)bounds_descriptor(bounds)) && link_reaches(t, bounds.end);
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
    t->pool_size -= (size_t)descriptor->size;
    descriptor->size = 0;
}

/* Extends the span, so that it reaches from the lowest first block to the highest end marker. */
static void span_include(control *t, pool_bounds bounds) {
    const bool is_empty = t->span_end == 0;
    t->span_begin = is_empty || bounds.first < t->span_begin ? bounds.first : t->span_begin;
    t->span_end = bounds.end > t->span_end ? bounds.end : t->span_end;
}

/* Makes the whole pool one free block in front of its end marker. */
static void pool_free_whole(control *t, pool_descriptor *descriptor) {
    TLSF_ASSERT(descriptor->size >= BLOCK_MIN);
    block *first = descriptor_first_block(descriptor);
    memory_take(descriptor, pool_bytes(descriptor));
    descriptor_end(descriptor)->header = BLOCK_END | BLOCK_PREVIOUS_FREE;
    free_blocks_put(t, first, descriptor->size | BLOCK_FREE);
    fill_freed(first, first, descriptor->size);
}

static pool_t pool_make(control *t, pool_bounds bounds) {
    TLSF_ASSERT((bounds.first + BLOCK_OVERHEAD) % GRANULE == 0 && bounds.first < bounds.end);
    TLSF_ASSERT((bounds.end + BLOCK_OVERHEAD) % GRANULE == 0);
    pool_descriptor *descriptor = bounds_descriptor(bounds);
    descriptor->size = size_of_bytes(bounds.end - bounds.first);
    pool_list_append(t, descriptor);
    span_include(t, bounds);
    t->pool_size += (size_t)descriptor->size;
    pool_free_whole(t, descriptor);
    trace_pool(t, pool_of_descriptor(descriptor), pool_bytes(descriptor));
    return pool_of_descriptor(descriptor);
}

/* ---- growth ------------------------------------------------------------------------- */

/* Frees `part` of size n, which has just become a part of the pool. The extent is the part together
 * with a free block beside it. */
static void pool_free_part(control *t, extent e, const block *part, outer_size n) {
    free_blocks_put(t, e.begin, e.header);
    fill_freed(e.begin, part, n);
}

/* Gives the pool new bounds around its old ones, and a descriptor at their beginning. */
static pool_descriptor *pool_rebound(control *t, pool_descriptor *old, pool_bounds bounds) {
    const pool_descriptor before = *old; /* the new descriptor may overlap the old one */
    pool_descriptor *descriptor = bounds_descriptor(bounds);
    descriptor->next = before.next;
    descriptor->previous = before.previous;
    descriptor->size = size_of_bytes(bounds.end - bounds.first);
    pool_linked(t, before.previous)->next = pool_link(t, descriptor);
    pool_linked(t, before.next)->previous = pool_link(t, descriptor);
    t->pool_size += (size_t)(descriptor->size - before.size);
    span_include(t, bounds);
    return descriptor;
}

/* Whether n, which is not 0, can join a pool. What is too small for a block can join only a free
 * one. */
static bool part_is_usable(outer_size n, bool is_beside_free) {
    return GRANULE_IS_BLOCK || n >= BLOCK_MIN || is_beside_free;
}

/* Moves the pool's end marker up to `end`. The old one becomes the header of the new part.
 * Returns false, and changes nothing, if it cannot. */
static bool pool_grow_behind(control *t, pool_descriptor *descriptor, uintptr_t end) {
    const pool_bounds before = pool_bounds_of(descriptor);
    const pool_bounds after = {before.first, end};
    if (end == before.end) {
        return true;
    }
    if (!pool_is_manageable(t, after, size_for_request(t->request_max))) {
        return false;
    }
    const outer_size n = size_of_bytes(end - before.end);
    block *part = (block *)before.end;
    if (!part_is_usable(n, block_is_previous_free(part)) ||
        !verify_growth_behind(t, descriptor, n)) {
        return false;
    }
    memory_take(block_payload(part), size_bytes(n));
    pool_rebound(t, descriptor, after);
    const header_word header = n | (part->header & BLOCK_PREVIOUS_FREE);
    part->header = header;
    block_at(part, n)->header = BLOCK_END | BLOCK_PREVIOUS_FREE;
    const extent e = extent_of(part, n);
    pool_free_part(t, merge_previous(t, e, header), part, n);
    trace_pool(t, pool_of_descriptor(descriptor), pool_bytes(descriptor));
    return true;
}

/* Moves the pool's descriptor down to `begin`.
 * Returns it in its new place; NULL, and changes nothing, if it cannot. */
static pool_descriptor *pool_grow_before(control *t, pool_descriptor *descriptor, uintptr_t begin) {
    const size_t bytes = (uintptr_t)descriptor - begin;
    const pool_bounds before = pool_bounds_of(descriptor);
    const pool_bounds after = {before.first - bytes, before.end};
    if (bytes == 0) {
        return descriptor;
    }
    if (!pool_is_manageable(t, after, size_for_request(t->request_max))) {
        return NULL;
    }
    const outer_size n = size_of_bytes(bytes);
    if (!part_is_usable(n, block_is_free((const block *)before.first)) ||
        !verify_growth_before(t, descriptor, n)) {
        return NULL;
    }
    memory_take((void *)begin, bytes);
    descriptor = pool_rebound(t, descriptor, after);
    block *part = descriptor_first_block(descriptor);
    part->header = n;
    const extent e = extent_of(part, n);
    pool_free_part(t, merge_next(t, e), part, n);
    trace_pool(t, pool_of_descriptor(descriptor), pool_bytes(descriptor));
    return descriptor;
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
    const size_t front = (uintptr_t)t - begin + control_bytes(plan_class_end(n));
    pool_bounds bounds;
    if (bytes < front || !pool_bounds_in(begin + front, bytes - front, &bounds) ||
        !pool_is_manageable(t, bounds, n)) {
        return NULL;
    }
    control_initialise(t, n);
    pool_make(t, bounds);
    return t;
}

/* Returns all memory of the heap to its owner, as memory checkers see it. What is no heap is left
 * alone. */
static void memory_give_back_all(const control *t) {
    if (!control_is_sound(t) || !pool_list_is_sound(t)) {
        return;
    }
    checker_end_heap(t);
    for (block_link link = t->pools.next; link != pool_link(t, &t->pools);) {
        const pool_descriptor *descriptor = pool_linked(t, link);
        memory_give_back(descriptor, pool_bytes(descriptor));
        link = descriptor->next;
    }
    memory_give_back(t, control_bytes(t->class_end));
}

void tlsf_destroy(tlsf_t handle) {
    CHECKER_PAUSE();
    if (TLSF_MEMORY_CHECKER && handle != NULL) {
        memory_give_back_all(control_of(handle));
    }
}

void tlsf_reset(tlsf_t handle) {
    ENTER_HEAP(t, handle);
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
        pool_free_whole(t, descriptor);
        link = descriptor->next;
    }
    trace_reset(t);
}

/* ---- pools -------------------------------------------------------------------------- */

pool_t tlsf_get_pool(tlsf_t handle) {
    ENTER_HEAP(t, handle);
    if (!verify_pool_list(t)) {
        return NULL;
    }
    pool_descriptor *oldest = pool_linked(t, t->pools.next);
    return oldest == &t->pools ? NULL : pool_of_descriptor(oldest);
}

pool_t tlsf_add_pool(tlsf_t handle, void *mem, size_t bytes) {
    ENTER_HEAP(t, handle);
    const uintptr_t begin = (uintptr_t)mem;
    pool_bounds bounds;
    if (mem == NULL || region_wraps(begin, bytes) || !pool_bounds_in(begin, bytes, &bounds) ||
        !verify_plan(t) || !pool_is_manageable(t, bounds, size_for_request(t->request_max))) {
        return NULL;
    }
    if (!verify_pool_addition(t, size_of_bytes(bounds.end - bounds.first))) {
        return NULL;
    }
    return pool_make(t, bounds);
}

int tlsf_remove_pool(tlsf_t handle, pool_t pool) {
    ENTER_HEAP(t, handle);
    pool_descriptor *descriptor = pool_describe(pool);
    const block *first = descriptor_first_block(descriptor);
    if (pool == NULL || !pool_is_listed(t, descriptor) ||
        first->header != (descriptor->size | BLOCK_FREE) ||
        !verify_pool_removal(t, descriptor, first)) {
        return 1;
    }
    const size_t bytes = pool_bytes(descriptor);
    free_blocks_remove(t, first);
    memory_give_back(descriptor, bytes);
    pool_list_remove(t, descriptor);
    if (t->pool_size == 0) {
        t->span_end = 0;
    }
    trace_pool_removed(t, pool_of_descriptor(descriptor), bytes);
    return 0;
}

size_t tlsf_extend_pool(tlsf_t handle, pool_t pool, size_t old_bytes, size_t new_bytes) {
    ENTER_HEAP(t, handle);
    const uintptr_t begin = (uintptr_t)pool;
    pool_descriptor *descriptor = pool_describe(pool);
    if (pool == NULL || new_bytes < old_bytes || region_wraps(begin, new_bytes) ||
        !pool_is_listed(t, descriptor) || !verify_plan(t) ||
        pool_bounds_of(descriptor).end != end_marker_below(begin + old_bytes)) {
        return 0;
    }
    return pool_grow_behind(t, descriptor, end_marker_below(begin + new_bytes)) ? new_bytes : 0;
}

pool_t tlsf_add_to_pool(tlsf_t handle, pool_t pool, void *mem, size_t bytes) {
    ENTER_HEAP(t, handle);
    const uintptr_t begin = (uintptr_t)mem;
    pool_descriptor *descriptor = pool_describe(pool);
    if (pool == NULL || mem == NULL || region_wraps(begin, bytes) ||
        !pool_is_listed(t, descriptor) || !verify_plan(t)) {
        return NULL;
    }
    /* The pool was rounded inside its memory, so up to a granule can lie between the two. */
    const uintptr_t end = pool_bounds_of(descriptor).end;
    if (begin > end && begin - (end + BLOCK_OVERHEAD) < GRANULE) {
        return pool_grow_behind(t, descriptor, end_marker_below(begin + bytes))
                   ? pool_of_descriptor(descriptor)
                   : NULL;
    }
    if ((uintptr_t)descriptor - (begin + bytes) < GRANULE) {
        descriptor = pool_grow_before(t, descriptor, align_up(begin, GRANULE));
        return descriptor == NULL ? NULL : pool_of_descriptor(descriptor);
    }
    return NULL;
}

/* A whole number of granules, so that mem + tlsf_size() is aligned where `mem` is. */
size_t tlsf_size(void) {
    return align_up(control_bytes(plan_class_end(OUTER_SIZE_MAX)) + alignof(control) - 1, GRANULE);
}

size_t tlsf_pool_overhead(void) { return POOL_FRONT; }
