/* SPDX-License-Identifier: BSD-3-Clause */
#include "model.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "support/class_reference.h"

void model_fail(const model *m, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "model: step %zu: ", m->step);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    abort();
}

/* A condition that the contract promises. */
#define REQUIRE(m, condition) \
    do { \
        if (!(condition)) { \
            model_fail(m, "%s:%d: not true: %s", __func__, __LINE__, #condition); \
        } \
    } while (0)

/* ---- sizes -------------------------------------------------------------------------- */

static size_t outer_smallest(void) { return tlsf_block_size_min() + tlsf_alloc_overhead(); }

static size_t outer_of(void *ptr) { return quarters_bytes(block_quarters(block_of_payload(ptr))); }

/* The outer size that a request needs; SIZE_MAX for what no block can hold. */
static size_t outer_needed(size_t bytes) {
    const size_t granule = tlsf_align_size();
    if (bytes > tlsf_block_size_max()) {
        return SIZE_MAX;
    }
    const size_t outer = (bytes + tlsf_alloc_overhead() + granule - 1) / granule * granule;
    return outer < outer_smallest() ? outer_smallest() : outer;
}

/* Whether a search for `need` finds a free block of `outer` by its class alone. */
static bool class_serves(size_t outer, size_t need) {
    const uint64_t per_octave = UINT64_C(1) << TLSF_SL_BITS;
    const size_t granule = tlsf_align_size();
    return outer >= need && reference_floor(outer / granule, per_octave) >=
                                reference_ceil(need / granule, per_octave);
}

static bool align_is_valid(size_t align) { return (align & (align - 1)) == 0; }

static bool is_multiple(const void *ptr, size_t align) {
    return align == 0 || (uintptr_t)ptr % align == 0;
}

/* ---- a walk over all pools ---------------------------------------------------------- */

typedef struct {
    model *m;
    const model_region *region;
    const uint8_t *expected; /* where the next payload has to be; NULL at the first */
    bool is_previous_free;
} walk_state;

static size_t owner_index(const model *m, const void *ptr) {
    return (size_t)((const uint8_t *)ptr - m->arena.begin) / tlsf_align_size();
}

static void survey_free_block(walk_state *walk, size_t outer) {
    model_survey *survey = &walk->m->survey;
    REQUIRE(walk->m, !walk->is_previous_free);
    survey->free_blocks++;
    survey->largest_free = outer > survey->largest_free ? outer : survey->largest_free;
}

static void survey_used_block(walk_state *walk, const uint8_t *begin, size_t size) {
    model *m = walk->m;
    const unsigned owner = m->owner[owner_index(m, begin)];
    REQUIRE(m, owner != 0);
    REQUIRE(m, m->blocks[owner - 1].begin == begin);
    REQUIRE(m, TLSF_HARDENING >= 3 ? m->blocks[owner - 1].usable <= size
                                   : m->blocks[owner - 1].usable == size);
    m->survey.used_blocks++;
    m->survey.used_bytes += size + tlsf_alloc_overhead();
}

static void survey_block(void *ptr, size_t size, int used, void *user) {
    walk_state *walk = user;
    const uint8_t *begin = ptr;
    const size_t outer = size + tlsf_alloc_overhead();
    REQUIRE(walk->m, used == 0 || used == 1);
    REQUIRE(walk->m, is_multiple(ptr, tlsf_align_size()));
    REQUIRE(walk->m, outer % tlsf_align_size() == 0 && outer >= outer_smallest());
    REQUIRE(walk->m, begin - BLOCK_OVERHEAD >= walk->region->begin);
    REQUIRE(walk->m, begin + size <= walk->region->begin + walk->region->bytes);
    REQUIRE(walk->m, walk->expected == NULL || begin == walk->expected);
    if (used) {
        survey_used_block(walk, begin, size);
    } else {
        survey_free_block(walk, outer);
    }
    walk->m->survey.pool_bytes += outer;
    walk->is_previous_free = !used;
    walk->expected = begin + outer;
}

static void survey_pools(model *m) {
    const model_survey nothing = {0, 0, 0, 0, 0};
    m->survey = nothing;
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        if (m->regions[i].pool != NULL) {
            walk_state walk = {m, &m->regions[i], NULL, false};
            tlsf_walk_pool(m->regions[i].pool, survey_block, &walk);
            REQUIRE(m, walk.expected != NULL);
        }
    }
}

