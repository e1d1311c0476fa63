/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The world: a tiny heap in an arena that never moves, and what a correct caller knows of it. The
 * two together are the whole state.
 *
 * world_normalise makes a state canonical. It overwrites what cannot matter:
 *   - the counts of calls. The live blocks give their difference. The counts begin just below
 *     SIZE_MAX, so that they wrap;
 *   - the peak. It becomes the larger of the used bytes and half of the pools, so that some
 *     requests raise it and some do not;
 *   - the previous link of the null block, which the library writes and never reads;
 *   - the dead bytes of free blocks, between links and footer. Nobody uses them. At hardening 3 the
 *     library fills and checks them: then they stay.
 * It writes these values into the arena, rather than leave them out of a comparison. So two equal
 * canonical states have the same bytes at the same addresses, with the caller's knowledge. The
 * library has no other state: it has no variables, which tests/run checks in its objects. The
 * operations and their requirements are functions of those bytes. So equal canonical states have
 * equal futures, whatever the library does.
 *
 * One thing is given up: the dead bytes are those of the scope, not those of the sequence. So each
 * kind of content has scopes of its own. Old headers in dead bytes matter for double frees: their
 * words stay (scope.exact), or keep the one bit that marks the header of a free block.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "scope.h"
#include "tlsf.h"

enum { ARENA_MAX = 32768, ARENA_ALIGN = 4096, LIVE_MAX = 64 };

/* Offsets and sizes are bytes of the arena. */
typedef struct {
    uint16_t begin; /* of the payload */
    uint16_t outer;
    uint16_t usable;
} live_block;

/* What the caller knows. Everything unused is zero, so that its bytes can be compared. */
typedef struct {
    /* For each pool, bit i: a freed block began i granules above the first payload. */
    uint64_t ghosts[POOLS_MAX][POOL_GRANULES_MAX / 64];
    live_block live[LIVE_MAX]; /* in address order */
    uint16_t live_count;
    uint16_t attached; /* bit i: pool i belongs to the heap */
    uint32_t unused;
} knowledge;

/* Constants of a run. */
typedef struct {
    size_t region_begin, region_bytes; /* the region that the heap got; for the first
                                          pool, from its descriptor on */
    size_t first;                      /* payload of the first block */
    size_t outer;                      /* of all blocks together */
    pool_t pool;
} world_pool;

extern uint8_t arena[ARENA_MAX];
extern size_t arena_bytes;
extern struct tlsf_control *heap;
extern knowledge known;
extern world_pool pools[POOLS_MAX];
extern unsigned pool_count;
extern uint8_t pattern[ARENA_MAX]; /* live blocks contain the bytes at their offset */

/* Makes the heap of the scope, all free. */
void world_make(const scope *s);

size_t world_bytes(void); /* size of a saved state */
void world_save(uint8_t *state);
void world_load(const uint8_t *state);

/* Makes the state canonical. */
void world_normalise(const scope *s);

/* Returns whether the bytes outside of control structure and pools are unchanged. */
bool world_is_guarded(void);

static inline void *world_address(size_t offset) { return arena + offset; }

static inline bool pool_is_attached(unsigned i) { return (known.attached >> i & 1u) != 0; }

/* Returns whether a ghost begins this many granules above the pool's first payload. */
static inline bool ghost_is_at(unsigned pool, size_t granule) {
    return (known.ghosts[pool][granule / 64] >> granule % 64 & 1u) != 0;
}

/* Returns the number of the pool that the offset lies in, or pool_count if it lies in none. */
unsigned world_pool_at(size_t offset);

/* Add the region of a pool to the heap again, or remove the pool. Return whether that succeeded. */
bool world_attach(unsigned i);
bool world_detach(unsigned i);

#endif
