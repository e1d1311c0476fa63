/* SPDX-License-Identifier: BSD-3-Clause */
#include "region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(begin, bytes) ((void)(begin), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(begin, bytes) ((void)(begin), (void)(bytes))
#endif

enum { GUARD_BYTES = 256, GUARD = 0xA5, FRESH = 0xC3 };

region region_make(size_t bytes, size_t misalignment) {
    region r = {NULL, bytes, malloc(bytes + 2 * GUARD_BYTES + 2 * REGION_ALIGN)};
    if (r.allocation == NULL) {
        fprintf(stderr, "no memory for a test region of %zu bytes\n", bytes);
        exit(2);
    }
    const size_t above = (size_t)((uintptr_t)r.allocation + GUARD_BYTES) % REGION_ALIGN;
    const size_t up =
        above <= misalignment ? misalignment - above : REGION_ALIGN - above + misalignment;
    r.begin = (uint8_t *)r.allocation + GUARD_BYTES + up;
    memset(r.begin - GUARD_BYTES, GUARD, GUARD_BYTES);
    memset(r.begin, FRESH, bytes);
    memset(r.begin + bytes, GUARD, GUARD_BYTES);
    ASAN_POISON_MEMORY_REGION(r.begin - GUARD_BYTES, GUARD_BYTES);
    ASAN_POISON_MEMORY_REGION(r.begin + bytes, GUARD_BYTES);
    return r;
}

static bool bytes_are(const uint8_t *begin, size_t bytes, uint8_t value) {
    size_t same = 0;
    while (same < bytes && begin[same] == value) {
        same++;
    }
    return same == bytes;
}

static bool guard_is_intact(const uint8_t *begin) {
    ASAN_UNPOISON_MEMORY_REGION(begin, GUARD_BYTES);
    const bool intact = bytes_are(begin, GUARD_BYTES, GUARD);
    ASAN_POISON_MEMORY_REGION(begin, GUARD_BYTES);
    return intact;
}

bool region_is_guarded(const region *r) {
    return guard_is_intact(r->begin - GUARD_BYTES) && guard_is_intact(r->begin + r->bytes);
}

void region_free(region *r) {
    ASAN_UNPOISON_MEMORY_REGION(r->begin - GUARD_BYTES, GUARD_BYTES);
    ASAN_UNPOISON_MEMORY_REGION(r->begin + r->bytes, GUARD_BYTES);
    free(r->allocation);
    r->allocation = NULL;
}
