/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bounded heap as a server, planned for the smallest and the largest request of the load. Where
 * that needs too many lanes, it is planned for a larger smallest request.
 */
#include "serve_bounded.h"

#include <string.h>
#include <tlsf_bounded.h>

static tlsf_bounded_t heap;

static inline void *call_malloc(size_t size) { return tlsf_bounded_malloc(heap, size); }

static inline void *call_calloc(size_t size) { return tlsf_bounded_calloc(heap, 1, size); }

static inline void *call_memalign(size_t align, size_t size) {
    return tlsf_bounded_memalign(heap, align, size);
}

static inline void *call_realloc(void *ptr, size_t size) {
    return tlsf_bounded_realloc(heap, ptr, size);
}

static inline void call_free(void *ptr) { tlsf_bounded_free(heap, ptr); }

#include "checked_calls.h"

/* The bytes that a request is searched for: tlsf_bounded_memalign. */
static size_t bytes_searched(const operation *request) {
    const size_t align = (size_t)1 << request->align_log2, least = tlsf_block_size_min();
    if (request->kind != LOAD_MEMALIGN || align <= tlsf_align_size()) {
        return request->size;
    }
    return (request->size < least ? least : request->size) + align + least + tlsf_alloc_overhead();
}

bounded_requests bounded_requests_of(const load *served) {
    bounded_requests found = {.smallest = SIZE_MAX, .largest = 1};
    for (size_t i = 0; i < served->count; i++) {
        const operation *next = &served->operations[i];
        if (next->kind != LOAD_FREE) {
            const size_t bytes = bytes_searched(next);
            found.smallest = bytes < found.smallest ? bytes : found.smallest;
            found.largest = bytes > found.largest ? bytes : found.largest;
        }
    }
    found.smallest = found.smallest == 0 ? 1 : found.smallest;
    while (found.smallest < found.largest &&
           tlsf_bounded_size_for(0, found.smallest, found.largest) == 0) {
        found.smallest *= 2;
    }
    return found;
}

serve_result serve_with_bounded(const load *served, live_block *blocks, void *region,
                                size_t region_bytes) {
    const bounded_requests plan = bounded_requests_of(served);
    serve_result result = {0};
    unsigned damage = 0;
    heap = tlsf_bounded_create(region, region_bytes, plan.smallest, plan.largest);
    if (heap == NULL) {
        return result;
    }
    result.served_calls = operations_serve(served, blocks, &damage);
    result.has_served_all = result.served_calls == served->count;
    result.is_damaged = damage != 0 || tlsf_bounded_check(heap) != TLSF_BOUNDED_SOUND;
    memset(blocks, 0, served->slots * sizeof *blocks);
    return result;
}
