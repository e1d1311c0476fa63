/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The allocator: malloc, free, memalign, calloc and realloc.
 */
#include "hardening_2_corruption.h"

/* ---- malloc and free ---------------------------------------------------------------- */

void *tlsf_malloc(tlsf_t t, size_t bytes) {
    CHECKER_PAUSE();
    if (bytes > t->request_max) {
        return statistics_failed(t);
    }
    const outer_size n = size_for_request(bytes);
    if (search_is_refused(t, n)) {
        return NULL;
    }
    block *b = free_blocks_take(t, n);
    if (b == NULL) {
        return statistics_failed(t);
    }
    statistics_allocated(t, block_split(t, b, b->header, n, 0));
    void *payload = block_hand_out(t, b, 0, bytes);
    payload_hand_out(t, payload, block_payload_bytes(b));
    return payload;
}

/* Makes used block b free, together with its free neighbours. */
static inline void block_release(control *t, block *b) {
    const block *released = b;
    const header_word header = b->header;
    const outer_size freed = header_size(header);
    outer_size n = freed;
    payload_take_back(t, block_payload(b), block_payload_bytes(b));
    block *next = block_at(b, n);
    if (block_is_free(next)) {
        n += block_size(next);
        free_blocks_remove(t, next);
    } else {
        next->header |= BLOCK_PREVIOUS_FREE;
    }
    if ((header & BLOCK_PREVIOUS_FREE) != 0) {
        if (HARDENING_CALLER) {
            b->header = header | BLOCK_FREE; /* whoever frees b again finds it free */
        }
        n += block_previous_size(b);
        b = block_previous(b);
        free_blocks_remove(t, b);
    }
    free_blocks_put(t, b, n | BLOCK_FREE);
    fill_freed(b, released, freed);
    statistics_freed(t, freed);
}

void tlsf_free(tlsf_t t, void *ptr) {
    CHECKER_PAUSE();
    if (ptr == NULL || fault_is_reported(t, ptr) || release_is_refused(t, block_of_payload(ptr))) {
        return;
    }
    block_release(t, block_of_payload(ptr));
}

/* ---- memalign ----------------------------------------------------------------------- */

/* What to leave free in front of b for its payload to become a multiple of align: nothing, or
 * enough for a block. */
static inline outer_size align_gap(const block *b, size_t align) {
    const uintptr_t payload = (uintptr_t)block_payload(b);
    const outer_size gap = size_of_bytes((0 - payload) & (align - 1));
    if (gap == 0 || gap >= BLOCK_MIN) {
        return gap;
    }
    /* Both are powers of two, so the larger is a multiple of the smaller. */
    const outer_size step = size_of_bytes(align);
    return gap + (step > BLOCK_MIN ? step : BLOCK_MIN);
}

/* The largest gap that align_gap can ask for, in bytes; no overflow for a power of two. */
static inline size_t align_gap_max(size_t align) { return align + size_bytes(BLOCK_MIN) - GRANULE; }

/* Whether the plan allows what is searched for: room for the bytes and the worst gap. */
static inline bool align_fits_plan(const control *t, size_t align, size_t bytes) {
    const size_t gap_max = align_gap_max(align);
    const size_t least = gap_max + size_inner_bytes(BLOCK_MIN); /* what 0 bytes search */
    return least <= t->request_max && bytes <= t->request_max - gap_max;
}

static inline outer_size align_room(size_t align, outer_size n) {
    return n + size_of_bytes(align_gap_max(align));
}

void *tlsf_memalign(tlsf_t t, size_t align, size_t bytes) {
    if (align <= GRANULE && align_is_valid(align)) {
        return tlsf_malloc(t, bytes);
    }
    CHECKER_PAUSE();
    if (!align_is_valid(align) || !align_fits_plan(t, align, bytes)) {
        return statistics_failed(t);
    }
    const outer_size n = size_for_request(bytes);
    const outer_size searched = align_room(align, n);
    if (search_is_refused(t, searched)) {
        return NULL;
    }
    block *b = free_blocks_find(t, searched);
    if (!block_holds(b, searched)) {
        return statistics_failed(t);
    }
    const outer_size gap = align_gap(b, align);
    if (list_is_refused(t, b, gap) || list_is_refused(t, b, b->header - gap - n)) {
        return NULL;
    }
    free_blocks_remove(t, b);
    header_word room = b->header;
    header_word flags = 0;
    if (gap != 0) {
        free_blocks_list(t, b, gap | BLOCK_FREE);
        b = block_at(b, gap);
        room -= gap;
        flags = BLOCK_PREVIOUS_FREE;
    }
    statistics_allocated(t, block_split(t, b, room, n, flags));
    void *payload = block_hand_out(t, b, 0, bytes);
    payload_hand_out(t, payload, block_payload_bytes(b));
    return payload;
}

/* ---- calloc ------------------------------------------------------------------------- */

/* Whether a * b is more than a size_t holds, from products of halves: small processors have
 * no division. */
static bool product_overflows(size_t a, size_t b) {
    const unsigned half = sizeof(size_t) * 4;
    const size_t low_mask = SIZE_MAX >> half;
    const size_t a_high = a >> half, a_low = a & low_mask;
    const size_t b_high = b >> half, b_low = b & low_mask;
    const size_t cross = a_high * b_low + b_high * a_low; /* no overflow where one high is 0 */
    const size_t low = a_low * b_low;
    return (a_high != 0 && b_high != 0) || cross > low_mask || (cross << half) + low < low;
}

void *tlsf_calloc(tlsf_t t, size_t count, size_t size) {
    if (product_overflows(count, size)) {
        return statistics_failed(t);
    }
    void *payload = tlsf_malloc(t, count * size);
    if (payload != NULL) {
        memset(payload, 0, count * size);
    }
    return payload;
}

