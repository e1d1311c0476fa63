/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The world: a tiny heap in an arena that never moves, and what a correct caller knows of it. The
 * two together are the whole state.
 *
 * A state is canonical when world_normalise has been there. It writes what cannot matter:
 *   - the counts of calls: the live blocks stand for their difference, and the sums begin just
 *     below the end of a size_t, so that they wrap;
 *   - the peak: the larger of what is in use and half of the pools, so that some requests raise
 *     it and some do not;
 *   - the null block's previous link, which control.h calls garbage;
 *   - the dead bytes of free blocks, between links and footer, which are nobody's (at hardening 3
 *     the library fills them itself, and looks at them: they stay).
 * These are written into the arena, not left out of a comparison: two equal canonical states are
 * the same bytes at the same addresses, caller's knowledge included. The library has no other
 * state (it has no variables, which tests/run checks of its objects), the operations that are
 * tried and all that is required of them are functions of those bytes, and so equal canonical
 * states have equal futures, whatever the library does. What is given up is only this: the dead
 * bytes are those of the scope, not those of the sequence. So each kind of content has its scopes,
 * and where old headers in dead bytes matter, for double frees, the words in which they stood
 * stay (scope.exact), or keep the one bit by which a free block's header is known.
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
    /* Of each pool, bit i: what was freed began i granules above the first payload. */
    uint64_t ghosts[POOLS_MAX][POOL_GRANULES_MAX / 64];
    live_block live[LIVE_MAX]; /* by address */
    uint16_t live_count;
    uint16_t attached; /* bit i: pool i belongs to the heap */
    uint32_t unused;
} knowledge;

/* Constants of a run. */
typedef struct {
    size_t region_begin, region_bytes; /* what the heap was given; of the first pool, from its
                                          descriptor on */
    size_t first;                      /* payload of the first block */
    size_t outer;                      /* of all blocks */
    pool_t pool;
} world_pool;

extern uint8_t arena[ARENA_MAX];
extern size_t arena_bytes;
extern tlsf_t heap;
extern knowledge known;
extern world_pool pools[POOLS_MAX];
extern unsigned pool_count;
extern uint8_t pattern[ARENA_MAX]; /* live blocks hold what lies at their place here */

/* Makes the heap of the scope, all free. */
void world_make(const scope *s);

size_t world_bytes(void); /* of a saved state */
void world_save(uint8_t *state);
void world_load(const uint8_t *state);

/* Makes the state canonical. */
void world_normalise(const scope *s);

/* Whether the bytes outside of control structure and pools are as they were made. */
bool world_is_guarded(void);

static inline void *world_address(size_t offset) { return arena + offset; }

static inline bool pool_is_attached(unsigned i) { return (known.attached >> i & 1u) != 0; }

/* Whether the place so many granules above a pool's first payload is a ghost's. */
static inline bool ghost_is_at(unsigned pool, size_t granule) {
    return (known.ghosts[pool][granule / 64] >> granule % 64 & 1u) != 0;
}

/* The pool that the offset lies in; pool_count when it lies in none. */
unsigned world_pool_at(size_t offset);

/* Puts the regions of a pool back into the heap, or takes it out; says whether that was done. */
bool world_attach(unsigned i);
bool world_detach(unsigned i);

#endif
