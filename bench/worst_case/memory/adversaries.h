/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs that want much memory: rounds of a few requests, Robson's program, and stairs of rounds.
 */
#ifndef ADVERSARIES_H
#define ADVERSARIES_H

#include <stdint.h>

#include "contest.h"

/* ---- rounds ------------------------------------------------------------------------- */

/* One request of a round. A slot holds one block. */
typedef enum {
    STEP_TAKE,    /* frees what the slot holds, and takes a block */
    STEP_ALIGNED, /* the same, at the program's widest alignment */
    STEP_KEEP,    /* takes a block that is kept until the end */
    STEP_GIVE,    /* frees what the slot holds */
    STEP_SHRINK,  /* shrinks what the slot holds */
    STEP_LEAVE,   /* empties the slot: what it holds is kept until the end */
    STEP_KINDS
} step_kind;

typedef struct {
    step_kind kind;
    size_t slot;
    size_t outer;
} step;

enum { STEPS_MAX = 12, SLOTS = 4 };

/* A program that repeats one round until its limits stop it, frees all that is not kept, and
 * asks for the largest blocks then. */
typedef struct {
    size_t count;
    step steps[STEPS_MAX];
} rounds;

void rounds_play(player *p, const void *strategy);

/* The round that leaves a hole of size `hole` before a block of size `kept`: x and y of both sizes
 * together, free x, the hole and the kept block take its place, free the hole and y. */
rounds rounds_of_holes(size_t hole, size_t kept);

/* Returns  the farthest that rounds_of_holes comes, over sizes of holes near the largest. */
size_t rounds_reach(const contest *c);

/* The round in which blocks of the largest size shrink, each after the next was taken behind it. */
rounds rounds_of_shrinking(size_t largest, size_t kept);

/* Returns  how far rounds_of_shrinking comes, from the largest size to the smallest. */
size_t shrinking_reach(const contest *c);

/* Returns  the farthest of `count` random rounds, at least M. Writes the best of them. */
size_t random_reach(const contest *c, uint64_t seed, size_t count, rounds *best);

/* Changes one step after the other, `count` times, and keeps what comes as far or farther.
 * Returns  how far that comes; at least `reached`, which `best` does. */
size_t climbing_reach(const contest *c, uint64_t seed, size_t count, rounds *best, size_t reached);

/* ---- programs that watch addresses -------------------------------------------------- */

/* Robson's program: sizes double. Before each, it frees the blocks that do not reach into the
 * places of an offset, and of two offsets it takes the one at which more bytes stay blocked. */
size_t robson_reach(const contest *c);

/* Stairs: rounds of either kind, for blocks of the smallest size to four times as much. Then so few
 * of them stay that each place of a multiple of that size has one. Then rounds for four times these
 * sizes, and so on. */
size_t stairs_reach(const contest *c);

/* ---- all of them -------------------------------------------------------------------- */

/* Returns  the farthest that any of them comes, with `count` random rounds and as many changes. */
size_t adversaries_reach(const contest *c, uint64_t seed, size_t count);

#endif
