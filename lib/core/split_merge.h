/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Splitting and coalescing: how blocks come to their sizes.
 */
#ifndef TLSF_SPLIT_H
#define TLSF_SPLIT_H

#include "free_blocks.h"

/* Turns the first n outer_size at b into a used block. `room` is the header that b has, or would
 * have, as a free block which is in no list. The rest becomes free, or stays in the block where
 * it is too small for one. `flags` tells of the block before b. The block behind the room is
 * used, and its header says "previous is free": malloc finds it so, and so saves writing it where
 * a remainder stays.
 * Returns the block's size. */
static inline outer_size block_split(control *t, block *b, header_word room, outer_size n,
                                     header_word flags) {
    const header_word rest = room - n; /* the flag of a free block stays */
    if (rest < BLOCK_MIN) {
        const outer_size whole = room - BLOCK_FREE;
        b->header = whole | flags;
        block_at(b, whole)->header &= ~(header_word)BLOCK_PREVIOUS_FREE;
        return whole;
    }
    b->header = n | flags;
    free_blocks_put(t, block_at(b, n), rest);
    return n;
}

/* The outer_size that b has with the free block behind it, if there is one. */
static inline outer_size block_room(const block *b) {
    const block *next = block_next(b);
    return block_size(b) + (block_is_free(next) ? block_size(next) : 0);
}

/* The same with the free block before it, too. */
static inline outer_size block_room_both_ways(const block *b) {
    return block_room(b) + (block_is_previous_free(b) ? block_previous_size(b) : 0);
}

/* Takes the block behind b, if it is free, out of the free blocks.
 * Returns the outer_size that b now has room for. */
static inline outer_size block_absorb_next(control *t, const block *b) {
    const block *next = block_next(b);
    if (!block_is_free(next)) {
        return block_size(b);
    }
    free_blocks_remove(t, next);
    return block_size(b) + block_size(next);
}

/* Whether align is a power of two, or 0. */
static inline bool align_is_valid(size_t align) { return (align & (align - 1)) == 0; }

#endif
