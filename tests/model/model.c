/* SPDX-License-Identifier: BSD-3-Clause */
#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outer.h"

enum { GIVEN_BACK = 0xEE }; /* the content of regions that are not part of the heap */

void model_fail(const model *m, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "model: step %zu, %s: ", m->step, m->doing == NULL ? "none" : m->doing);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    abort();
}

/* ---- sizes -------------------------------------------------------------------------- */

static size_t outer_smallest(void) { return tlsf_block_size_min() + tlsf_alloc_overhead(); }

/* Granules of the outer size that a request needs. SIZE_MAX: no block can hold it. */
static size_t granules_needed(size_t bytes) {
    const size_t granule = tlsf_align_size();
    if (bytes > tlsf_block_size_max()) {
        return SIZE_MAX;
    }
    const size_t outer = (bytes + tlsf_alloc_overhead() + granule - 1) / granule * granule;
    return (outer < outer_smallest() ? outer_smallest() : outer) / granule;
}

/* The size that the interface requests from the core when the caller requests `size`. */
static size_t core_request(const model *m, size_t size) {
    const size_t extra = m->calls->request_extra;
    return size > SIZE_MAX - extra ? SIZE_MAX : size + extra;
}

static size_t bytes_of(const model *m, size_t granules) { return granules * m->seen.granule; }

static bool align_is_valid(size_t align) { return (align & (align - 1)) == 0; }

static bool is_multiple(const void *ptr, size_t align) {
    return align == 0 || (uintptr_t)ptr % align == 0;
}

/* Whether all `bytes` bytes are `fill`. */
static bool is_filled(const uint8_t *begin, size_t bytes, uint8_t fill) {
    return bytes == 0 || (begin[0] == fill && memcmp(begin, begin + 1, bytes - 1) == 0);
}

static void verify_fill(const model *m, const uint8_t *begin, size_t bytes, uint8_t fill) {
    for (size_t i = 0; !is_filled(begin, bytes, fill) && i < bytes; i++) {
        if (begin[i] != fill) {
            model_fail(m, "byte %zu of %zu at %p is %#x instead of %#x", i, bytes,
                       (const void *)begin, (unsigned)begin[i], (unsigned)fill);
        }
    }
}

/* ---- a walk over all pools, against the picture ------------------------------------- */

typedef struct {
    model *m;
    size_t expected; /* place of the next block */
} walk_state;

static void verify_used_block(const model *m, size_t place, uint8_t *ptr) {
    const unsigned owner = m->seen.owners[place];
    REQUIRE(m, owner != SHADOW_FREE && owner != SHADOW_WALL);
    const model_block *b = &m->blocks[owner - 1];
    REQUIRE(m, b->begin == ptr);
    REQUIRE(m, tlsf_block_size(ptr) == b->reported);
    REQUIRE(m, b->usable == 0 || (ptr[0] == b->fill && ptr[b->usable - 1] == b->fill));
}

static void verify_block(void *ptr, size_t size, int used, void *user) {
    walk_state *walk = user;
    const model *m = walk->m;
    const size_t place = walk->expected;
    const size_t outer = bytes_of(m, m->seen.sizes[place]);
    model_survey *survey = &walk->m->survey;
    REQUIRE(m, used == 0 || used == 1);
    REQUIRE(m, ptr == shadow_address(&m->seen, place));
    REQUIRE(m, size + tlsf_alloc_overhead() == outer);
    if (used) {
        verify_used_block(m, place, ptr);
        survey->used_blocks++;
        survey->used_bytes += outer;
    } else {
        REQUIRE(m, m->seen.owners[place] == SHADOW_FREE);
        survey->free_blocks++;
        survey->largest_free = outer > survey->largest_free ? outer : survey->largest_free;
    }
    survey->pool_bytes += outer;
    walk->expected = shadow_next(&m->seen, place);
}

