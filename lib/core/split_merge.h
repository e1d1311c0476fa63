/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Splitting and merging: how blocks get their sizes, and how a used block changes its size.
 *
 * Split. The first n of a room become the used block, the rest stays free. A rest too small for a
 * block stays in the used one.
 *
 *     | room                        |  ->  | used: n       | free: rest  |
 *     | room                  |        ->  | used: all of it       |        rest < BLOCK_MIN
 *
 * Merge. A freed block coalesces with the free blocks on both sides, so no two free blocks are
 * neighbours. U is a used neighbour, F a free one:
 *
 *     U | freed | U  ->  U | free | U            F | freed | U  ->  | free         | U
 *     U | freed | F  ->  U | free       |        F | freed | F  ->  | free              |
 *
 * Align. A free gap before a used block puts its payload at a multiple of `align`, which is a power
 * of two.
 *
 *     | gap: free            | header | payload, at a multiple of align ...
 */
#ifndef TLSF_SPLIT_MERGE_H
#define TLSF_SPLIT_MERGE_H

#include "free_blocks.h"
#include "observe.h"

/* ---- split -------------------------------------------------------------------------- */

/* Cuts the first n off at b: they become a used block with these flags.
 * Returns the place of the rest, which has no header yet. */
static inline block *block_split(block *b, outer_size n, header_word flags) {
    TLSF_ASSERT(n >= BLOCK_MIN && (flags & BLOCK_FREE) == 0);
    b->header = n | flags;
    return block_at(b, n);
}

/* Makes the whole room at b one used block. */
static inline void block_use_whole(block *b, outer_size whole, header_word flags) {
    TLSF_ASSERT(whole >= BLOCK_MIN);
    TLSF_ASSERT((flags & BLOCK_FREE) == 0);
    b->header = whole | flags;
    block_mark_previous_used(block_at(b, whole));
}

/* Gives a request for n what size_cut says of the room at b, as a used block, and frees the rest.
 * `room` is the header of the whole room as a free block outside the lists. The block behind the
 * room is marked "previous is free" already, as it is behind every free block. Not writing the mark
 * again saves malloc 4 instructions on Cortex-M4 and 7 on aarch64. Returns the size of the used
 * block, which is the whole room if the rest is too small. */
static inline outer_size block_trim(control *t, block *b, header_word room, outer_size n,
                                    header_word flags, header_word victim) {
    TLSF_ASSERT((room & BLOCK_FREE) != 0 && room >= n);
    const outer_size cut = size_cut(n, room);
    const header_word rest = room - cut; /* still has the flag of a free block */
    if (OFF_LONGEST_PATH(rest < BLOCK_MIN)) {
        const outer_size whole = room - BLOCK_FREE;
        block_use_whole(b, whole, flags);
        return whole;
    }
    TLSF_ASSERT(block_is_previous_free(block_at(b, header_size(room))));
    free_blocks_put(t, block_split(b, cut, flags), rest | victim);
    return cut;
}

/* Cuts the first n off the victim, whose rest stays pending and a victim. Returns the size of the
 * used block, which is the whole victim if the rest is too small. */
static inline outer_size victim_trim(control *t, block *b, outer_size n) {
    const header_word rest = t->pending_header - n;
    TLSF_ASSERT(victim_serves(t, n) && block_is_pending(t, b));
    if (rest < BLOCK_MIN) {
        const outer_size whole = header_size(t->pending_header);
        pending_clear(t);
        trace_free_block_less(t);
        block_use_whole(b, whole, 0);
        return whole;
    }
    block *left = block_split(b, n, 0);
    block_write_free(left, header_of_free(rest));
    pending_set(t, left, rest);
    return n;
}

/* ---- alignment: the gap before a used block ------------------------------------------- */

/* Whether align is a power of two, or 0. */
static inline bool align_is_valid(size_t align) { return (align & (align - 1)) == 0; }

/* The gap before the used block that puts its payload at a multiple of align: 0, or enough for a
 * block. */
