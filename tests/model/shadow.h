/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A second picture of a heap's blocks, kept without reading the heap: which blocks there are,
 * where each begins, its outer size, and who owns it. Sizes and places are granules of one arena;
 * a block is named by the granule of its payload's begin.
 *
 * It follows the contract of tlsf.h alone: what a request leaves of a free block stays free when
 * it is large enough for a block, and free neighbours are one.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHADOW_FREE 0u
#define SHADOW_WALL UINT16_MAX /* no block: in front of a pool, and its end */

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
    uint32_t of_class[SHADOW_CLASS_WORDS * 64]; /* and are in this class */
    uint64_t classes[SHADOW_CLASS_WORDS];       /* bit c: class c is not empty */
    size_t largest_bound;                       /* no free block is larger */
    size_t free_blocks, used_blocks;
    size_t total, used; /* of all blocks, and of used ones */
} shadow;

/* An empty picture of the arena [begin, begin + bytes). */
void shadow_make(shadow *s, const void *begin, size_t bytes, size_t granule, size_t smallest);
void shadow_end(shadow *s);

size_t shadow_place(const shadow *s, const void *ptr);
void *shadow_address(const shadow *s, size_t place);

/* ---- pools -------------------------------------------------------------------------- */

/* A pool of one free block, which ends where the pool does. */
void shadow_add_pool(shadow *s, size_t first, size_t size);
void shadow_remove_pool(shadow *s, size_t first);

/* ---- blocks ------------------------------------------------------------------------- */

/* The block or wall at this place or before it, and the one after the block at `place`. */
size_t shadow_find(const shadow *s, size_t place);
size_t shadow_next(const shadow *s, size_t place);

bool shadow_is_free(const shadow *s, size_t place);

/* Outer size of the block at `place` if that is free; else 0. */
size_t shadow_free_size(const shadow *s, size_t place);

/* The size that a used block at `place` gets when `need` are asked for: more where too little for
 * a block would be left. 0: there is no room in the free block around it, or too little before. */
size_t shadow_fit(const shadow *s, size_t place, size_t need);

/* Makes a used block at `place` of the size that shadow_fit says. */
void shadow_allocate(shadow *s, size_t place, size_t need, uint16_t owner);

/* Makes the used block free, and one with its free neighbours. */
void shadow_release(shadow *s, size_t place);

/* ---- classes ------------------------------------------------------------------------ */

#define SHADOW_NO_CLASS SIZE_MAX

/* The class that a size is in, and the first one whose every size is at least this. */
size_t shadow_floor(size_t size);
size_t shadow_ceil(size_t size);

/* The lowest class from this one on with a free block in it; the highest of all. */
size_t shadow_class_from(const shadow *s, size_t class);
size_t shadow_class_highest(const shadow *s);

/* Outer size of the largest free block; 0: there is none. */
size_t shadow_largest(shadow *s);

#endif