static void walk_pools(model *m) {
    const model_survey nothing = {0, 0, 0, 0, 0};
    m->survey = nothing;
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        if (m->regions[i].pool != NULL) {
            walk_state walk = {m, m->regions[i].first};
            tlsf_walk_pool(m->regions[i].pool, verify_block, &walk);
            REQUIRE(m, m->seen.owners[walk.expected] == SHADOW_WALL);
        }
    }
    REQUIRE(m, m->survey.free_blocks == m->seen.free_blocks);
    REQUIRE(m, m->survey.used_blocks == m->seen.used_blocks);
    REQUIRE(m, m->survey.pool_bytes == bytes_of(m, m->seen.total));
    REQUIRE(m, m->survey.used_bytes == bytes_of(m, m->seen.used));
    REQUIRE(m, m->survey.largest_free == bytes_of(m, shadow_largest(&m->seen)));
}

/* ---- verification ------------------------------------------------------------------- */

/* The result of tlsf_largest is the size of a free block, in the highest class that has one. */
static void verify_largest(const model *m) {
    const size_t largest = tlsf_largest(m->t);
    const size_t granules = granules_needed(largest);
    REQUIRE(m, (largest == 0) == (m->seen.free_blocks == 0));
    if (largest != 0) {
        REQUIRE(m, bytes_of(m, granules) == largest + tlsf_alloc_overhead());
        REQUIRE(m, granules < m->seen.granules && m->seen.of_size[granules] != 0);
        REQUIRE(m, shadow_floor(granules) == shadow_class_highest(&m->seen));
    }
}

static void verify_statistics(const model *m) {
    const size_t kept = TLSF_STATISTICS ? 1 : 0;
    const size_t total = bytes_of(m, m->seen.total);
    tlsf_stats_t stats;
    REQUIRE(m, tlsf_stats(m->t, &stats) == TLSF_STATISTICS);
    REQUIRE(m, stats.pool_bytes == total);
    REQUIRE(m, stats.largest == tlsf_largest(m->t));
    REQUIRE(m, m->used == bytes_of(m, m->seen.used));
    REQUIRE(m, m->allocations - m->frees == m->seen.used_blocks);
    REQUIRE(m, stats.used_bytes == kept * m->used);
    REQUIRE(m, stats.peak_bytes == kept * m->peak);
    REQUIRE(m, stats.free_bytes == kept * (total - m->used));
    REQUIRE(m, stats.live_blocks == kept * m->seen.used_blocks);
    REQUIRE(m, stats.allocations == kept * m->allocations);
    REQUIRE(m, stats.frees == kept * m->frees);
    REQUIRE(m, stats.failures == kept * m->failures);
}

void model_verify_counts(const model *m) {
    verify_largest(m);
    verify_statistics(m);
}

void model_verify(model *m) {
    const int broken = tlsf_check(m->t);
    if (broken != TLSF_SOUND) {
        model_fail(m, "tlsf_check returns %d: %s", broken, tlsf_invariant_name(broken));
    }
    walk_pools(m);
    model_verify_counts(m);
}

void model_verify_content(const model *m) {
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        const model_block *b = &m->blocks[slot];
        if (b->begin != NULL) {
            verify_fill(m, b->begin, b->usable, b->fill);
        }
    }
    for (unsigned i = 1; i < MODEL_REGIONS; i++) {
        const model_region *r = &m->regions[i];
        const size_t below =
            r->pool == NULL ? m->shape.region_bytes : (size_t)(r->given - r->begin);
        verify_fill(m, r->begin, below, GIVEN_BACK);
        if (r->pool != NULL) {
            verify_fill(m, r->end, (size_t)(r->begin + m->shape.region_bytes - r->end), GIVEN_BACK);
        }
    }
    REQUIRE(m, region_is_guarded(&m->arena));
}

/* ---- bookkeeping -------------------------------------------------------------------- */

static void account_used(model *m, size_t more, size_t less) {
    m->used = m->used + more - less;
    m->peak = m->used > m->peak ? m->used : m->peak;
}

