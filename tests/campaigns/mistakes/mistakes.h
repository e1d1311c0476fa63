/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The mistakes that programs make with a heap.
 */
#ifndef MISTAKES_H
#define MISTAKES_H

#include "world.h"

typedef struct {
    size_t length;      /* bytes of a write */
    content what;       /* its bytes */
    bool is_handed_out; /* set by the maker: the place was freed, and was handed out again */
} mistake;

typedef struct {
    const char *name;
    const char *name_handed_out; /* of the same mistakes where is_handed_out is set; or NULL */
    size_t length;
    void (*make)(world *w, random_source *random, mistake *m);
} kind;

/* The first kind is no mistake at all. */
extern const kind kinds[];
extern const size_t kind_count;

#endif
