/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include <string.h>

#include "finding.h"
#include "support/internals.h"
#include "survey.h"

enum { FENCE_BYTES = 64, FENCE = 0xA5, REMOVED = 0xEE };

_Alignas(ARENA_ALIGN) uint8_t arena[ARENA_MAX];
size_t arena_bytes;
control *heap;
knowledge known;
world_pool pools[POOLS_MAX];
unsigned pool_count;
uint8_t pattern[ARENA_MAX];

static size_t heap_begin, heap_end; /* control structure and first pool */

static size_t offset_of(const void *address) { return (size_t)((const uint8_t *)address - arena); }

/* ---- making ------------------------------------------------------------------------- */

static size_t bytes_of_pools(void) {
    tlsf_stats_t stats;
    tlsf_stats(heap, &stats);
    return stats.pool_bytes;
}

static void note_first_payload(void *ptr, size_t size, int used, void *user) {
    (void)size;
    (void)used;
    *(size_t *)user = offset_of(ptr);
}

/* Notes a pool that is one free block. */
static void pool_note(unsigned i, pool_t pool, size_t outer) {
    tlsf_walk_pool(pool, note_first_payload, &pools[i].first);
    pools[i].outer = outer;
    pools[i].pool = pool;
    known.attached = (uint16_t)(known.attached | 1u << i);
}

/* Makes the heap in the fewest bytes that give its first pool this size. */
static void make_heap(size_t begin, size_t outer, size_t largest) {
    size_t bytes = outer;
    do {
        bytes++;
        REQUIRE(begin + bytes + FENCE_BYTES < ARENA_MAX);
        heap = tlsf_create_sized(arena + begin, bytes, largest);
    } while (heap == NULL || bytes_of_pools() < outer);
    REQUIRE(bytes_of_pools() == outer);
    pool_note(0, tlsf_get_pool(heap), outer);
    heap_begin = begin;
    heap_end = begin + bytes;
    pools[0].region_begin = offset_of(pool_describe(tlsf_get_pool(heap)));
    pools[0].region_bytes = heap_end - pools[0].region_begin;
}

static void make_pool(unsigned i, size_t begin, size_t outer) {
    const size_t before = bytes_of_pools();
    pools[i].region_begin = begin;
    pools[i].region_bytes = tlsf_pool_overhead() + outer;
    REQUIRE(begin + pools[i].region_bytes + FENCE_BYTES < ARENA_MAX);
    const pool_t pool = tlsf_add_pool(heap, arena + begin, pools[i].region_bytes);
    REQUIRE(pool != NULL && bytes_of_pools() == before + outer);
    pool_note(i, pool, outer);
}

