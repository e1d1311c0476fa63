/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap as programs have them, and what its correct users know of it: which bytes are whose, and
 * what is in them. Each result of the heap is compared with that. The first thing that contradicts
 * it is the harm.
 */
#ifndef WORLD_H
#define WORLD_H

#include "content.h"
#include "tlsf.h"

enum {
    LIVE = 240,
    BLOCKS_MAX = LIVE * 7 / 4, /* and where only frees and reallocs are made: see world_call */
    REQUEST_MAX = 3072,
    TAKEN_COUNT = REGION_BYTES / 4 + 16 /* of the smallest granules; and some behind the end */
};

typedef enum {
    HARM_NONE,
    HARM_OVERLAP, /* a new block overlaps a live one */
    HARM_OUTSIDE, /* a new block is not in the pool, or not aligned */
    HARM_CONTENT, /* a live block has lost content */
    HARM_CRASH,
    HARM_HANG,
    HARMS
} harm;

typedef struct {
    uint8_t *at;
    size_t bytes; /* as they were asked for */
    uint32_t number;
    size_t spoilt_from, spoilt_to; /* its bytes that the mistake itself overwrote */
} live_block;

typedef struct {
    tlsf_t heap;
    size_t pool_offset;
    live_block blocks[BLOCKS_MAX];
    size_t count;
    uint32_t numbers;           /* of blocks so far */
    uint8_t taken[TAKEN_COUNT]; /* by granule: 1 if it belongs to a live block */
    harm first_harm;
} world;

/* Maps the region of all worlds; ends the program if that place is taken. */
void world_map(void);

/* Makes a heap in the region and uses it for `calls` calls. */
void world_make(world *w, random_source *random, size_t calls);

/* How many faults the heap has reported since world_make or world_restore. */
size_t world_reports(void);

/* Copies a world and its region, and puts them back. */
void world_keep(const world *w);
void world_restore(world *w);

/* Makes one call of a correct program: malloc, memalign, realloc or free. */
void world_call(world *w, random_source *random);

/* Looks at the content of every live block. */
void world_look(world *w);

live_block *world_some_block(world *w, random_source *random);

/* Frees a block as its user does, and forgets it. */
void world_free(world *w, live_block *freed);

/* Whether no live block has a byte of this place, or of the heap's words around it. */
bool world_is_free(const world *w, const uint8_t *at, size_t bytes);

/* Overwrites `count` bytes by mistake. */
void world_spoil(world *w, uint8_t *at, const uint8_t *bytes, size_t count);

#endif