static size_t outer_in_slot(const model *m, unsigned slot) {
    return bytes_of(m, m->seen.sizes[shadow_place(&m->seen, m->blocks[slot].begin)]);
}

/* Records that `slot` has the block at `ptr` for `size` bytes, and fills the block. */
static void place_block(model *m, unsigned slot, uint8_t *ptr, size_t size) {
    model_block *b = &m->blocks[slot];
    const size_t asked = core_request(m, size);
    const size_t place = shadow_place(&m->seen, ptr);
    shadow_allocate(&m->seen, place, granules_needed(asked), (uint16_t)(slot + 1));
    b->begin = ptr;
    b->reported =
        TLSF_HARDENING >= 3 ? asked : bytes_of(m, m->seen.sizes[place]) - tlsf_alloc_overhead();
    b->usable = m->calls->request_extra == 0 ? b->reported : size;
    b->fill = m->next_fill++;
    REQUIRE(m, tlsf_block_size(ptr) == b->reported);
    memset(ptr, b->fill, b->usable);
}

static void displace_block(model *m, unsigned slot) {
    shadow_release(&m->seen, shadow_place(&m->seen, m->blocks[slot].begin));
    m->blocks[slot].begin = NULL;
}

/* ---- which requests are served ------------------------------------------------------ */

static size_t pool_count(const model *m) {
    size_t count = 0;
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        count += m->regions[i].pool != NULL;
    }
    return count;
}

/* "How much memory a program needs" in tlsf.h: either one free block is large enough, or all free
 * blocks together are. */
static bool memory_suffices(model *m, size_t need) {
    const uint64_t classes = UINT64_C(1) << TLSF_SL_BITS;
    const uint64_t enough = need * (classes + 1);
    const uint64_t free_blocks_max = m->seen.used_blocks + pool_count(m);
    return shadow_largest(&m->seen) * classes >= enough ||
           (m->seen.total - m->seen.used) * classes >= free_blocks_max * enough;
}

/* Whether the core must serve a request. */
static bool must_serve(model *m, size_t asked) {
    const size_t need = granules_needed(asked);
    return m->seen.free_blocks != 0 && need != SIZE_MAX &&
           (asked <= tlsf_largest(m->t) || memory_suffices(m, need) ||
            shadow_class_from(&m->seen, shadow_ceil(need)) != SHADOW_NO_CLASS);
}

/* If malloc must serve this size, memalign must serve the request. SIZE_MAX: no size promises
 * that. */
static size_t promised_for_align(size_t align, size_t asked) {
    if (align <= tlsf_align_size()) {
        return asked;
    }
    const size_t least = asked < tlsf_block_size_min() ? tlsf_block_size_min() : asked;
    const size_t more = tlsf_block_size_min() + tlsf_alloc_overhead();
    return align > tlsf_block_size_max() || least > tlsf_block_size_max() ||
                   align + more > tlsf_block_size_max() - least
               ? SIZE_MAX
               : least + align + more;
}

static bool must_serve_aligned(model *m, size_t align, size_t size) {
    return align_is_valid(align) && must_serve(m, promised_for_align(align, core_request(m, size)));
}

/* Whether a size has a class of its own. */
static bool is_small(size_t granules) { return granules < (size_t)2 << TLSF_SL_BITS; }

/* Whether a request for `need` may be cut from the free block at `begin`, whatever its class: a
 * small one, from what the last small one left over. What an alignment adds is not counted. */
static bool may_be_cut(const model *m, size_t begin, size_t need) {
    return TLSF_PENDING && is_small(need) && m->rest != 0 &&
           shadow_find(&m->seen, m->rest) == begin;
}

/* The free block around the new one had room for it. Its class is not higher than the lowest class
 * in which the search must find a block. */