/* ---- verification ------------------------------------------------------------------- */

static void verify_ends_of_blocks(const model *m) {
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        const model_block *b = &m->blocks[slot];
        if (b->begin != NULL) {
            REQUIRE(m, b->usable == 0 ||
                           (b->begin[0] == b->fill && b->begin[b->usable - 1] == b->fill));
        }
    }
}

static void verify_largest(const model *m) {
    const size_t largest = tlsf_largest(m->t);
    const size_t outer = largest + tlsf_alloc_overhead();
    REQUIRE(m, (largest == 0) == (m->survey.free_blocks == 0));
    if (largest != 0) {
        REQUIRE(m, outer <= m->survey.largest_free);
        REQUIRE(m, !class_serves(m->survey.largest_free, outer + tlsf_align_size()));
    }
}

static void verify_statistics(const model *m) {
    tlsf_stats_t stats;
    REQUIRE(m, tlsf_stats(m->t, &stats) == TLSF_STATISTICS);
    REQUIRE(m, stats.pool_bytes == m->survey.pool_bytes);
    REQUIRE(m, stats.largest == tlsf_largest(m->t));
    REQUIRE(m, m->used == m->survey.used_bytes);
    REQUIRE(m, m->allocations - m->frees == m->survey.used_blocks);
    const size_t kept = TLSF_STATISTICS ? 1 : 0;
    REQUIRE(m, stats.used_bytes == kept * m->used);
    REQUIRE(m, stats.peak_bytes == kept * m->peak);
    REQUIRE(m, stats.free_bytes == kept * (m->survey.pool_bytes - m->used));
    REQUIRE(m, stats.live_blocks == kept * m->survey.used_blocks);
    REQUIRE(m, stats.allocations == kept * m->allocations);
    REQUIRE(m, stats.frees == kept * m->frees);
    REQUIRE(m, stats.failures == kept * m->failures);
}

void model_verify(model *m) {
    const int broken = tlsf_check(m->t);
    if (broken != TLSF_SOUND) {
        model_fail(m, "tlsf_check gives %d: %s", broken, tlsf_invariant_name(broken));
    }
    survey_pools(m);
    verify_ends_of_blocks(m);
    verify_largest(m);
    verify_statistics(m);
}

static void verify_fill(const model *m, const uint8_t *begin, size_t bytes, uint8_t fill) {
    for (size_t i = 0; i < bytes; i++) {
        if (begin[i] != fill) {
            model_fail(m, "byte %zu of %zu at %p is %#x instead of %#x", i, bytes,
                       (const void *)begin, (unsigned)begin[i], (unsigned)fill);
        }
    }
}

void model_verify_content(const model *m) {
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        const model_block *b = &m->blocks[slot];
        if (b->begin != NULL) {
            verify_fill(m, b->begin, b->usable, b->fill);
        }
    }
    REQUIRE(m, region_is_guarded(&m->arena));
}

/* ---- bookkeeping -------------------------------------------------------------------- */

static void account_used(model *m, size_t more, size_t less) {
    m->used = m->used + more - less;
    m->peak = m->used > m->peak ? m->used : m->peak;
}

/* Notes the block at ptr as the one of `slot`, and fills all that can be used of it. */
static void place(model *m, unsigned slot, void *ptr) {
    model_block *b = &m->blocks[slot];
    b->begin = ptr;
    b->usable = tlsf_block_size(ptr);
    b->outer = outer_of(ptr);
    b->fill = m->next_fill++;
    m->owner[owner_index(m, ptr)] = (uint16_t)(slot + 1);
    memset(ptr, b->fill, b->usable);
}