static inline outer_size align_gap(const block *b, size_t align) {
    TLSF_ASSERT(align_is_valid(align) && align > GRANULE);
    const uintptr_t payload = (uintptr_t)block_payload(b);
    const outer_size gap = size_of_bytes((0 - payload) & (align - 1));
    if (GRANULE_IS_BLOCK || gap == 0 || gap >= BLOCK_MIN) {
        return gap;
    }
    /* Both are powers of two, so the larger is a multiple of the smaller. */
    const outer_size step = size_of_bytes(align);
    return gap + size_larger(step, BLOCK_MIN);
}

/* The largest gap of align_gap, in bytes. A power of two does not overflow here. */
static inline size_t align_gap_max(size_t align) { return align + size_bytes(BLOCK_MIN) - GRANULE; }

/* Whether the plan allows a search for the bytes and the largest gap. */
static inline bool align_fits_plan(const control *t, size_t align, size_t bytes) {
    const size_t gap_max = align_gap_max(align);
    const size_t least = gap_max + size_inner_bytes(BLOCK_MIN); /* searched for 0 bytes */
    return least <= t->request_max && bytes <= t->request_max - gap_max;
}

/* A size that holds n after any gap. */
static inline outer_size align_room(size_t align, outer_size n) {
    return n + size_of_bytes(align_gap_max(align));
}

/* The size that tlsf_memalign will search for, or 0 if it will not. The plan allows the bytes. */
static inline outer_size memalign_room(const control *t, size_t align, size_t bytes) {
    const outer_size n = size_for_request(bytes);
    if (align <= GRANULE) {
        return n;
    }
    return align_fits_plan(t, align, bytes) ? align_room(align, n) : 0;
}

/* ---- merge -------------------------------------------------------------------------- */

/* Memory that is about to become one free block. */
typedef struct {
    block *begin;
    header_word header; /* as pending_header will say it: a victim if it has absorbed one */
} extent;

static inline extent extent_of(block *begin, outer_size size) {
    const extent e = {begin, size | BLOCK_FREE};
    return e;
}

/* Absorbs the free block behind the extent. If that block is used, marks "previous free" there. */
static inline extent merge_next(control *t, extent e) {
    TLSF_ASSERT(header_size(e.header) != 0 && !block_is_free(e.begin));
    block *next = block_at(e.begin, header_size(e.header));
    if (ON_LONGEST_PATH(block_is_free(next))) {
        TLSF_ASSERT(block_footer_before(block_next(next)) == next->header);
        e.header += block_size(next);
        e.header |= free_blocks_remove(t, next);
    } else {
        block_mark_previous_free(next);
    }
    return e;
}

/* Marks b, whose header was `header`, as free before it disappears inside a larger free block. A
 * second free of b then finds the mark. */
static inline void block_retire(block *b, header_word header) {
    if (HARDENING_CALLER) {
        b->header = header | BLOCK_FREE;
    }
}

/* Absorbs the free block before the extent, if there is one. `header` is the header that the block
 * at the extent's begin had. */
static inline extent merge_previous(control *t, extent e, header_word header) {
    if (ON_LONGEST_PATH((header & BLOCK_PREVIOUS_FREE) != 0)) {
        TLSF_ASSERT(block_is_free(block_previous(e.begin)));
        block_retire(e.begin, header);
        e.header += block_previous_size(e.begin);
        e.begin = block_previous(e.begin);
        e.header |= free_blocks_remove(t, e.begin);
    }
    return e;
}

/* Frees small used block b, which has no free neighbour. */
static inline void block_release_lone(control *t, block *b) {
    const block_before before = block_before_free(t, b);
    block_mark_previous_free(block_next(b));
    free_blocks_list_small(t, b, b->header | BLOCK_FREE);
    block_freed(t, b, before);
}

/* Frees used block b and merges it with its free neighbours. */
static inline void block_release(control *t, block *b) {
    const block_before before = block_before_free(t, b);
    TLSF_ASSERT(!block_is_free(b) && !block_is_end(b));
    const header_word header = b->header;
    extent e = extent_of(b, header_size(header));
    e = merge_next(t, e);
    e = merge_previous(t, e, header);
    free_blocks_put(t, e.begin, e.header);
    block_freed(t, e.begin, before);
}

