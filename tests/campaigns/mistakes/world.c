/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* MAP_FIXED_NOREPLACE */

#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static uint8_t *const region = (uint8_t *)(uintptr_t)REGION_ADDRESS;

/* ---- the region ------------------------------------------------------------------------ */

enum { PAGE = 4096 };
#define AROUND ((size_t)32 << 30) /* more than a broken link and a broken size reach together */

/* A write behind the last block may leave the region by a few bytes. Beyond that page each access
 * crashes, so nothing of this program is ever overwritten. */
void world_map(void) {
    uint8_t *const space =
        mmap(region - AROUND, 2 * AROUND, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (space != region - AROUND ||
        mprotect(region, REGION_BYTES + PAGE, PROT_READ | PROT_WRITE) != 0) {
        perror("the region's addresses are not to be had");
        exit(2);
    }
}

static world kept;
static uint8_t kept_region[REGION_BYTES];

void world_keep(const world *w) {
    kept = *w;
    memcpy(kept_region, region, REGION_BYTES);
}

static volatile size_t reports;

size_t world_reports(void) { return reports; }

static void count_report(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    reports++;
}

void world_restore(world *w) {
    reports = 0;
    *w = kept;
    memcpy(region, kept_region, REGION_BYTES);
}

/* ---- what is compared ------------------------------------------------------------------ */

static void note(world *w, harm what) {
    if (w->first_harm == HARM_NONE) {
        w->first_harm = what;
    }
}

static void look_at(world *w, const live_block *b) {
    if (!content_is_kept(b->at, b->number, 0, b->spoilt_from) ||
        !content_is_kept(b->at, b->number, b->spoilt_to, b->bytes)) {
        note(w, HARM_CONTENT);
    }
}

void world_look(world *w) {
    for (size_t i = 0; i < w->count && w->first_harm == HARM_NONE; i++) {
        look_at(w, &w->blocks[i]);
    }
}

/* The granules of a block: those of its payload, and of what the heap adds behind it. */
static size_t granule_of(const uint8_t *at) { return (size_t)(at - region) / tlsf_align_size(); }

static size_t granules_of(size_t bytes) {
    return (bytes + tlsf_alloc_overhead() + tlsf_align_size() - 1) / tlsf_align_size();
}

static void take(world *w, const live_block *b) {
    memset(&w->taken[granule_of(b->at)], 1, granules_of(b->bytes));
}

static void leave(world *w, const live_block *b) {
    memset(&w->taken[granule_of(b->at)], 0, granules_of(b->bytes));
}

bool world_is_free(const world *w, const uint8_t *at, size_t bytes) {
    return memchr(&w->taken[granule_of(at)], 1, granules_of(bytes)) == NULL;
}

/* Whether a new block is where it may be. Otherwise the world has come to harm. */
static bool is_allowed(world *w, const uint8_t *at, size_t bytes, size_t align) {
    const uintptr_t offset = (uintptr_t)at - (uintptr_t)region;
    if (offset < w->pool_offset || offset > REGION_BYTES || bytes > REGION_BYTES - offset ||
        (uintptr_t)at % align != 0) {
        note(w, HARM_OUTSIDE);
    } else if (!world_is_free(w, at, bytes)) {
        note(w, HARM_OVERLAP);
    }
    return w->first_harm == HARM_NONE;
}

/* ---- calls ----------------------------------------------------------------------------- */

/* Most requests of programs are small, and most bytes are in a few large ones. */
static size_t some_bytes(random_source *random) {
    static const struct {
        size_t percent, least, most;
    } sizes[] = {{55, 1, 64}, {30, 64, 256}, {13, 256, 1024}, {2, 1024, REQUEST_MAX}};
    size_t percent = random_below(random, 100), i = 0;
    for (; percent >= sizes[i].percent; i++) {
        percent -= sizes[i].percent;
    }
    return sizes[i].least + random_below(random, sizes[i].most - sizes[i].least);
}

static void allocate(world *w, random_source *random) {
    const bool is_aligned = random_below(random, 12) == 0;
    const size_t align = is_aligned ? (size_t)16 << random_below(random, 4) : tlsf_align_size();
    const size_t bytes = some_bytes(random);
    uint8_t *const at =
        is_aligned ? tlsf_memalign(w->heap, align, bytes) : tlsf_malloc(w->heap, bytes);
    if (at == NULL || !is_allowed(w, at, bytes, align)) {
        return;
    }
    live_block *const b = &w->blocks[w->count++];
    *b = (live_block){.at = at, .bytes = bytes, .number = w->numbers++};
    take(w, b);
    content_fill(at, b->number, 0, bytes);
}

static size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

static void resize(world *w, random_source *random, live_block *b) {
    const size_t bytes = random_below(random, 2) == 0
                             ? b->bytes / 2 + 1
                             : lesser(b->bytes + b->bytes / 2 + 1, REQUEST_MAX);
    uint8_t *const at = tlsf_realloc(w->heap, b->at, bytes);
    if (at == NULL) {
        return;
    }
    leave(w, b);
    if (!is_allowed(w, at, bytes, tlsf_align_size())) {
        return;
    }
    const size_t kept_bytes = lesser(b->bytes, bytes);
    *b = (live_block){at, bytes, b->number, lesser(b->spoilt_from, bytes),
                      lesser(b->spoilt_to, bytes)};
    take(w, b);
    content_fill(at, b->number, kept_bytes, bytes);
    look_at(w, b);
}

void world_free(world *w, live_block *freed) {
    leave(w, freed);
    tlsf_free(w->heap, freed->at);
    *freed = w->blocks[--w->count];
}

live_block *world_some_block(world *w, random_source *random) {
    return &w->blocks[random_below(random, w->count)];
}

/* At LIVE blocks three of seven calls are requests, three are frees and one is a realloc. With
 * fewer blocks there are more requests, so the number of blocks drifts towards LIVE. */
void world_call(world *w, random_source *random) {
    if (w->count == 0 || random_below(random, BLOCKS_MAX) >= w->count) {
        allocate(w, random);
        return;
    }
    live_block *const b = world_some_block(w, random);
    look_at(w, b);
    if (random_below(random, 4) == 0) {
        resize(w, random, b);
    } else {
        world_free(w, b);
    }
}

void world_make(world *w, random_source *random, size_t calls) {
    reports = 0;
    memset(w, 0, sizeof(*w));
    memset(region, 0, REGION_BYTES);
    w->heap = tlsf_create_sized(region, REGION_BYTES, 0);
    w->pool_offset = (size_t)((uint8_t *)tlsf_get_pool(w->heap) - region);
    tlsf_set_fault_hook(w->heap, count_report);
    for (size_t i = 0; i < calls; i++) {
        world_call(w, random);
    }
}

void world_spoil(world *w, uint8_t *at, const uint8_t *bytes, size_t count) {
    memcpy(at, bytes, count);
    for (size_t i = 0; i < w->count; i++) {
        live_block *const b = &w->blocks[i];
        if (at < b->at + b->bytes && b->at < at + count) {
            b->spoilt_from = at < b->at ? 0 : (size_t)(at - b->at);
            b->spoilt_to = lesser((size_t)(at + count - b->at), b->bytes);
        }
    }
}