static void require_good_fit(const model *m, const void *ptr, size_t align, size_t asked) {
    const size_t place = shadow_place(&m->seen, ptr);
    const size_t begin = shadow_find(&m->seen, place);
    const size_t promised = granules_needed(promised_for_align(align, asked));
    const size_t need = granules_needed(asked);
    REQUIRE(m, need != SIZE_MAX && shadow_fit(&m->seen, place, need) != 0);
    REQUIRE(m, align > tlsf_align_size() || place == begin);
    if (promised != SIZE_MAX && !may_be_cut(m, begin, need)) {
        REQUIRE(m, shadow_floor(m->seen.sizes[begin]) <=
                       shadow_class_from(&m->seen, shadow_ceil(promised)));
    }
}

/* Every block that a request returns lies in the arena and is aligned. */
static void require_place(const model *m, const uint8_t *ptr, size_t align) {
    REQUIRE(m, ptr >= m->arena.begin && ptr < m->arena.begin + m->arena.bytes);
    REQUIRE(m, is_multiple(ptr, align) && is_multiple(ptr, tlsf_align_size()));
    REQUIRE(m, align_is_valid(align));
}

/* Notes what the request for the block at `place` left over behind it. */
static void account_rest(model *m, size_t place, size_t align, size_t need) {
    const size_t behind = place + m->seen.sizes[place];
    if (shadow_free_size(&m->seen, behind) != 0) {
        m->rest = align <= tlsf_align_size() && is_small(need) ? behind : 0;
    }
}

/* Records what a request for a new block returned. */
static void account_new(model *m, unsigned slot, uint8_t *ptr, size_t align, size_t size) {
    require_place(m, ptr, align);
    require_good_fit(m, ptr, align, core_request(m, size));
    place_block(m, slot, ptr, size);
    account_rest(m, shadow_place(&m->seen, ptr), align, granules_needed(core_request(m, size)));
    account_used(m, outer_in_slot(m, slot), 0);
    m->allocations++;
    m->served++;
}

static void account_result(model *m, unsigned slot, uint8_t *ptr, size_t align, size_t size,
                           bool must) {
    if (ptr == NULL) {
        REQUIRE(m, !must);
        m->failures++;
        return;
    }
    account_new(m, slot, ptr, align, size);
}

/* ---- requests ----------------------------------------------------------------------- */

void model_malloc(model *m, unsigned slot, size_t size) {
    const bool must = must_serve(m, core_request(m, size));
    account_result(m, slot, m->calls->malloc(m, size), 0, size, must);
}

void model_calloc(model *m, unsigned slot, size_t count, size_t size) {
    const bool overflows = size != 0 && count > SIZE_MAX / size;
    const size_t bytes = overflows ? SIZE_MAX : count * size;
    const bool must = must_serve(m, core_request(m, bytes));
    uint8_t *ptr = m->calls->calloc(m, count, size);
    REQUIRE(m, ptr == NULL || !overflows);
    if (ptr != NULL) {
        require_place(m, ptr, 0);
        require_good_fit(m, ptr, 0, core_request(m, bytes));
        verify_fill(m, ptr, bytes, 0);
    }
    account_result(m, slot, ptr, 0, bytes, must);
}

void model_memalign(model *m, unsigned slot, size_t align, size_t size) {
    const bool must = must_serve_aligned(m, align, size);
    account_result(m, slot, m->calls->memalign(m, align, size), align, size, must);
}

/* Records that the block of `slot` was freed. */
static void account_free(model *m, unsigned slot) {
    account_used(m, 0, outer_in_slot(m, slot));
    m->frees++;
    displace_block(m, slot);
}

void model_free(model *m, unsigned slot) {
    const model_block *b = &m->blocks[slot];
    if (b->begin == NULL) {
        m->calls->free(m, NULL);
        return;
    }
    REQUIRE(m, tlsf_block_size(b->begin) == b->reported);
    verify_fill(m, b->begin, b->usable, b->fill);
    m->calls->free(m, b->begin);
    account_free(m, slot);
}

