/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Places for chunks: a buddy system in which a place divides into four.
 *
 *     level 2   |               16 units                |
 *     level 1   |    4    |    4    |    4    |    4    |
 *     level 0   |1 |1 |1 |1 |
 *
 * A place of level g has 4^g units and begins at a multiple of them. It is split only where no
 * smaller place would do. Four free places that were one are one again at once. The proof of the
 * bound needs both.
 *
 * The map says at a place's first unit what the place is. All other entries are PLACE_NONE. So the
 * place of an address is the first, from level 0 up, whose entry is not.
 */
#ifndef BOUNDED_PLACES_H
#define BOUNDED_PLACES_H

#include "bounded_heap.h"

/* An entry of the map: one of these and the level. */
enum { PLACE_NONE = 0, PLACE_FREE = 0x10, PLACE_CHUNK = 0x20, PLACE_LEVEL = 0x0F };

static inline unsigned char *place_address(const bounded_heap *b, size_t unit) {
    return b->left + (unit << b->unit_shift);
}

/* The handle of the pool in a place. */
static inline pool_t place_pool(const bounded_heap *b, size_t unit) {
    return (pool_t)(void *)place_address(b, unit);
}

static inline size_t place_bytes(const bounded_heap *b, unsigned level) {
    return level_units(level) << b->unit_shift;
}

/* The map's entry for a place. */
static inline unsigned char place_entry(unsigned kind, unsigned level) {
    return (unsigned char)(kind | level);
}

static inline bool place_is(const bounded_heap *b, size_t unit, unsigned kind, unsigned level) {
    return b->map[unit] == place_entry(kind, level);
}

/* ---- lists of free places ----------------------------------------------------------- */

static inline bounded_place *place_at(const bounded_heap *b, size_t unit) {
    return (bounded_place *)(void *)place_address(b, unit);
}

static inline void place_list(bounded_heap *b, size_t unit, unsigned level) {
    bounded_place *place = place_at(b, unit);
    place->next = b->free_places[level];
    place->previous = NULL;
    if (place->next != NULL) {
        place->next->previous = place;
    }
    b->free_places[level] = place;
    b->map[unit] = place_entry(PLACE_FREE, level);
}

static inline void place_unlist(bounded_heap *b, size_t unit, unsigned level) {
    const bounded_place *place = place_at(b, unit);
    if (place->previous != NULL) {
        place->previous->next = place->next;
    } else {
        b->free_places[level] = place->next;
    }
    if (place->next != NULL) {
        place->next->previous = place->previous;
    }
    b->map[unit] = PLACE_NONE;
}

/* ---- take and give back ------------------------------------------------------------- */

/* Adds a free place of the highest level at the end of the places.
 * Returns false if the region has no memory for it. */
static inline bool places_extend(bounded_heap *b) {
    const unsigned level = b->last - 1;
    const size_t units = level_units(level);
    if (b->units - b->taken < units ||
        (size_t)(b->right - place_address(b, b->taken)) < place_bytes(b, level)) {
        return false;
    }
    const size_t unit = b->taken;
    b->taken += units;
    place_list(b, unit, level);
    return true;
}

/* Splits a free place, which is its list's first, down to a level.
 * Returns the first unit of a place of that level, which is in no list. */
static inline size_t place_split(bounded_heap *b, unsigned from, unsigned level) {
    const size_t bytes = (size_t)((unsigned char *)(void *)b->free_places[from] - b->left);
    const size_t unit = bytes >> b->unit_shift;
    place_unlist(b, unit, from);
    while (from > level) {
        from--;
        for (size_t i = 3; i > 0; i--) {
            place_list(b, unit + i * level_units(from), from);
        }
    }
    return unit;
}

/* Takes a place for a chunk of the lane `level`.
 * Returns false if there is none, and the region has no memory for one. */
static inline bool place_take(bounded_heap *b, unsigned level, size_t *unit) {
    unsigned from = level;
    while (from < b->last && b->free_places[from] == NULL) {
        from++;
    }
    if (from == b->last) {
        if (!places_extend(b)) {
            return false;
        }
        from--;
    }
    *unit = place_split(b, from, level);
    b->map[*unit] = place_entry(PLACE_CHUNK, level);
    return true;
}

/* Whether the four parts from this unit on are free. */
static inline bool parts_are_free(const bounded_heap *b, size_t unit, unsigned level) {
    for (size_t i = 0; i < 4; i++) {
        if (!place_is(b, unit + i * level_units(level), PLACE_FREE, level)) {
            return false;
        }
    }
    return true;
}

/* Gives a place back, and joins it with the places that it was split from. */
static inline void place_give(bounded_heap *b, size_t unit, unsigned level) {
    place_list(b, unit, level);
    while (level + 1 < b->last) {
        const size_t first = unit & ~(level_units(level + 1) - 1);
        if (!parts_are_free(b, first, level)) {
            return;
        }
        for (size_t i = 0; i < 4; i++) {
            place_unlist(b, first + i * level_units(level), level);
        }
        unit = first;
        level++;
        place_list(b, unit, level);
    }
}

/* ---- the place of an address -------------------------------------------------------- */

/* Finds the chunk that holds the address.
 * Returns its level, and its first unit in *unit; the last lane's number if it lies in no chunk. */
static inline unsigned place_of(const bounded_heap *b, const void *ptr, size_t *unit) {
    const size_t offset = (uintptr_t)ptr - (uintptr_t)b->left;
    const size_t at = offset >> b->unit_shift;
    if ((uintptr_t)ptr < (uintptr_t)b->left || at >= b->taken) {
        return b->last;
    }
    unsigned coarse = 0;
    while (b->map[at & ~(level_units(coarse) - 1)] == PLACE_NONE) {
        coarse++;
    }
    *unit = at & ~(level_units(coarse) - 1);
    const unsigned level = b->map[*unit] & PLACE_LEVEL;
    return place_is(b, *unit, PLACE_CHUNK, level) ? level : b->last;
}

#endif
