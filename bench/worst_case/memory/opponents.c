/* SPDX-License-Identifier: BSD-3-Clause */
#include "opponents.h"

#include <stdint.h>
#include <stdlib.h>

#include "bounds.h"
#include "tlsf.h"
#include "tlsf_bounded.h"

/* ---- the default heap --------------------------------------------------------------- */

/* Returns  `bytes` bytes at a multiple of 4096, which is what every granule divides. */
static unsigned char *memory_take(opponent *o, size_t bytes) {
    const size_t align = 4096;
    o->memory = malloc(bytes + align);
    return o->memory == NULL ? NULL
                             : (unsigned char *)o->memory + (0 - (uintptr_t)o->memory) % align;
}

static bool default_make(opponent *o, size_t bytes, const limits *l) {
    (void)l;
    unsigned char *memory = memory_take(o, tlsf_size() + tlsf_pool_overhead() + bytes);
    if (memory == NULL) {
        return false;
    }
    o->heap = tlsf_create(memory);
    return tlsf_add_pool(o->heap, memory + tlsf_size(), tlsf_pool_overhead() + bytes) != NULL;
}

static void *default_malloc(void *heap, size_t bytes) { return tlsf_malloc(heap, bytes); }

static void *default_memalign(void *heap, size_t align, size_t bytes) {
    return tlsf_memalign(heap, align, bytes);
}

static void *default_realloc(void *heap, void *ptr, size_t bytes) {
    return tlsf_realloc(heap, ptr, bytes);
}

static void default_free(void *heap, void *ptr) { tlsf_free(heap, ptr); }

static bool default_is_sound(void *heap) { return tlsf_check(heap) == TLSF_SOUND; }

static size_t default_counted(size_t outer, size_t align) {
    (void)align;
    return outer;
}

static size_t default_counted_least(const limits *l, size_t counted) {
    (void)counted;
    return l->smallest;
}

const opponent_kind default_heap = {default_make,    default_malloc,       default_memalign,
                                    default_realloc, default_free,         default_is_sound,
                                    default_counted, default_counted_least};

/* ---- the bounded heap --------------------------------------------------------------- */

static size_t bounded_counted(size_t outer, size_t align) {
    const size_t least = tlsf_block_size_min();
    const size_t inner = contest_inner(outer);
    return align <= tlsf_align_size() ? outer
                                      : bound_outer((inner < least ? least : inner) + align +
                                                    least + 2 * tlsf_alloc_overhead());
}

/* The smallest size of the lane: lanes end at 4, 16, ... times the smallest request. */
static size_t bounded_counted_least(const limits *l, size_t counted) {
    size_t least = l->smallest;
    for (size_t most = 4 * least; most < counted; most *= 4) {
        least = most + tlsf_align_size();
    }
    return least;
}

static size_t planned_smallest(const limits *l) { return contest_inner(l->smallest); }

static size_t planned_largest(const limits *l) {
    return contest_inner(bounded_counted(l->largest, l->align));
}

size_t bound_of_bounded(const limits *l) {
    return tlsf_bounded_size_for(l->live, planned_smallest(l), planned_largest(l));
}

static bool bounded_make(opponent *o, size_t bytes, const limits *l) {
    unsigned char *memory = memory_take(o, bytes);
    if (memory == NULL) {
        return false;
    }
    o->heap = tlsf_bounded_create(memory, bytes, planned_smallest(l), planned_largest(l));
    return o->heap != NULL;
}

static void *bounded_malloc(void *heap, size_t bytes) { return tlsf_bounded_malloc(heap, bytes); }

static void *bounded_memalign(void *heap, size_t align, size_t bytes) {
    return tlsf_bounded_memalign(heap, align, bytes);
}

static void *bounded_realloc(void *heap, void *ptr, size_t bytes) {
    return tlsf_bounded_realloc(heap, ptr, bytes);
}

static void bounded_free(void *heap, void *ptr) { tlsf_bounded_free(heap, ptr); }

static bool bounded_is_sound(void *heap) { return tlsf_bounded_check(heap) == TLSF_BOUNDED_SOUND; }

const opponent_kind bounded_heap_kind = {bounded_make,    bounded_malloc,       bounded_memalign,
                                         bounded_realloc, bounded_free,         bounded_is_sound,
                                         bounded_counted, bounded_counted_least};
