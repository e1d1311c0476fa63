/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A contest: a program against a heap. The program keeps its limits, and wants a request refused in
 * as large a heap as possible. How far it comes is how much memory the heap can need.
 *
 * All sizes are outer sizes, except where the text says otherwise.
 */
#ifndef CONTEST_H
#define CONTEST_H

#include <stdbool.h>
#include <stddef.h>

/* ---- the program -------------------------------------------------------------------- */

/* What a program promises. */
typedef struct {
    size_t live;     /* M: the most bytes that are ever live */
    size_t smallest; /* m */
    size_t largest;  /* n */
    size_t blocks;   /* B: the most blocks that are ever live */
    size_t align;    /* A: the widest alignment; 0: none beyond the granule */
} limits;

/* ---- the heap ----------------------------------------------------------------------- */

/* A heap under attack. */
typedef struct {
    void *heap;
    void *memory; /* to be freed at the end */
} opponent;

/* `bytes` of malloc and its like are inner sizes. */
typedef struct {
    /* Makes a heap of so many bytes for such a program; false: they are too few. */
    bool (*make)(opponent *o, size_t bytes, const limits *l);
    void *(*malloc)(void *heap, size_t bytes);
    void *(*memalign)(void *heap, size_t align, size_t bytes);
    void *(*realloc)(void *heap, void *ptr, size_t bytes);
    void (*free)(void *heap, void *ptr);
    bool (*is_sound)(void *heap);
    /* What a request counts as, and what such a block counts as at least when it shrinks. */
    size_t (*counted)(size_t outer, size_t align);
    size_t (*counted_least)(const limits *l, size_t counted);
} opponent_kind;

/* ---- the player --------------------------------------------------------------------- */

typedef struct {
    void *ptr;
    size_t outer;   /* the size that was asked for; 0: the entry is not in use */
    size_t counted; /* what it counts as */
    size_t least;   /* and will count as at least */
} entry;

typedef struct {
    const opponent_kind *kind;
    opponent opponent;
    limits limits;
    entry *entries; /* one a block, limits.blocks of them */
    size_t *spare;  /* entries that are not in use, a stack */
    size_t spare_count;
    size_t live;     /* the sum of what the blocks count as */
    bool is_refused; /* a request within the limits was refused: the heap has lost */
} player;

enum { NO_BLOCK = -1 };

/* Takes a block, at a multiple of `align` if that is not 0.
 * Returns  its entry; NO_BLOCK if it would break the limits or is refused. */
long player_take(player *p, size_t outer, size_t align);

/* Frees a block. NO_BLOCK is ignored. */
void player_give(player *p, long block);

/* Frees the block that was taken last, after which none was freed but such blocks. */
void player_give_last(player *p);

/* Shrinks a block in place. */
void player_shrink(player *p, long block, size_t outer);

/* ---- the contest -------------------------------------------------------------------- */

/* A program: plays until it is refused, or does not go on. */
typedef void (*program)(player *p, const void *strategy);

typedef struct {
    const opponent_kind *kind;
    limits limits;
    size_t bound; /* bytes of the heap that never refuse */
} contest;

/* Whether the program is refused in a heap of so many bytes. Ends the process if the heap is
 * corrupted. */
bool contest_play(const contest *c, size_t bytes, program play, const void *strategy);

/* Returns  a size of the heap, up to the bound and at least `from`, at which the program is
 *          refused, found by bisection; `from` if there is none. More than the bound: refused
 *          there. */
size_t contest_reach(const contest *c, size_t from, program play, const void *strategy);

/* Returns  the inner size of a block of this outer size. */
size_t contest_inner(size_t outer);

#endif
