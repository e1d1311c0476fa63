/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "space.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* The reach of a compact link in each direction: 2^31 words of 4 bytes. A 32-bit process has less
 * address space. */
#define REACH ((size_t)1 << (SIZE_MAX > 0xFFFFFFFFU ? 33 : 30))
#define LEAST_REACH ((size_t)1 << 24)

enum { PAGE = 65536, REGIONS_MAX = 1024 }; /* PAGE: a multiple of every Linux page size */

static char *reserved_begin, *reserved_end;
static char *low, *high;

/* They cover [low, control structure) without a gap, from the highest to the lowest address. */
static own_region regions[REGIONS_MAX];
static size_t region_count;

static size_t page_round(size_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }

/* Makes reserved memory usable. */
static bool commit(char *begin, size_t bytes) {
    return mprotect(begin, bytes, PROT_READ | PROT_WRITE) == 0;
}

/* Reserves `reach` bytes in each direction.
 * Returns  the middle, a multiple of PAGE; NULL if the system refuses. */
static char *reserve(size_t reach) {
    char *begin =
        mmap(NULL, 2 * reach + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (begin == MAP_FAILED) {
        return NULL;
    }
    begin += -(uintptr_t)begin % PAGE;
    reserved_begin = begin;
    reserved_end = begin + 2 * reach;
    return begin + reach;
}

void *space_open(size_t control_bytes) {
    const size_t bytes = page_round(control_bytes);
    for (size_t reach = REACH; reach >= LEAST_REACH; reach /= 2) {
        char *middle = reserve(reach);
        if (middle != NULL) {
            low = middle;
            high = middle + bytes;
            return commit(middle, bytes) ? middle : NULL;
        }
    }
    return NULL;
}

void *space_take_shared(size_t *bytes) {
    if (*bytes > (size_t)(reserved_end - high)) {
        return NULL;
    }
    *bytes = page_round(*bytes);
    char *begin = high;
    if (*bytes > (size_t)(reserved_end - high) || !commit(begin, *bytes)) {
        return NULL;
    }
    high += *bytes;
    return begin;
}

/* ---- own regions -------------------------------------------------------------------- */

static void region_remove(size_t at) {
    region_count--;
    memmove(&regions[at], &regions[at + 1], (region_count - at) * sizeof(regions[0]));
}

/* Finds a vacant region of at least this many bytes. Returns NULL if there is none. */
static own_region *vacant_find(size_t bytes) {
    for (size_t i = 0; i < region_count; i++) {
        if (regions[i].pool == NULL && regions[i].bytes >= bytes) {
            return &regions[i];
        }
    }
    return NULL;
}

/* Returns the lowest region if it is vacant, or else NULL. */
static own_region *vacant_lowest(void) {
    own_region *lowest = region_count == 0 ? NULL : &regions[region_count - 1];
    return lowest != NULL && lowest->pool == NULL ? lowest : NULL;
}

/* Takes new address space below all other regions, and joins it with a vacant lowest region. */
static own_region *region_append(size_t bytes) {
    own_region *lowest = vacant_lowest();
    const size_t more = lowest == NULL ? bytes : bytes - lowest->bytes;
    if ((lowest == NULL && region_count == REGIONS_MAX) || more > (size_t)(low - reserved_begin) ||
        !commit(low - more, more)) {
        return NULL;
    }
    low -= more;
    if (lowest == NULL) {
        lowest = &regions[region_count++];
    }
    *lowest = (own_region){low, bytes, NULL};
    return lowest;
}

own_region *space_take_own(size_t bytes) {
    if (bytes > REACH) {
        return NULL;
    }
    bytes = page_round(bytes);
    own_region *vacant = vacant_find(bytes);
    return vacant != NULL ? vacant : region_append(bytes);
}

own_region *space_find_own(const void *ptr) {
    const char *address = ptr;
    if (region_count == 0 || address < low || address >= regions[0].begin + regions[0].bytes) {
        return NULL;
    }
    size_t first = 0;
    size_t last = region_count - 1;
    while (first < last) { /* the first region that begins at or below the address */
        const size_t middle = (first + last) / 2;
        if (regions[middle].begin <= address) {
            last = middle;
        } else {
            first = middle + 1;
        }
    }
    return &regions[first];
}

/* Joins region i + 1 to region i if both are vacant. */
static void vacant_join(size_t i) {
    if (i + 1 < region_count && regions[i].pool == NULL && regions[i + 1].pool == NULL) {
        regions[i].begin = regions[i + 1].begin;
        regions[i].bytes += regions[i + 1].bytes;
        region_remove(i + 1);
    }
}

void space_give_back(own_region *region) {
    const size_t i = (size_t)(region - regions);
    (void)madvise(region->begin, region->bytes, MADV_DONTNEED);
    region->pool = NULL;
    vacant_join(i);
    if (i > 0) {
        vacant_join(i - 1);
    }
}
