/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check of a bounded heap: its invariants, and the premises of the proof of its bound.
 */
#include "bounded_places.h"

/* ---- plan and lanes ----------------------------------------------------------------- */

static bool plan_holds(const bounded_heap *b) {
    if (b->last >= LANES_MAX) {
        return false;
    }
    for (unsigned g = 0; g <= b->last; g++) {
        const bounded_lane *lane = &b->lanes[g];
        const size_t largest = lane->largest + tlsf_alloc_overhead();
        if (lane->smallest > largest || largest > 4 * lane->smallest ||
            (g > 0 && lane->smallest <= b->lanes[g - 1].largest + tlsf_alloc_overhead())) {
            return false;
        }
    }
    return b->taken <= b->units && b->left <= b->right && b->right <= b->end &&
           place_address(b, b->taken) <= b->right && (b->last_pool == NULL) == (b->right == b->end);
}

static bool lanes_hold(const bounded_heap *b) {
    for (unsigned g = 0; g <= b->last; g++) {
        if (tlsf_check(b->lanes[g].heap) != TLSF_SOUND) {
            return false;
        }
    }
    return true;
}

/* ---- places ------------------------------------------------------------------------- */

/* Whether an entry of the map says that a place begins there. */
static bool entry_is_place(const bounded_heap *b, size_t unit) {
    const unsigned level = b->map[unit] & PLACE_LEVEL;
    return (place_is(b, unit, PLACE_FREE, level) || place_is(b, unit, PLACE_CHUNK, level)) &&
           level < b->last && (unit & (level_units(level) - 1)) == 0 &&
           level_units(level) <= b->taken - unit;
}

static unsigned level_at(const bounded_heap *b, size_t unit) { return b->map[unit] & PLACE_LEVEL; }

/* Places fill the units that are taken; all other entries are empty. */
static bool places_fill(const bounded_heap *b) {
    size_t begin = 0; /* of the next place */
    for (size_t unit = 0; unit < b->units; unit++) {
        if (unit == begin && unit < b->taken) {
            if (!entry_is_place(b, unit)) {
                return false;
            }
            begin += level_units(level_at(b, unit));
        } else if (b->map[unit] != PLACE_NONE) {
            return false;
        }
    }
    return begin == b->taken;
}

static size_t free_places_in_map(const bounded_heap *b, unsigned level) {
    size_t count = 0;
    for (size_t unit = 0; unit < b->taken; unit++) {
        count += place_is(b, unit, PLACE_FREE, level) ? 1U : 0U;
    }
    return count;
}

/* Whether the list of a level has this many places, each a free one. */
static bool free_list_holds(const bounded_heap *b, unsigned level, size_t count) {
    const bounded_place *previous = NULL;
    for (const bounded_place *place = b->free_places[level]; place != NULL; place = place->next) {
        const size_t offset = (uintptr_t)place - (uintptr_t)b->left;
        if (count == 0 || place->previous != previous ||
            !place_is(b, offset >> b->unit_shift, PLACE_FREE, level)) {
            return false;
        }
        count--;
        previous = place;
    }
    return count == 0;
}

/* Whether four free places wait to be one. */
static bool four_are_apart(const bounded_heap *b, unsigned level) {
    for (size_t unit = 0; level + 1 < b->last && unit < b->taken; unit += level_units(level + 1)) {
        if (parts_are_free(b, unit, level)) {
            return true;
        }
    }
    return false;
}

static bool free_places_hold(const bounded_heap *b) {
    for (unsigned level = 0; level < b->last; level++) {
        if (!free_list_holds(b, level, free_places_in_map(b, level)) || four_are_apart(b, level)) {
            return false;
        }
    }
    return true;
}

/* ---- chunks and blocks -------------------------------------------------------------- */

typedef struct {
    const bounded_lane *lane;
    size_t blocks;
    size_t charge;
} live_count;

static void live_add(void *ptr, size_t size, int used, void *user) {
    live_count *count = (live_count *)user;
    (void)size;
    if (used) {
        count->blocks++;
        count->charge += block_charge(count->lane, ptr);
    }
}

/* Counts the live blocks of all chunks. Returns false if one has none, or is no pool. */
static bool chunks_hold(const bounded_heap *b, size_t *blocks, size_t *charge) {
    for (size_t unit = 0; unit < b->taken; unit += level_units(level_at(b, unit))) {
        const unsigned level = level_at(b, unit);
        live_count count = {&b->lanes[level], 0, 0};
        if (!place_is(b, unit, PLACE_CHUNK, level)) {
            continue;
        }
        if (tlsf_owner(count.lane->heap, place_address(b, unit)) != place_pool(b, unit)) {
            return false;
        }
        tlsf_walk_blocks(place_pool(b, unit), live_add, &count);
        if (count.blocks == 0) {
            return false;
        }
        *blocks += count.blocks;
        *charge += count.charge;
    }
    return true;
}

int tlsf_bounded_check(tlsf_bounded_t t) {
    const bounded_heap *b = bounded_of(t);
    size_t blocks = 0, charge = 0;
    if (!plan_holds(b)) {
        return TLSF_BOUNDED_BROKEN_PLAN;
    }
    if (!lanes_hold(b)) {
        return TLSF_BOUNDED_BROKEN_LANE;
    }
    if (!places_fill(b)) {
        return TLSF_BOUNDED_BROKEN_PLACES;
    }
    if (!free_places_hold(b)) {
        return TLSF_BOUNDED_BROKEN_FREE_PLACES;
    }
    if (!chunks_hold(b, &blocks, &charge)) {
        return TLSF_BOUNDED_BROKEN_CHUNK;
    }
    live_count last = {&b->lanes[b->last], 0, 0};
    tlsf_walk_blocks(b->last_pool, live_add, &last);
    const bool is_counted = blocks + last.blocks == b->live_blocks &&
                            charge + last.charge == b->used && b->used <= b->peak;
    return is_counted ? TLSF_BOUNDED_SOUND : TLSF_BOUNDED_BROKEN_LIVE;
}

const char *tlsf_bounded_invariant_name(int invariant) {
    static const char *const names[] = {"sound",       "plan",  "lane", "places",
                                        "free places", "chunk", "live"};
    const bool is_known = invariant >= 0 && invariant < (int)(sizeof names / sizeof names[0]);
    return is_known ? names[invariant] : "unknown";
}