static size_t round_up(size_t n, size_t multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

/* Makes a pattern in which neighbouring bytes differ, and so do bytes a granule apart. */
static void make_pattern(void) {
    for (size_t i = 0; i < ARENA_MAX; i++) {
        pattern[i] = (uint8_t)(1 + (i * 37 + i / 4 * 59) % 251);
    }
}

void world_make(const scope *s) {
    const size_t granule = tlsf_align_size();
    size_t largest = 0;
    memset(arena, FENCE, sizeof(arena));
    make_pattern();
    for (unsigned i = 0; i < s->pool_count; i++) {
        const size_t bytes = tlsf_pool_overhead() + s->granules[i] * granule;
        largest = bytes > largest ? bytes : largest;
    }
    make_heap(FENCE_BYTES + s->shift * granule, s->granules[0] * granule, largest);
    size_t end = heap_end;
    for (unsigned i = 1; i < s->pool_count; i++) {
        make_pool(i, round_up(end + FENCE_BYTES, 2 * granule) + (s->shift + i) * granule,
                  s->granules[i] * granule);
        end = pools[i].region_begin + pools[i].region_bytes;
    }
    pool_count = s->pool_count;
    arena_bytes = end + FENCE_BYTES;
}

/* ---- saving ------------------------------------------------------------------------- */

size_t world_bytes(void) { return sizeof(known) + arena_bytes; }

void world_save(uint8_t *state) {
    memcpy(state, &known, sizeof(known));
    memcpy(state + sizeof(known), arena, arena_bytes);
}

void world_load(const uint8_t *state) {
    memcpy(&known, state, sizeof(known));
    memcpy(arena, state + sizeof(known), arena_bytes);
}

/* ---- guards and pools --------------------------------------------------------------- */

static bool is_filled(size_t offset, size_t bytes, uint8_t byte) {
    size_t i = 0;
    while (i < bytes && arena[offset + i] == byte) {
        i++;
    }
    return i == bytes;
}

/* Returns whether the region of a removed pool is unchanged. */
static bool is_left_alone(unsigned i) {
    return pool_is_attached(i) || is_filled(pools[i].region_begin, pools[i].region_bytes, REMOVED);
}

bool world_is_guarded(void) {
    bool is_guarded = is_filled(0, heap_begin, FENCE) && is_left_alone(0);
    size_t end = heap_end;
    for (unsigned i = 1; i < pool_count; i++) {
        is_guarded = is_guarded && is_filled(end, pools[i].region_begin - end, FENCE);
        is_guarded = is_guarded && is_left_alone(i);
        end = pools[i].region_begin + pools[i].region_bytes;
    }
    return is_guarded && is_filled(end, arena_bytes - end, FENCE);
}

unsigned world_pool_at(size_t offset) {
    unsigned i = 0;
    while (i < pool_count && offset - pools[i].first >= pools[i].outer) {
        i++;
    }
    return i;
}

bool world_attach(unsigned i) {
    const world_pool *p = &pools[i];
    known.attached = (uint16_t)(known.attached | 1u << i);
    return tlsf_add_pool(heap, arena + p->region_begin, p->region_bytes) == p->pool;
}

bool world_detach(unsigned i) {
    if (tlsf_remove_pool(heap, pools[i].pool) != 0) {
        return false;
    }
    REQUIRE(tlsf_remove_pool(heap, pools[i].pool) != 0); /* no pool can be removed twice */
    memset(arena + pools[i].region_begin, REMOVED, pools[i].region_bytes);
    known.attached = (uint16_t)(known.attached & ~(1u << i));
    memset(known.ghosts[i], 0, sizeof(known.ghosts[i]));
    return true;
}

/* ---- the canonical form ------------------------------------------------------------- */

static header_word dead_word(dead_content dead) {
    return dead == DEAD_ZEROS ? 0 : dead == DEAD_ONES ? (header_word)-1 : (header_word)BLOCK_MIN;
}

static bool is_ghost_header(size_t offset) {
    const size_t payload = offset + BLOCK_OVERHEAD;
    const unsigned i = world_pool_at(payload);
    const size_t above = payload - pools[i].first;
    return i < pool_count && above % GRANULE == 0 && ghost_is_at(i, above / GRANULE);
}

/* Reduces a word that was a header to what a double free reads of it first. */
static header_word reduced_header(header_word word, header_word dead) {
    if (header_size(word) == 0) {
        return word; /* size 0: no block has it */
    }
    return (dead & ~(header_word)BLOCK_FREE) | (word & (header_word)BLOCK_FREE);
}

static void normalise_word(const scope *s, size_t offset) {
    header_word *word = (header_word *)(void *)(arena + offset);
    const header_word dead = dead_word(s->dead);
    if (!s->ghosts || !is_ghost_header(offset)) {
        *word = dead;
    } else if (!s->exact) {
        *word = reduced_header(*word, dead);
    }
}

static void normalise_free_block(const scope *s, size_t payload, size_t outer) {
    const size_t begin = payload - BLOCK_OVERHEAD;
    for (size_t offset = begin + sizeof(block); offset + sizeof(header_word) < begin + outer;
         offset += sizeof(header_word)) {
        normalise_word(s, offset);
    }
}

static void normalise_statistics(void) {
    const size_t frees = SIZE_MAX - 1;
    heap->allocations = frees + known.live_count;
    heap->frees = frees;
    heap->failures = SIZE_MAX;
    heap->peak = heap->used > heap->pool_size / 2 ? heap->used : heap->pool_size / 2;
}

void world_normalise(const scope *s) {
    if (!s->ghosts) {
        memset(known.ghosts, 0, sizeof(known.ghosts));
    }
    if (TLSF_STATISTICS) {
        normalise_statistics();
    }
    heap->null.previous = link_null(heap);
    if (TLSF_HARDENING >= 3) {
        return;
    }
    survey now;
    survey_take(&now);
    for (unsigned i = 0; i < now.count; i++) {
        if (!now.blocks[i].used) {
            normalise_free_block(s, now.blocks[i].begin, now.blocks[i].outer);
        }
    }
}