/* ---- realloc ------------------------------------------------------------------------ */

/* Gives used block b the size n, for so many bytes, in place: b and the free block behind it have
 * the room. */
static inline void block_resize(control *t, block *b, outer_size n, size_t bytes) {
    const outer_size before = block_size(b);
    const size_t kept = block_payload_bytes(b);
    const outer_size room = block_absorb_next(t, b);
    block_at(b, room)->header |= BLOCK_PREVIOUS_FREE; /* as block_split expects it */
    const header_word flags = b->header & BLOCK_PREVIOUS_FREE;
    statistics_resized(t, before, block_split(t, b, room | BLOCK_FREE, n, flags));
    fill_freed(block_next(b), b, before);
    block_hand_out(t, b, kept, bytes);
    payload_moved(t, block_payload(b), kept, block_payload(b), block_payload_bytes(b));
}

/* Lets b grow to size n, for so many bytes, into the free blocks on both sides, of `room`
 * together. */
static void *block_slide_back(control *t, block *b, outer_size room, outer_size n, size_t bytes) {
    const outer_size before = block_size(b);
    const size_t kept = block_payload_bytes(b);
    block *target = block_previous(b);
    free_blocks_remove(t, target);
    block_absorb_next(t, b);
    block_at(target, room)->header |= BLOCK_PREVIOUS_FREE; /* as block_split expects it */
    if (HARDENING_CALLER) {
        b->header |= BLOCK_FREE; /* whoever frees b is found out */
    }
    payload_make_way(block_payload(target), block_payload(b), kept);
    memmove(block_payload(target), block_payload(b), kept);
    statistics_resized(t, before, block_split(t, target, room | BLOCK_FREE, n, 0));
    fill_freed(block_next(target), b, before);
    void *payload = block_hand_out(t, target, kept, bytes);
    payload_moved(t, block_payload(b), kept, payload, block_payload_bytes(target));
    return payload;
}

/* Frees b, of which a copy was made in a new block. What was written there, or where the new block
 * was cut from, can bring to light that something is wrong around b. Level 1 looks again; level 2,
 * which has looked at all that is used, looks at the one list that may be another than before.
 * Returns false when the hook was told. */
static bool block_leave(control *t, block *b) {
    if (!HARDENING_CORRUPTION) {
        tlsf_free(t, block_payload(b));
        return !HARDENING_CALLER || block_is_free(b);
    }
    if (!TLSF_PENDING && put_is_refused(t, b, block_room_both_ways(b))) {
        return false;
    }
    block_release(t, b);
    return true;
}

/* What tlsf_memalign will search for; 0: nothing. The plan allows the bytes. */
static outer_size memalign_room(const control *t, size_t align, size_t bytes) {
    const outer_size n = size_for_request(bytes);
    if (align <= GRANULE) {
        return n;
    }
    return align_fits_plan(t, align, bytes) ? align_room(align, n) : 0;
}

/* Moves b to where a new block of so many bytes would be. */
static void *block_move(control *t, block *b, size_t align, size_t bytes) {
    if (put_is_refused(t, b, block_room_both_ways(b)) ||
        copy_is_refused(t, b, memalign_room(t, align, bytes))) {
        return NULL;
    }
    const size_t kept = block_payload_bytes(b);
    void *payload = tlsf_memalign(t, align, bytes);
    if (payload == NULL) {
        return NULL;
    }
    memmove(payload, block_payload(b), kept < bytes ? kept : bytes);
    if (!block_leave(t, b)) {
        tlsf_free(t, payload); /* the new block is given back */
        return NULL;
    }
    return payload;
}

/* Lets b, which has no room in place, grow to size n elsewhere: where the smaller free block is
 * used up, so that the larger one stays whole. */
static void *block_grow_elsewhere(control *t, block *b, outer_size n, size_t bytes) {
    if (block_is_previous_free(b)) {
        const outer_size room = block_previous_size(b) + block_room(b);
        if (search_is_refused(t, n)) {
            return NULL;
        }
        const block *other = free_blocks_find(t, n);
        if (room >= n && (!block_holds(other, n) || block_holds(other, room))) {
            return list_is_refused(t, b, room - n) || growth_back_is_refused(t, b, room)
                       ? NULL
                       : block_slide_back(t, b, room, n, bytes);
        }
    }
    return block_move(t, b, GRANULE, bytes);
}

void *tlsf_realloc(tlsf_t t, void *ptr, size_t bytes) {
    return tlsf_realloc_aligned(t, ptr, GRANULE, bytes);
}

void *tlsf_realloc_aligned(tlsf_t t, void *ptr, size_t align, size_t bytes) {
    if (ptr == NULL) {
        return tlsf_memalign(t, align, bytes);
    }
    if (!align_is_valid(align)) {
        return statistics_failed(t);
    }
    if (bytes == 0) {
        tlsf_free(t, ptr);
        return NULL;
    }
    CHECKER_PAUSE();
    if (fault_is_reported(t, ptr) || coalescing_is_refused(t, block_of_payload(ptr))) {
        return NULL;
    }
    if (bytes > t->request_max) {
        return statistics_failed(t);
    }
    block *b = block_of_payload(ptr);
    const outer_size n = size_for_request(bytes);
    const bool is_aligned = align <= GRANULE || ((uintptr_t)ptr & (align - 1)) == 0;
    if (is_aligned && block_room(b) >= n) {
        if (put_is_refused(t, b, block_room(b) - n) || growth_is_refused(t, b, n)) {
            return NULL;
        }
        block_resize(t, b, n, bytes);
        return ptr;
    }
    return align <= GRANULE ? block_grow_elsewhere(t, b, n, bytes) : block_move(t, b, align, bytes);
}
