/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What O(1) checks can tell of a pointer that the caller says is a live block. Nothing outside
 * the span of the pools is read, whatever pointer and headers hold.
 */
#ifndef TLSF_FAULT_H
#define TLSF_FAULT_H

#include "control.h"

/* Bytes from the lowest header to b's: at least span_bytes when b is not in the span. */
static inline uintptr_t span_offset(const control *t, const block *b) {
    return (uintptr_t)b - t->span_begin;
}

static inline bool offset_is_in_span(const control *t, uintptr_t offset) {
    return offset % GRANULE == 0 && offset < t->span_bytes;
}

/* Whether a size that the block at `offset` claims leads to a place in the span, the highest end
 * marker included. The room is counted in quarters, as the size in bytes could wrap. */
static inline bool size_is_in_span(const control *t, uintptr_t offset, quarters n) {
    return n <= (t->span_bytes - offset) / QUARTER;
}

/* ---- the neighbours of a live block ------------------------------------------------- */

/* Whether free block b, at `offset`, says its size at both ends. */
static inline bool free_block_is_sound(const control *t, const block *b, uintptr_t offset) {
    const quarters n = block_quarters(b);
    return n != 0 && size_is_in_span(t, offset, n) &&
           block_footer_before(block_at(b, n)) == b->header;
}

/* Whether b, at `offset` and behind a used block, agrees with what lies behind it as a used block
 * does, or is an end marker. */
static inline bool used_block_is_sound(const control *t, const block *b, uintptr_t offset) {
    const quarters n = block_quarters(b);
    return b->header == 0 || (!block_is_previous_free(b) && size_is_in_span(t, offset, n) &&
                              !block_is_previous_free(block_at(b, n)));
}

/* Whether what lies before b, at `offset`, is as b says: a free block, whose size is the same at
 * both ends. */
static inline bool previous_is_sound(const block *b, uintptr_t offset) {
    return quarters_bytes(block_previous_quarters(b)) <= offset &&
           block_previous(b)->header == block_footer_before(b);
}

/* Whether ptr can be a live block, as far as headers around it tell. */
static inline bool block_is_live(const control *t, const void *ptr) {
    const block *b = block_of_payload(ptr);
    const uintptr_t offset = span_offset(t, b);
    if (!offset_is_in_span(t, offset) || block_is_free(b) ||
        !size_is_in_span(t, offset, block_quarters(b))) {
        return false;
    }
    if (block_is_previous_free(b) && !previous_is_sound(b, offset)) {
        return false;
    }
    /* The last question is the first that free asks: compilers ask it once. */
    const block *next = block_next(b);
    const uintptr_t next_offset = offset + quarters_bytes(block_quarters(b));
    return block_is_free(next) ? free_block_is_sound(t, next, next_offset)
                               : next != b && used_block_is_sound(t, next, next_offset);
}

/* Whether ptr is no live block, as far as the hardening level looks; then the hook was told. */
static inline bool fault_is_reported(control *t, const void *ptr) {
    if (HARDENING_CALLER && !block_is_live(t, ptr)) {
        tlsf_report_fault(t, ptr);
        return true;
    }
    return false;
}

#endif