/* ---- resize ------------------------------------------------------------------------- */

/* Takes the free block behind used block b, if there is one, out of the free blocks.
 * Returns b's size together with it. */
static inline outer_size block_absorb_next(control *t, const block *b) {
    TLSF_ASSERT(!block_is_free(b));
    const block *next = block_next(b);
    if (!block_is_free(next)) {
        return block_size(b);
    }
    free_blocks_remove(t, next);
    return block_size(b) + block_size(next);
}

/* The same of a room in which a used block changes its size. The block behind the room may still
 * say that its predecessor is used. */
static inline outer_size room_trim(control *t, block *b, outer_size room, outer_size n,
                                   header_word flags) {
    TLSF_ASSERT(room >= n);
    if (room - n >= BLOCK_MIN) {
        block_mark_previous_free(block_at(b, room));
    }
    return block_trim(t, b, room | BLOCK_FREE, n, flags, 0);
}

/* Gives used block b the size n, for a request of `bytes` bytes. b and the free block behind it
 * have the room.
 * Returns the payload, which stays where it is. */
static inline void *block_resize(control *t, block *b, outer_size n, size_t bytes) {
    TLSF_ASSERT(block_room(b) >= n && size_inner_bytes(n) >= bytes);
    const block_before before = block_before_change(b);
    const outer_size room = block_absorb_next(t, b);
    const outer_size used = room_trim(t, b, room, n, b->header & BLOCK_PREVIOUS_FREE);
    return block_resized(t, b, used, bytes, before);
}

/* Whether a block that grows to size n slides back into `room`, rather than moves to another block.
 */
static inline bool block_slides_rather(const control *t, outer_size room, outer_size n) {
    const choice other = free_blocks_choose(t, n);
    return room >= n && (!choice_holds(other, n) || choice_holds(other, room));
}

/* Moves used block b down into the free block before it, and gives it the size n, for a request of
 * `bytes` bytes. b and the free blocks on both sides have `room`.
 * Returns the payload in its new place. */
static inline void *block_slide_back(control *t, block *b, outer_size room, outer_size n,
                                     size_t bytes) {
    TLSF_ASSERT(block_is_previous_free(b) && room == block_room_both_ways(b) && room >= n);
    const block_before before = block_before_change(b);
    block *target = block_previous(b);
    free_blocks_remove(t, target);
    block_absorb_next(t, b);
    block_retire(b, b->header);
    payload_make_way(block_payload(target), block_payload(b), before.bytes);
    memmove(block_payload(target), block_payload(b), before.bytes);
    const outer_size used = room_trim(t, target, room, n, 0);
    return block_resized(t, target, used, bytes, before);
}

/* Joins used block b and the free block before it to one used block of size n, which holds b's
 * content where it is. b and the free blocks on both sides have `room`.
 * Returns the payload of the joined block. */
static inline void *block_join_back(control *t, block *b, outer_size room, outer_size n) {
    TLSF_ASSERT(block_is_previous_free(b) && room == block_room_both_ways(b) && room >= n);
    const block_before before = block_before_change(b);
    block *joined = block_previous(b);
    TLSF_ASSERT(n >= block_size(joined) + before.size);
    free_blocks_remove(t, joined);
    block_absorb_next(t, b);
    block_retire(b, b->header);
    payload_make_way(block_payload(joined), block_payload(b), before.bytes);
    const outer_size used = room_trim(t, joined, room, n, 0);
    return block_joined(t, joined, used, before);
}

/* Gives the joined block b the size n, after its content has moved to its start. */
static inline void block_join_end(control *t, block *b, outer_size n, const tlsf_move_t *move) {
    const block_before before = block_before_change(b);
    const outer_size room = block_absorb_next(t, b);
    const outer_size used = room_trim(t, b, room, n, b->header & BLOCK_PREVIOUS_FREE);
    block_unjoined(t, b, used, before, move);
}

#endif
