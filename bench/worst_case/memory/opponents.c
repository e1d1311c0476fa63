/* SPDX-License-Identifier: BSD-3-Clause */
#include "opponents.h"

#include <stdint.h>
#include <stdlib.h>

#include "tlsf.h"

/* Returns  `bytes` at a multiple of 4096, which is what every granule divides. */
static unsigned char *memory_take(opponent *o, size_t bytes) {
    const size_t align = 4096;
    o->memory = malloc(bytes + align);
    return o->memory == NULL ? NULL
                             : (unsigned char *)o->memory + (0 - (uintptr_t)o->memory) % align;
}

static bool default_make(opponent *o, size_t bytes) {
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

const opponent_kind default_heap = {default_make,    default_malloc, default_memalign,
                                    default_realloc, default_free,   default_is_sound};
