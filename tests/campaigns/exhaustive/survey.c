/* SPDX-License-Identifier: BSD-3-Clause */
#include "survey.h"

#include "finding.h"
#include "support/class_reference.h"

/* ---- the walk ----------------------------------------------------------------------- */

typedef struct {
    survey *s;
    const world_pool *pool;
    size_t expected;       /* where the next payload has to begin */
    bool is_previous_free; /* the block before it in its pool is free */
} walk_state;

static void see_block(void *ptr, size_t size, int used, void *user) {
    walk_state *walk = user;
    survey *s = walk->s;
    const size_t begin = (size_t)((const uint8_t *)ptr - arena);
    const size_t outer = size + tlsf_alloc_overhead();
    REQUIRE(begin == walk->expected);
    REQUIRE(used == 0 || used == 1);
    REQUIRE(outer % tlsf_align_size() == 0);
    REQUIRE(outer >= tlsf_block_size_min() + tlsf_alloc_overhead());
    REQUIRE(begin - walk->pool->first + outer <= walk->pool->outer);
    REQUIRE(used || !walk->is_previous_free);
    REQUIRE(s->count < SURVEY_MAX);
    s->blocks[s->count++] = (surveyed_block){(uint16_t)begin, (uint16_t)outer, used};
    if (!used) {
        s->free_count++;
        s->largest_free = outer > s->largest_free ? outer : s->largest_free;
    }
    walk->is_previous_free = !used;
    walk->expected = begin + outer;
}

void survey_take(survey *s) {
    s->count = 0;
    s->free_count = 0;
    s->largest_free = 0;
    for (unsigned i = 0; i < pool_count; i++) {
        if (pool_is_attached(i)) {
            walk_state walk = {s, &pools[i], pools[i].first, false};
            tlsf_walk_pool(pools[i].pool, see_block, &walk);
            REQUIRE(walk.expected == pools[i].first + pools[i].outer);
        }
    }
}

/* ---- neighbours --------------------------------------------------------------------- */

const surveyed_block *survey_find(const survey *s, size_t begin) {
    unsigned i = 0;
    while (i < s->count && s->blocks[i].begin != begin) {
        i++;
    }
    return i < s->count ? &s->blocks[i] : NULL;
}

/* Returns whether the next block of the survey follows b directly in the same pool. */
static bool is_followed(const survey *s, const surveyed_block *b) {
    return b + 1 < s->blocks + s->count && b[1].begin == b->begin + b->outer &&
           world_pool_at(b[1].begin) == world_pool_at(b->begin);
}

size_t survey_free_after(const survey *s, const surveyed_block *b) {
    return is_followed(s, b) && !b[1].used ? b[1].outer : 0;
}

size_t survey_free_before(const survey *s, const surveyed_block *b) {
    return b != s->blocks && is_followed(s, b - 1) && !b[-1].used ? b[-1].outer : 0;
}

/* ---- the contract of requests ------------------------------------------------------- */

static const uint64_t per_octave = UINT64_C(1) << TLSF_SL_BITS;

static size_t smallest_outer(void) { return tlsf_block_size_min() + tlsf_alloc_overhead(); }

size_t outer_needed(size_t bytes) {
    if (bytes > ARENA_MAX) {
        return SIZE_MAX;
    }
    const size_t granule = tlsf_align_size();
    const size_t outer = (bytes + tlsf_alloc_overhead() + granule - 1) / granule * granule;
    return outer < smallest_outer() ? smallest_outer() : outer;
}

static uint64_t class_of(size_t outer) {
    return reference_floor(outer / tlsf_align_size(), per_octave);
}

/* Returns whether every block in the class of `outer` is large enough for `need`. */
static bool class_serves(size_t outer, size_t need) {
    return class_of(outer) >= reference_ceil(need / tlsf_align_size(), per_octave);
}

static unsigned class_population(const survey *s, uint64_t class) {
    unsigned population = 0;
    for (unsigned i = 0; i < s->count; i++) {
        population += !s->blocks[i].used && class_of(s->blocks[i].outer) == class;
    }
    return population;
}

static bool is_met(const survey *s, const surveyed_block *b, size_t need) {
    return !b->used && b->outer >= need &&
           (class_serves(b->outer, need) ||
            class_population(s, class_of(b->outer)) <= TLSF_LOOK_AHEAD);
}

bool survey_must_serve(const survey *s, size_t bytes) {
    const size_t need = outer_needed(bytes);
    unsigned i = 0;
    while (i < s->count && !is_met(s, &s->blocks[i], need)) {
        i++;
    }
    return i < s->count;
}

bool align_is_power_of_two(size_t align) { return (align & (align - 1)) == 0; }

bool survey_must_serve_aligned(const survey *s, size_t align, size_t bytes) {
    if (!align_is_power_of_two(align) || align > ARENA_MAX || bytes > ARENA_MAX) {
        return false;
    }
    if (align <= tlsf_align_size()) {
        return survey_must_serve(s, bytes);
    }
    const size_t least = bytes < tlsf_block_size_min() ? tlsf_block_size_min() : bytes;
    return survey_must_serve(s, least + align + tlsf_block_size_min() + tlsf_alloc_overhead());
}

bool survey_can_serve(const survey *s, size_t bytes) {
    return outer_needed(bytes) <= s->largest_free;
}

void survey_check_largest(const survey *s, size_t largest) {
    const size_t outer = largest + tlsf_alloc_overhead();
    if (s->free_count == 0) {
        REQUIRE(largest == 0);
        return;
    }
    REQUIRE(largest != 0 && outer <= s->largest_free);
    REQUIRE(!class_serves(s->largest_free, outer + tlsf_align_size()));
    REQUIRE(outer == s->largest_free ||
            class_population(s, class_of(s->largest_free)) > TLSF_LOOK_AHEAD);
}