size_t model_largest(const model *m) {
    const size_t largest = tlsf_largest(m->t);
    return largest > m->calls->request_extra ? largest - m->calls->request_extra : 0;
}

/* ---- realloc ------------------------------------------------------------------------ */

typedef enum { PLAIN, ALIGNED } realloc_form;

static void *call_realloc(model *m, realloc_form form, void *ptr, size_t align, size_t size) {
    return form == PLAIN ? m->calls->realloc(m, ptr, size)
                         : m->calls->realloc_aligned(m, ptr, align, size);
}

/* A live block and its free neighbours on both sides. */
typedef struct {
    size_t place, size;
    size_t before;      /* place of the block before it */
    size_t before_free; /* size of that block if it is free, or 0 */
    size_t room;        /* `size` plus the free block behind it */
} surroundings;

static surroundings surroundings_of(const model *m, const void *ptr) {
    const shadow *s = &m->seen;
    surroundings around = {.place = shadow_place(s, ptr)};
    around.size = s->sizes[around.place];
    around.before = shadow_find(s, around.place - 1);
    around.before_free = shadow_free_size(s, around.before);
    around.room = around.size + shadow_free_size(s, around.place + around.size);
    return around;
}

/* Whether the block slid into the free block before it. Otherwise realloc moved it there. If that
 * free block alone was large enough, only the count of allocations shows the difference. Without
 * statistics, the size shows it where it matters. */
static bool has_slid(const model *m, const surroundings *around, const void *ptr, size_t need) {
    const size_t slid = shadow_cut(&m->seen, around->before_free + around->room, need);
    tlsf_stats_t stats;
    if (shadow_place(&m->seen, ptr) != around->before || around->before_free == 0) {
        return false;
    }
    if (around->before_free < need) {
        return true;
    }
    return tlsf_stats(m->t, &stats) ? stats.allocations == m->allocations
                                    : model_outer_of(ptr) == bytes_of(m, slid);
}

/* While a moving block is copied, both places are in use. */
static void account_move(model *m, unsigned slot, uint8_t *ptr, size_t align, size_t size) {
    const size_t place = shadow_place(&m->seen, m->blocks[slot].begin);
    const size_t before = outer_in_slot(m, slot);
    account_new(m, slot, ptr, align, size);
    shadow_release(&m->seen, place);
    account_used(m, 0, before);
    m->frees++;
}

static void account_resize(model *m, unsigned slot, uint8_t *ptr, size_t size) {
    const size_t before = outer_in_slot(m, slot);
    displace_block(m, slot);
    place_block(m, slot, ptr, size);
    account_used(m, outer_in_slot(m, slot), before);
}

/* A slide that copies later has one block from the begin of the new place to the end of the old
 * one, or of the new one. A rest of the room that is no block belongs to it. */
static void account_slide(model *m, const surroundings *around, size_t need) {
    const size_t room = around->before_free + around->room;
    const size_t joined = around->before_free + around->size;
    size_t both = need > joined ? need : joined;
    both = shadow_cut(&m->seen, room, both);
    if (m->calls->copies_later) {
        account_used(m, bytes_of(m, both), bytes_of(m, around->size));
        account_used(m, bytes_of(m, around->size), bytes_of(m, both));
    }
}