static void displace(model *m, unsigned slot) {
    m->owner[owner_index(m, m->blocks[slot].begin)] = 0;
    m->blocks[slot].begin = NULL;
}

static void require_block(const model *m, uint8_t *ptr, size_t align, size_t size) {
    REQUIRE(m, ptr >= m->arena.begin && ptr < m->arena.begin + m->arena.bytes);
    REQUIRE(m, is_multiple(ptr, align) && is_multiple(ptr, tlsf_align_size()));
    REQUIRE(m, TLSF_HARDENING >= 3 ? tlsf_block_size(ptr) == size : tlsf_block_size(ptr) >= size);
    REQUIRE(m, outer_of(ptr) < outer_needed(size) + outer_smallest());
}

/* A request that tlsf_malloc or a search for so much has to serve. */
static bool must_serve(const model *m, size_t bytes) {
    return m->survey.free_blocks != 0 &&
           (bytes <= tlsf_largest(m->t) ||
            class_serves(m->survey.largest_free, outer_needed(bytes)));
}

/* What memalign needs beyond `size` bytes for its contract's promise. */
static bool must_serve_aligned(const model *m, size_t align, size_t size) {
    if (align <= tlsf_align_size()) {
        return must_serve(m, size);
    }
    const size_t least = size < tlsf_block_size_min() ? tlsf_block_size_min() : size;
    const size_t more = align + tlsf_block_size_min();
    return align <= tlsf_block_size_max() && least <= tlsf_block_size_max() - more &&
           more >= align && must_serve(m, least + more);
}

static bool can_serve(const model *m, size_t align, size_t size) {
    return align_is_valid(align) && outer_needed(size) <= m->survey.largest_free;
}

/* Takes note of what a request for a new block returned. */
static void account_result(model *m, unsigned slot, void *ptr, size_t align, size_t size) {
    if (ptr == NULL) {
        m->failures++;
        return;
    }
    require_block(m, ptr, align, size);
    place(m, slot, ptr);
    account_used(m, outer_of(ptr), 0);
    m->allocations++;
}

/* ---- requests ----------------------------------------------------------------------- */

void model_malloc(model *m, unsigned slot, size_t size) {
    const bool must = must_serve(m, size);
    void *ptr = tlsf_malloc(m->t, size);
    REQUIRE(m, ptr != NULL || !must);
    REQUIRE(m, ptr == NULL || can_serve(m, 0, size));
    account_result(m, slot, ptr, 0, size);
}

void model_calloc(model *m, unsigned slot, size_t count, size_t size) {
    const bool overflows = size != 0 && count > SIZE_MAX / size;
    const bool must = !overflows && must_serve(m, count * size);
    uint8_t *ptr = tlsf_calloc(m->t, count, size);
    REQUIRE(m, ptr != NULL || !must);
    REQUIRE(m, ptr == NULL || (!overflows && can_serve(m, 0, count * size)));
    if (ptr != NULL) {
        verify_fill(m, ptr, count * size, 0);
    }
    account_result(m, slot, ptr, 0, count * size);
}

void model_memalign(model *m, unsigned slot, size_t align, size_t size) {
    const bool must = align_is_valid(align) && must_serve_aligned(m, align, size);
    void *ptr = tlsf_memalign(m->t, align, size);
    REQUIRE(m, ptr != NULL || !must);
    REQUIRE(m, ptr == NULL || can_serve(m, align, size));
    account_result(m, slot, ptr, align, size);
}

void model_free(model *m, unsigned slot) {
    model_block *b = &m->blocks[slot];
    if (b->begin == NULL) {
        tlsf_free(m->t, NULL);
        return;
    }
    verify_fill(m, b->begin, b->usable, b->fill);
    account_used(m, 0, outer_of(b->begin));
    m->frees++;
    tlsf_free(m->t, b->begin);
    displace(m, slot);
}

/* ---- realloc ------------------------------------------------------------------------ */

