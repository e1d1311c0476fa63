/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What O(1) checks can tell of a pointer that the caller says is a live block.
 */
#ifndef TLSF_FAULT_H
#define TLSF_FAULT_H

#include "control.h"

/* Granules from the lowest to ptr's place for a payload. A ptr that is no multiple of the granule
 * gives a huge number, as the rotation has its low bits on top: one comparison with span_size
 * finds misaligned and foreign pointers. */
static inline uintptr_t span_index(const control *t, const void *ptr) {
    const uintptr_t offset = (uintptr_t)ptr - t->span_begin;
    return offset / GRANULE | offset * (UINTPTR_MAX / GRANULE + 1);
}

static inline bool span_has(const control *t, const block *b) {
    return span_index(t, block_payload(b)) < t->span_size;
}

/* Whether b's size leads to a place in the span; size 0 wraps, and fails. */
static inline bool block_has_next(const control *t, const block *b, uintptr_t index) {
    return (uintptr_t)block_granules(b) - 1 < t->span_size - index;
}

/* Whether the header of b, which lies behind a used block, agrees with what lies behind b. */
static inline bool header_is_sound(const control *t, const block *b, uintptr_t index) {
    if (b->header == 0) {
        return true; /* the end marker */
    }
    if (block_is_previous_free(b) || !block_has_next(t, b, index)) {
        return false;
    }
    const block *next = block_next(b);
    return block_is_previous_free(next) == block_is_free(b) &&
           (!block_is_free(b) || block_footer_before(next) == b->header);
}

/* Whether ptr can be a live block, as far as headers around it tell. Nothing outside the span
 * of the pools is read, whatever ptr and headers hold. */
static inline bool block_is_live(const control *t, const void *ptr) {
    const block *b = block_of_payload(ptr);
    const uintptr_t index = span_index(t, ptr);
    if (index >= t->span_size || block_is_free(b) || !block_has_next(t, b, index)) {
        return false;
    }
    if (!header_is_sound(t, block_next(b), index + block_granules(b))) {
        return false;
    }
    if (block_is_previous_free(b)) {
        const header_word footer = block_footer_before(b);
        return footer >> BLOCK_FLAG_BITS <= index && block_previous(b)->header == footer;
    }
    return true;
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
