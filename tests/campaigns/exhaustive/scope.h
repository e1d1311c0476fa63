/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scope of one run: the pools of the heap, the operations, and the length of sequences.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include <stdbool.h>

enum { POOLS_MAX = 3, POOL_GRANULES_MAX = 192, SIZES_MAX = POOL_GRANULES_MAX + 2 };

/* The content of the dead bytes of free blocks, which no operation may read. */
typedef enum {
    DEAD_ZEROS, /* like the header of an old end marker */
    DEAD_ONES,
    DEAD_USED /* each word like the header of the smallest used block */
} dead_content;

typedef struct {
    unsigned pool_count;
    unsigned granules[POOLS_MAX]; /* size of each pool; the first lies with the heap */
    unsigned shift;               /* granules between a large power of two and the heap */
    unsigned size_count;          /* 0: every size */
    unsigned sizes[SIZES_MAX];    /* outer sizes of requests, in granules */
    unsigned depth;               /* length of the longest sequence; UINT_MAX: no limit */
    const char *alphabet;         /* the letters of the usage text */
    dead_content dead;
    bool ghosts; /* try double frees of all blocks freed and not allocated again */
    bool exact;  /* each state keeps the ghosts' headers as they are */
} scope;

/* Reads the arguments of the program. Ends it with a message if they are wrong. */
scope scope_of_arguments(int count, char **arguments);

/* Returns whether the alphabet contains the letter. */
bool scope_has(const scope *s, char letter);

#endif