/* Changes the size of the live block in `slot`. `size` is not 0. */
static void resize(model *m, realloc_form form, unsigned slot, size_t align, size_t size) {
    const model_block old = m->blocks[slot];
    const surroundings around = surroundings_of(m, old.begin);
    const size_t need = granules_needed(core_request(m, size));
    const bool valid = align_is_valid(align);
    const bool stays = valid && is_multiple(old.begin, align) && need <= around.room;
    const bool slides =
        valid && align <= tlsf_align_size() && need <= around.room + around.before_free;
    const bool must = must_serve_aligned(m, align, size);
    uint8_t *ptr = call_realloc(m, form, old.begin, align, size);
    if (ptr == NULL) {
        REQUIRE(m, !stays && !slides && !must);
        m->failures++;
        return;
    }
    require_place(m, ptr, align);
    REQUIRE(m, stays == (ptr == old.begin));
    verify_fill(m, ptr, old.usable < size ? old.usable : size, old.fill);
    if (stays) {
        account_resize(m, slot, ptr, size);
    } else if (slides && has_slid(m, &around, ptr, need)) {
        account_slide(m, &around, need);
        account_resize(m, slot, ptr, size);
        /* Without statistics it may have moved there, and what it left over is a victim. */
        account_rest(m, around.before, align, need);
    } else {
        account_move(m, slot, ptr, align, size);
    }
}

static void reallocate(model *m, realloc_form form, unsigned slot, size_t align, size_t size) {
    uint8_t *begin = m->blocks[slot].begin;
    if (begin == NULL) {
        const bool must = must_serve_aligned(m, align, size);
        account_result(m, slot, call_realloc(m, form, NULL, align, size), align, size, must);
    } else if (size == 0 && align_is_valid(align)) {
        REQUIRE(m, call_realloc(m, form, begin, align, 0) == NULL);
        account_free(m, slot);
    } else {
        resize(m, form, slot, align, size);
    }
}

void model_realloc(model *m, unsigned slot, size_t size) { reallocate(m, PLAIN, slot, 0, size); }

void model_realloc_aligned(model *m, unsigned slot, size_t align, size_t size) {
    reallocate(m, ALIGNED, slot, align, size);
}

/* ---- pools -------------------------------------------------------------------------- */

typedef struct {
    uint8_t *payload;
    size_t outer;
    size_t blocks;
} fresh_pool;

static void see_fresh_block(void *ptr, size_t size, int used, void *user) {
    fresh_pool *seen = user;
    seen->payload = ptr;
    seen->outer = size + tlsf_alloc_overhead();
    seen->blocks += used ? 2 : 1;
}

/* Records a pool that was just made in [begin, end): one free block, as large as fits. */
static void account_pool(model *m, model_region *r, const uint8_t *begin, const uint8_t *end) {
    const size_t granule = m->seen.granule;
    fresh_pool fresh = {NULL, 0, 0};
    tlsf_walk_pool(r->pool, see_fresh_block, &fresh);
    REQUIRE(m, fresh.blocks == 1 && is_multiple(fresh.payload, granule));
    REQUIRE(m, fresh.outer % granule == 0 && fresh.outer >= outer_smallest());
    REQUIRE(m, fresh.payload > begin);
    REQUIRE(m, fresh.payload + fresh.outer <= end);
    REQUIRE(m, (size_t)(end - (fresh.payload + fresh.outer)) < granule);
    REQUIRE(m, (size_t)(fresh.payload - begin) <=
                   tlsf_pool_overhead() + m->calls->region_extra + granule);
    r->first = shadow_place(&m->seen, fresh.payload);
    shadow_add_pool(&m->seen, r->first, fresh.outer / granule);
}

/* Whether the contract refuses the region: it wraps round, or is larger than any plan. */
static bool region_is_impossible(const uint8_t *begin, size_t bytes) {
    const size_t rounding = 4096;
    return (bytes != 0 && bytes - 1 > UINTPTR_MAX - (uintptr_t)begin) ||
           (bytes > rounding && bytes - rounding > tlsf_block_size_max());
}

static bool region_must_do(const model *m, size_t bytes) {
    return bytes <= m->planned && bytes >= tlsf_pool_overhead() + m->calls->region_extra +
                                               outer_smallest() + 2 * tlsf_align_size();
}

size_t model_region_room(const model *m, unsigned number) {
    return number == 0 ? m->regions[0].bytes : m->shape.region_bytes;
}

