/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one run explores: the pools of the heap, the operations, and how long the sequences are.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include <stdbool.h>

enum { POOLS_MAX = 3, POOL_GRANULES_MAX = 192, SIZES_MAX = POOL_GRANULES_MAX + 2 };

/* What lies in the dead bytes of free blocks, which no operation may look at. */
typedef enum {
    DEAD_ZEROS, /* as an end marker's header once was */
    DEAD_ONES,
    DEAD_USED /* each word like the header of a smallest used block */
} dead_content;

typedef struct {
    unsigned pool_count;
    unsigned granules[POOLS_MAX]; /* of a pool's blocks; the first pool lies with the heap */
    unsigned shift;               /* granules that the heap lies above a large power of two */
    unsigned size_count;          /* 0: every size */
    unsigned sizes[SIZES_MAX];    /* outer ones that are asked for, in granules */
    unsigned depth;               /* operations of the longest sequence; UINT_MAX: no limit */
    const char *alphabet;         /* see scope_usage */
    dead_content dead;
    bool ghosts; /* double frees are tried of whatever was freed and not handed out again */
    bool exact;  /* and each state keeps what the ghosts' headers hold */
} scope;

/* Reads the arguments of the program. Ends it with a message when they are wrong. */
scope scope_of_arguments(int count, char **arguments);

/* Whether the alphabet holds the letter. */
bool scope_has(const scope *s, char letter);

#endif
