/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A second picture of a heap's blocks, kept without reading the heap: the begin, the outer size and
 * the owner of each. Sizes and places are granules of one arena; the place of a block is the
 * granule of its payload's begin.
 *
 * The picture follows the contract of tlsf.h alone: the rest of a free block stays free if it is
 * large enough for a block, and free neighbours merge.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHADOW_FREE 0u
#define SHADOW_WALL UINT16_MAX /* no block: in front of a pool, and at its end */

enum { SHADOW_CLASS_WORDS = 24 };

typedef struct {
    uintptr_t base; /* address of granule 0 */
    size_t granule; /* bytes */
    size_t granules;
    size_t smallest;   /* outer size of the smallest block */
    uint64_t *begins;  /* bit g: a block or a wall begins at granule g */
    uint32_t *sizes;   /* of the block that begins there */
    uint16_t *owners;  /* SHADOW_FREE, SHADOW_WALL, or the owner's number, which is not 0 */
    uint32_t *of_size; /* how many free blocks have this size */
    uint32_t of_class[SHADOW_CLASS_WORDS * 64]; /* how many are in this class */
    uint64_t classes[SHADOW_CLASS_WORDS];       /* bit c: class c is not empty */
    size_t largest_bound;                       /* the largest free block */
    size_t free_blocks, used_blocks;
    size_t total, used; /* of all blocks, and of used ones */
} shadow;

/* Makes an empty picture of the arena [begin, begin + bytes). */
void shadow_make(shadow *s, const void *begin, size_t bytes, size_t granule, size_t smallest);
void shadow_end(shadow *s);

size_t shadow_place(const shadow *s, const void *ptr);
void *shadow_address(const shadow *s, size_t place);

/* ---- pools -------------------------------------------------------------------------- */

/* Adds a pool of one free block, which ends where the pool does. */
void shadow_add_pool(shadow *s, size_t first, size_t size);
void shadow_remove_pool(shadow *s, size_t first);

/* ---- blocks ------------------------------------------------------------------------- */

/* The block or wall at or before this place, and the one behind the block at `place`. */
size_t shadow_find(const shadow *s, size_t place);
size_t shadow_next(const shadow *s, size_t place);

bool shadow_is_free(const shadow *s, size_t place);

/* The outer size of the block at `place` if it is free; else 0. */
size_t shadow_free_size(const shadow *s, size_t place);

/* The size of a used block at `place` for a request of `need`. It is larger than `need` if the
 * rest is too small for a block. 0: the free block around it has no room, or too little before
 * `place`. */
size_t shadow_fit(const shadow *s, size_t place, size_t need);

/* Makes a used block at `place`, with the size that shadow_fit gives. */
void shadow_allocate(shadow *s, size_t place, size_t need, uint16_t owner);

/* Frees the used block, and merges it with its free neighbours. */
void shadow_release(shadow *s, size_t place);

/* ---- classes ------------------------------------------------------------------------ */

#define SHADOW_NO_CLASS SIZE_MAX

/* The class of a size, and the first class in which every size is at least this. */
size_t shadow_floor(size_t size);
size_t shadow_ceil(size_t size);

/* The lowest class from this one on that has a free block; the highest class that has one. */
size_t shadow_class_from(const shadow *s, size_t class);
size_t shadow_class_highest(const shadow *s);

/* The outer size of the largest free block; 0: none. */
size_t shadow_largest(shadow *s);

#endif