/* Whether a pool of outer size `size` is refused `more` beside the block at `place`. */
static bool growth_is_refused(const model *m, size_t size, size_t more, size_t place) {
    const size_t granule = m->seen.granule;
    const bool is_too_small = more < outer_smallest() && !shadow_is_free(&m->seen, place);
    return more != 0 &&
           (is_too_small || size + more > (m->planned + tlsf_alloc_overhead()) / granule * granule);
}

static size_t rounded_up(const model *m, const uint8_t *address) {
    return shadow_place(&m->seen, address + m->seen.granule - 1);
}

/* The pool gets the memory [begin, end), which is larger at one end. */
static void grow_pool(model *m, model_region *r, uint8_t *begin, uint8_t *end) {
    const size_t before = rounded_up(m, r->given) - rounded_up(m, begin);
    const size_t wall = shadow_place(&m->seen, r->end);
    const size_t behind = shadow_place(&m->seen, end) - wall;
    const size_t size = bytes_of(m, wall - r->first);
    const size_t beside = before != 0 ? r->first : shadow_find(&m->seen, wall - 1);
    const pool_t pool = m->calls->grow_pool(m, r, begin, end);
    REQUIRE(m, (pool == NULL) == growth_is_refused(m, size, bytes_of(m, before + behind), beside));
    if (pool == NULL) {
        return;
    }
    REQUIRE(m, pool == (before == 0 ? r->pool : shadow_address(&m->seen, rounded_up(m, begin))));
    if (before != 0) {
        shadow_grow_before(&m->seen, r->first, before);
        r->first -= before;
    }
    if (behind != 0) {
        shadow_grow_behind(&m->seen, wall, behind);
    }
    r->pool = pool;
    r->given = begin;
    r->end = end;
}

void model_add_pool(model *m, unsigned number, size_t misalignment, size_t bytes) {
    model_region *r = &m->regions[number];
    const size_t room = model_region_room(m, number);
    if (r->pool != NULL && number != 0 && m->calls->grow_pool != NULL) {
        const size_t above = (size_t)(r->begin + room - r->end);
        const size_t below = (size_t)(r->given - r->begin);
        if (misalignment % 2 == 0) {
            grow_pool(m, r, r->given, r->end + bytes % (above + 1));
        } else {
            grow_pool(m, r, r->given - bytes % (below + 1), r->end);
        }
    }
    if (r->pool != NULL || misalignment > room) {
        return;
    }
    uint8_t *begin = r->begin + misalignment;
    if (region_is_impossible(begin, bytes)) {
        REQUIRE(m, m->calls->add_pool(m, begin, bytes) == NULL);
    } else {
        bytes %= room + 1 - misalignment;
        r->given = begin;
        r->end = begin + bytes;
        r->pool = m->calls->add_pool(m, begin, bytes);
        REQUIRE(m, r->pool != NULL || !region_must_do(m, bytes));
    }
    if (r->pool != NULL) {
        account_pool(m, r, begin, begin + bytes);
        REQUIRE(m, bytes_of(m, m->seen.sizes[r->first]) <= m->planned);
    } else {
        verify_fill(m, r->begin, room, GIVEN_BACK);
    }
}

static bool region_is_empty(const model *m, const model_region *r) {
    return shadow_is_free(&m->seen, r->first) &&
           m->seen.owners[shadow_next(&m->seen, r->first)] == SHADOW_WALL;
}

void model_remove_pool(model *m, unsigned number) {
    model_region *r = &m->regions[number];
    const bool can_go =
        r->pool != NULL && region_is_empty(m, r) && !(number == 0 && m->calls->keeps_first);
    REQUIRE(m, m->calls->remove_pool(m, r) == can_go);
    if (can_go) {
        shadow_remove_pool(&m->seen, r->first);
        r->pool = NULL;
        memset(r->begin, GIVEN_BACK, model_region_room(m, number));
    }
}

static void drop_blocks(model *m) {
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        if (m->blocks[slot].begin != NULL) {
            displace_block(m, slot);
        }
    }
}