/* The free blocks on both sides of a block. */
typedef struct {
    const uint8_t *block;
    const uint8_t *before; /* payload of the free block before it, or NULL */
    size_t before_outer, after_outer;
    const uint8_t *last; /* the block met last, when it was free */
    size_t last_outer;
    bool is_met;
} neighbours;

static void find_neighbours(void *ptr, size_t size, int used, void *user) {
    neighbours *found = user;
    const size_t outer = size + tlsf_alloc_overhead();
    if (ptr == found->block) {
        found->before = found->last;
        found->before_outer = found->last_outer;
        found->is_met = true;
    } else if (found->is_met) {
        found->after_outer = used ? 0 : outer;
        found->is_met = false;
    }
    found->last = used ? NULL : ptr;
    found->last_outer = used ? 0 : outer;
}

static neighbours neighbours_of(const model *m, const uint8_t *begin) {
    neighbours found = {begin, NULL, 0, 0, NULL, 0, false};
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        const model_region *r = &m->regions[i];
        if (r->pool != NULL && begin >= r->begin && begin < r->begin + r->bytes) {
            tlsf_walk_pool(r->pool, find_neighbours, &found);
        }
    }
    return found;
}

/* Whether the block that was at `before` has slid there, instead of being moved: when the free
 * block alone was large enough, only the statistics can tell. */
static bool has_slid(const model *m, const neighbours *near, const uint8_t *ptr, size_t need) {
    tlsf_stats_t stats;
    if (ptr != near->before) {
        return false;
    }
    tlsf_stats(m->t, &stats);
    return near->before_outer < need || stats.allocations == m->allocations;
}

static void account_realloc(model *m, unsigned slot, void *ptr, bool is_move) {
    const size_t before = m->blocks[slot].outer;
    if (is_move) {
        account_used(m, outer_of(ptr), 0);
        account_used(m, 0, before);
        m->allocations++;
        m->frees++;
    } else {
        account_used(m, outer_of(ptr), before);
    }
}

typedef enum { PLAIN, ALIGNED } realloc_form;

static void *call_realloc(model *m, realloc_form form, void *ptr, size_t align, size_t size) {
    return form == PLAIN ? tlsf_realloc(m->t, ptr, size)
                         : tlsf_realloc_aligned(m->t, ptr, align, size);
}

/* Changes the size of the live block of `slot`; size is not 0. */
static void resize(model *m, realloc_form form, unsigned slot, size_t align, size_t size) {
    model_block *b = &m->blocks[slot];
    const neighbours near = neighbours_of(m, b->begin);
    const size_t need = outer_needed(size);
    const size_t room = outer_of(b->begin) + near.after_outer;
    const bool valid = align_is_valid(align);
    const bool stays = valid && is_multiple(b->begin, align) && need <= room;
    const bool slides = valid && align <= tlsf_align_size() && need <= room + near.before_outer;
    const bool must = valid && must_serve_aligned(m, align, size);
    uint8_t *ptr = call_realloc(m, form, b->begin, align, size);
    if (ptr == NULL) {
        REQUIRE(m, !stays && !slides && !must);
        m->failures++;
        return;
    }
    REQUIRE(m, stays == (ptr == b->begin));
    REQUIRE(m, stays || slides || can_serve(m, align, size));
    require_block(m, ptr, align, size);
    verify_fill(m, ptr, b->usable < size ? b->usable : size, b->fill);
    account_realloc(m, slot, ptr, !stays && !has_slid(m, &near, ptr, need));
    displace(m, slot);
    place(m, slot, ptr);
}

static void reallocate(model *m, realloc_form form, unsigned slot, size_t align, size_t size) {
    model_block *b = &m->blocks[slot];
    if (b->begin == NULL) {
        const bool must = align_is_valid(align) && must_serve_aligned(m, align, size);
        void *ptr = call_realloc(m, form, NULL, align, size);
        REQUIRE(m, ptr != NULL || !must);
        REQUIRE(m, ptr == NULL || can_serve(m, align, size));
        account_result(m, slot, ptr, align, size);
    } else if (size == 0 && align_is_valid(align)) {
        account_used(m, 0, outer_of(b->begin));
        m->frees++;
        REQUIRE(m, call_realloc(m, form, b->begin, align, 0) == NULL);
        displace(m, slot);
    } else {
        resize(m, form, slot, align, size);
    }
}

