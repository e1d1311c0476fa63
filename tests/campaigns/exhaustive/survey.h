/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The blocks of the heap as a walk finds them, and what the contract promises for requests to them.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

enum { SURVEY_MAX = POOLS_MAX * POOL_GRANULES_MAX };

typedef struct {
    uint16_t begin; /* of the payload */
    uint16_t outer;
    bool used;
} surveyed_block;

typedef struct {
    unsigned count;
    unsigned free_count;
    size_t largest_free; /* outer size */
    surveyed_block blocks[SURVEY_MAX];
} survey;

/* Walks all pools. Requires that blocks follow each other without a gap, that no two free blocks
 * are neighbours, and that each size agrees with the distance to the next block. */
void survey_take(survey *s);

/* Returns the block whose payload begins at this offset, or NULL. */
const surveyed_block *survey_find(const survey *s, size_t begin);

/* Return the outer size of the free block behind b, and of the one before b, or 0. */
size_t survey_free_after(const survey *s, const surveyed_block *b);
size_t survey_free_before(const survey *s, const surveyed_block *b);

/* ---- the contract of requests ------------------------------------------------------- */

/* Returns the outer size that a request needs; SIZE_MAX if no block of these pools is large
 * enough. */
size_t outer_needed(size_t bytes);

/* Returns whether there is a free block that a search for this many bytes surely finds: every block
 * of its class is large enough, or its class has no more blocks than the search looks at. */
bool survey_must_serve(const survey *s, size_t bytes);

/* The same for memalign, as tlsf.h promises it. */
bool survey_must_serve_aligned(const survey *s, size_t align, size_t bytes);

/* Returns whether any free block is large enough. */
bool survey_can_serve(const survey *s, size_t bytes);

/* Requires that the result of tlsf_largest is correct. */
void survey_check_largest(const survey *s, size_t largest);

bool align_is_power_of_two(size_t align); /* true for 0, too */

#endif