void model_reset(model *m) {
    m->calls->reset(m);
    drop_blocks(m);
    m->used = 0;
    m->frees = m->allocations;
}

void model_query(model *m) { m->calls->query(m); }

/* ---- begin and end ------------------------------------------------------------------ */

/* The bytes that the smallest heap takes: the control structure and one smallest block. */
static size_t front_smallest(model *m) {
    size_t bytes = 0;
    while (!m->calls->create(m, m->shape.creation, m->arena.begin, bytes, m->shape.planned)) {
        bytes += tlsf_align_size();
        REQUIRE(m, bytes <= m->front);
    }
    m->calls->destroy(m);
    return bytes;
}

static bool plans_for_all(const model *m) {
    return m->shape.creation == CREATION_WITH_POOL || m->shape.creation == CREATION_EMPTY ||
           m->shape.planned == SIZE_MAX;
}

static void create(model *m) {
    model_region *r = &m->regions[0];
    uint8_t *begin = m->arena.begin;
    const size_t bytes = front_smallest(m) + m->shape.first_bytes;
    REQUIRE(m, bytes <= m->front);
    REQUIRE(m, m->calls->create(m, m->shape.creation, begin, bytes, m->shape.planned));
    const size_t planned = bytes > m->shape.planned ? bytes : m->shape.planned;
    m->planned = plans_for_all(m) ? tlsf_block_size_max() : planned;
    r->pool = tlsf_get_pool(m->t);
    r->begin = begin;
    fresh_pool fresh = {NULL, 0, 0};
    tlsf_walk_pool(r->pool, see_fresh_block, &fresh);
    r->begin = fresh.payload;
    r->bytes = (size_t)(begin + bytes - r->begin);
    account_pool(m, r, r->begin - tlsf_pool_overhead(), begin + bytes);
    model_verify(m);
}

void model_make_shaped(model *m, const model_calls *calls, void *user, const stream_shape *shape) {
    memset(m, 0, sizeof(*m));
    m->calls = calls;
    m->user = user;
    m->shape = *shape;
    m->front = 2 * tlsf_size() + tlsf_pool_overhead() + calls->region_extra + shape->first_bytes +
               outer_smallest() + 2 * tlsf_align_size();
    m->arena = region_make(m->front + (MODEL_REGIONS - 1) * shape->region_bytes,
                           shape->misalignment % REGION_ALIGN);
    memset(m->arena.begin, GIVEN_BACK, m->arena.bytes);
    shadow_make(&m->seen, m->arena.begin, m->arena.bytes, tlsf_align_size(),
                outer_smallest() / tlsf_align_size());
    for (unsigned i = 1; i < MODEL_REGIONS; i++) {
        m->regions[i].begin = m->arena.begin + m->front + (i - 1) * shape->region_bytes;
    }
    create(m);
}

void model_make(model *m, size_t first_bytes, size_t region_bytes, size_t planned) {
    const stream_shape shape = {CREATION_SIZED, 0, first_bytes, region_bytes,
                                planned > region_bytes ? planned : region_bytes};
    model_make_shaped(m, &model_core_calls, NULL, &shape);
}

void model_renew(model *m, stream_creation how) {
    drop_blocks(m);
    m->calls->destroy(m);
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        model_region *r = &m->regions[i];
        if (r->pool != NULL) {
            shadow_remove_pool(&m->seen, r->first);
            r->pool = NULL;
        }
        memset(r->begin, GIVEN_BACK, model_region_room(m, i));
    }
    m->used = m->peak = m->allocations = m->frees = m->failures = 0;
    m->shape.creation = how;
    create(m);
}

void model_end(model *m) {
    model_verify_content(m);
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        model_free(m, slot);
    }
    model_verify(m);
    REQUIRE(m, m->survey.used_blocks == 0);
    REQUIRE(m, region_is_guarded(&m->arena));
    m->calls->destroy(m);
    shadow_end(&m->seen);
    region_free(&m->arena);
}