void model_realloc(model *m, unsigned slot, size_t size) { reallocate(m, PLAIN, slot, 0, size); }

void model_realloc_aligned(model *m, unsigned slot, size_t align, size_t size) {
    reallocate(m, ALIGNED, slot, align, size);
}

/* ---- pools -------------------------------------------------------------------------- */

void model_add_pool(model *m, unsigned number, size_t misalignment, size_t bytes) {
    model_region *r = &m->regions[number];
    const size_t kept = tlsf_pool_overhead() + outer_smallest() + 2 * tlsf_align_size();
    uint8_t *begin = r->begin + misalignment;
    if (r->pool != NULL) {
        return;
    }
    if (bytes > SIZE_MAX / 2) {
        REQUIRE(m, tlsf_add_pool(m->t, begin, bytes) == NULL);
        return;
    }
    bytes %= m->region_bytes + 1 - misalignment;
    r->pool = tlsf_add_pool(m->t, begin, bytes);
    r->bytes = misalignment + bytes;
    REQUIRE(m, r->pool != NULL || bytes < kept);
    REQUIRE(m, r->pool == NULL || bytes > outer_smallest());
}

static bool region_is_empty(const model *m, const model_region *r) {
    unsigned live = 0;
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        const uint8_t *begin = m->blocks[slot].begin;
        live += begin != NULL && begin >= r->begin && begin < r->begin + r->bytes;
    }
    return live == 0;
}

void model_remove_pool(model *m, unsigned number) {
    model_region *r = &m->regions[number];
    const bool is_empty = r->pool != NULL && region_is_empty(m, r);
    REQUIRE(m, (tlsf_remove_pool(m->t, r->pool) == 0) == is_empty);
    if (is_empty && number != 0) {
        memset(r->begin, 0xEE, r->bytes);
    }
    if (is_empty) {
        r->pool = NULL;
    }
}

void model_reset(model *m) {
    tlsf_reset(m->t);
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        if (m->blocks[slot].begin != NULL) {
            displace(m, slot);
        }
    }
    m->used = 0;
    m->frees = m->allocations;
}

/* ---- begin and end ------------------------------------------------------------------ */

void model_make(model *m, size_t first_bytes, size_t region_bytes, size_t planned) {
    memset(m, 0, sizeof(*m));
    const size_t front = tlsf_size() + tlsf_pool_overhead() + first_bytes + 64;
    m->arena = region_make(front + (MODEL_REGIONS - 1) * region_bytes, 0);
    m->region_bytes = region_bytes;
    m->owner = calloc(m->arena.bytes / tlsf_align_size() + 1, sizeof(*m->owner));
    m->t =
        tlsf_create_sized(m->arena.begin, front, planned > region_bytes ? planned : region_bytes);
    REQUIRE(m, m->owner != NULL && m->t != NULL);
    m->regions[0].begin = (uint8_t *)(void *)tlsf_get_pool(m->t);
    m->regions[0].bytes = (size_t)(m->arena.begin + front - m->regions[0].begin);
    m->regions[0].pool = tlsf_get_pool(m->t);
    for (unsigned i = 1; i < MODEL_REGIONS; i++) {
        m->regions[i].begin = m->arena.begin + front + (i - 1) * region_bytes;
    }
    model_verify(m);
}

void model_end(model *m) {
    model_verify_content(m);
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        model_free(m, slot);
    }
    model_verify(m);
    REQUIRE(m, m->survey.used_blocks == 0);
    REQUIRE(m, region_is_guarded(&m->arena));
    tlsf_destroy(m->t);
    free(m->owner);
    region_free(&m->arena);
}
