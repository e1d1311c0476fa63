/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Splitting and coalescing: how blocks come to their sizes.
 */
#ifndef TLSF_SPLIT_H
#define TLSF_SPLIT_H

#include "free_blocks.h"

/* Turns the first n of the `room` granules at b, which are in no list, into a used block. The
 * rest becomes free, or stays in the block where it is too small for one. `flags` tells
 * of the block before b. The block behind the room is used, and its header says "previous is
 * free": malloc finds it so, and so saves writing it where a remainder stays.
 * Returns the block's size. */
static inline granules block_split(control *t, block *b, granules room, granules n,
                                   header_word flags) {
    const granules rest = room - n;
    if (rest < BLOCK_MIN) {
        b->header = header_of(room, flags);
        block_at(b, room)->header &= ~(header_word)BLOCK_PREVIOUS_FREE;
        return room;
    }
    block *remainder = block_at(b, n);
    b->header = header_of(n, flags);
    block_write_free(remainder, rest);
    free_blocks_put(t, remainder, rest);
    return n;
}

/* Makes a used block of n granules of the free block found. */
static inline void *block_allocate(control *t, found_block found, granules n) {
    block *b = found.block;
    free_blocks_take(t, found);
    statistics_allocated(t, block_split(t, b, block_granules(b), n, 0));
    return block_payload(b);
}

/* The granules that b has with the free block behind it, if there is one. */
static inline granules block_room(const block *b) {
    const block *next = block_next(b);
    return block_granules(b) + (block_is_free(next) ? block_granules(next) : 0);
}

/* Takes the block behind b, if it is free, out of the free blocks.
 * Returns the granules that b now has room for. */
static inline granules block_absorb_next(control *t, const block *b) {
    const block *next = block_next(b);
    if (!block_is_free(next)) {
        return block_granules(b);
    }
    free_blocks_remove(t, next);
    return block_granules(b) + block_granules(next);
}

/* Whether align is a power of two, or 0. */
static inline bool align_is_valid(size_t align) { return (align & (align - 1)) == 0; }

#endif
