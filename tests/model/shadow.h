/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A second picture of a heap's blocks: where each block begins, its outer size, and its owner. It
 * never reads the heap. Sizes and places are granules of one arena. The place of a block is the
 * granule at which its payload begins.
 *
 * The picture follows only the contract of tlsf.h. What a request leaves of a free block stays free
 * if it is large enough for a block. Free neighbours coalesce.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHADOW_FREE 0u
#define SHADOW_WALL UINT16_MAX /* no block: the place in front of a pool, and its end */

enum { SHADOW_CLASS_WORDS = 24 };

typedef struct {
    uintptr_t base; /* address of granule 0 */
    size_t granule; /* bytes */
    size_t granules;
    size_t smallest;   /* outer size of the smallest block */
    uint64_t *begins;  /* bit g: a block or a wall begins at granule g */
    uint32_t *sizes;   /* of the block that begins at this granule */
    uint16_t *owners;  /* SHADOW_FREE, SHADOW_WALL, or the owner's number, which is not 0 */
    uint32_t *of_size; /* the number of free blocks of this size */
    uint32_t of_class[SHADOW_CLASS_WORDS * 64]; /* the number of free blocks in this class */
    uint64_t classes[SHADOW_CLASS_WORDS];       /* bit c: class c is not empty */
    size_t largest_bound;                       /* no free block is larger */
    size_t free_blocks, used_blocks;
    size_t total, used; /* size of all blocks, and of used blocks */
} shadow;

/* Makes an empty picture of the arena [begin, begin + bytes). */
void shadow_make(shadow *s, const void *begin, size_t bytes, size_t granule, size_t smallest);
void shadow_end(shadow *s);

size_t shadow_place(const shadow *s, const void *ptr);
void *shadow_address(const shadow *s, size_t place);

/* ---- pools -------------------------------------------------------------------------- */

/* Adds a pool that is one free block. The pool ends where the block ends. */
void shadow_add_pool(shadow *s, size_t first, size_t size);
void shadow_remove_pool(shadow *s, size_t first);

/* Adds `more` granules to a pool: behind the wall at its end, or before its first block. They
 * coalesce with a free block beside them. */
void shadow_grow_behind(shadow *s, size_t end, size_t more);
void shadow_grow_before(shadow *s, size_t first, size_t more);

/* ---- blocks ------------------------------------------------------------------------- */

/* The block or wall at `place` or the nearest before it; the block or wall after the one at
 * `place`. */
size_t shadow_find(const shadow *s, size_t place);
size_t shadow_next(const shadow *s, size_t place);

bool shadow_is_free(const shadow *s, size_t place);

/* Outer size of the block at `place` if it is free; otherwise 0. */
size_t shadow_free_size(const shadow *s, size_t place);

/* The size that a used block at `place` gets for `need`: more than `need` with TLSF_ROUND_TO_CLASS,
 * or if the rest is too small for a block. 0: the free block around `place` has no room, or the gap
 * before `place` is too small for a block. */
size_t shadow_fit(const shadow *s, size_t place, size_t need);

/* Makes a used block at `place`, of the size that shadow_fit returns. */
void shadow_allocate(shadow *s, size_t place, size_t need, uint16_t owner);

/* Frees the used block and coalesces it with its free neighbours. */
void shadow_release(shadow *s, size_t place);

/* ---- classes ------------------------------------------------------------------------ */

#define SHADOW_NO_CLASS SIZE_MAX

/* The class of a size, and the first class in which every size is at least this one. */
size_t shadow_floor(size_t size);
size_t shadow_ceil(size_t size);

/* What `room` granules, which hold `need`, give to a used block: all, if the rest is too small for
 * a block. */
size_t shadow_cut(const shadow *s, size_t room, size_t need);

/* The lowest class, from this one on, that has a free block; and the highest class that has one. */
size_t shadow_class_from(const shadow *s, size_t class);
size_t shadow_class_highest(const shadow *s);

/* Outer size of the largest free block; 0: there is none. */
size_t shadow_largest(shadow *s);

#endif
