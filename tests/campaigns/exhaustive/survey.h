/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The blocks of the heap as a walk finds them, and what the contract lets be asked of them.
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

/* Walks all pools. It is a finding when their blocks do not follow each other, or two free blocks
 * do, or a size is not what the distance to the next block says. */
void survey_take(survey *s);

/* The block that begins there; NULL when there is none. */
const surveyed_block *survey_find(const survey *s, size_t begin);

/* The outer size of the free block behind one of the survey, and of the one before it; or 0. */
size_t survey_free_after(const survey *s, const surveyed_block *b);
size_t survey_free_before(const survey *s, const surveyed_block *b);

/* ---- the contract of requests ------------------------------------------------------- */

/* The outer size that a request needs; SIZE_MAX for what no block of these pools can hold. */
size_t outer_needed(size_t bytes);

/* Whether there is a free block that a search for so many bytes is sure to meet: by its class, or
 * because its class has no more blocks than the search looks at. */
bool survey_must_serve(const survey *s, size_t bytes);

/* The same for what tlsf.h promises of memalign. */
bool survey_must_serve_aligned(const survey *s, size_t align, size_t bytes);

/* Whether any free block is large enough. */
bool survey_can_serve(const survey *s, size_t bytes);

/* Requires that tlsf_largest is what it must be. */
void survey_check_largest(const survey *s, size_t largest);

bool align_is_power_of_two(size_t align); /* or 0 */

#endif
