/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of a heap beside the heap: it passes requests on, knows what the contract in tlsf.h
 * lets them do, and ends the program with a message (abort) when something else happened.
 *
 * It knows each live block's place, size, alignment and content; the pools; what is in use, the
 * true peak and the counts of calls; and from a walk, which free blocks there are, so that it
 * can tell which requests have to be served and which cannot be.
 */
#ifndef MODEL_H
#define MODEL_H

#include "support/region.h"
#include "tlsf.h"

enum { MODEL_SLOTS = 256, MODEL_REGIONS = 8 };

typedef struct {
    uint8_t *begin; /* NULL: the slot is empty */
    size_t usable;
    size_t outer; /* when it was placed */
    uint8_t fill; /* the content of each usable byte */
} model_block;

typedef struct {
    uint8_t *begin;
    size_t bytes;
    pool_t pool; /* NULL: not part of the heap now */
} model_region;

typedef struct {
    size_t pool_bytes; /* outer sizes of all blocks */
    size_t used_bytes; /* and of used blocks */
    size_t used_blocks;
    size_t free_blocks;
    size_t largest_free; /* outer size */
} model_survey;

typedef struct {
    tlsf_t t;
    region arena; /* the control structure and all regions */
    model_region regions[MODEL_REGIONS];
    size_t region_bytes; /* room of each region but the first */
    model_block blocks[MODEL_SLOTS];
    uint16_t *owner; /* of each granule of the arena: 1 + slot of the block that begins there */
    uint8_t next_fill;
    size_t used, peak, allocations, frees, failures; /* as tlsf_stats_t */
    model_survey survey;                             /* of the last verification */
    size_t step;
} model;

/* A heap planned for pools of `planned` bytes, with a first pool of some first_bytes bytes and
 * room for seven more regions of region_bytes each. */
void model_make(model *m, size_t first_bytes, size_t region_bytes, size_t planned);

/* Frees all blocks, verifies, and gives all memory back. */
void model_end(model *m);

/* ---- requests: `slot` is below MODEL_SLOTS, and empty unless said otherwise ---------- */

void model_malloc(model *m, unsigned slot, size_t size);
void model_calloc(model *m, unsigned slot, size_t count, size_t size);
void model_memalign(model *m, unsigned slot, size_t align, size_t size);
void model_realloc(model *m, unsigned slot, size_t size); /* slot: any */
void model_realloc_aligned(model *m, unsigned slot, size_t align, size_t size);
void model_free(model *m, unsigned slot); /* slot: any */
void model_add_pool(model *m, unsigned number, size_t misalignment, size_t bytes);
void model_remove_pool(model *m, unsigned number);
void model_reset(model *m);

/* Tests all that is known after a request: linear in blocks. */
void model_verify(model *m);

/* Tests each byte of each live block, and the guard bytes around the arena. */
void model_verify_content(const model *m);

/* Ends the program with the number of the step and this message. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3), noreturn))
#endif
void model_fail(const model *m, const char *format, ...);

#endif
