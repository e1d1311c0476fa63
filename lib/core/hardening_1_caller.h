/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening 1, the caller's mistakes: what O(1) checks can find out about a pointer that the caller
 * passes as a live block. They read nothing outside the span of the pools, whatever the pointer and
 * the headers hold.
 */
#ifndef TLSF_HARDENING_1_CALLER_H
#define TLSF_HARDENING_1_CALLER_H

#include "hardening_3_debugging.h"

/* Reports a fault of the block with payload `ptr` to the heap's fault hook (fault.c). If kind is
 * 0, ptr is no live block, and the function finds the kind itself. Corruption that belongs to no
 * block is reported at the null block. */
OF_ALL_SOURCES void tlsf_report_fault(control *t, const void *ptr, int kind);

/* ---- the neighbours of a live block ------------------------------------------------- */

/* Whether free block b has the same size at both ends. With granule 4 a size that is too small
 * would find the header itself as the footer, so BLOCK_MIN is required. */
static inline bool free_block_is_sound(const control *t, const block *b) {
    const outer_size n = block_size(b);
    return n >= BLOCK_MIN && size_is_in_span(t, b, n) &&
           block_footer_before(block_at(b, n)) == b->header;
}

/* Whether b's header can be that of a block or of an end marker. */
static inline bool header_is_plausible(const control *t, const block *b) {
    const outer_size n = block_size(b);
    return (n >= BLOCK_MIN && size_is_in_span(t, b, n)) || block_is_end(b);
}

/* Whether b, which follows a used block, is an end marker, or is used and fits the header behind
 * it. */
static inline bool used_block_is_sound(const control *t, const block *b) {
    if (block_is_previous_free(b) || !header_is_plausible(t, b)) {
        return false;
    }
    if (block_is_end(b)) {
        return true;
    }
    const block *next = block_next(b);
    return !block_is_previous_free(next) && header_is_plausible(t, next);
}

/* Whether the block before b, which b says is free, has the same size at both ends. */
static inline bool previous_is_sound(const control *t, const block *b) {
    return block_previous_size(b) <= ((uintptr_t)b - t->span_begin) / SIZE_UNIT &&
           block_previous(b)->header == block_footer_before(b);
}

/* Whether ptr can be a live block, as far as the headers around it show. */
static inline bool block_is_live(const control *t, const void *ptr) {
    const block *b = block_of_payload(ptr);
    if (!block_is_in_span(t, b) || block_is_free(b) || block_size(b) < BLOCK_MIN ||
        !size_is_in_span(t, b, block_size(b))) {
        return false;
    }
    if (block_is_previous_free(b) && !previous_is_sound(t, b)) {
        return false;
    }
    /* A free asks the same question first, so compilers ask it once. */
    const block *next = block_next(b);
    return block_is_free(next) ? free_block_is_sound(t, next) : used_block_is_sound(t, next);
}

/* ---- the check ---------------------------------------------------------------------- */

/* Reports a pointer that is no live block, or one that was overrun, to the fault hook.
 * Returns true if it found no fault. */
static inline bool verify_live(control *t, const void *ptr) {
    if (HARDENING_CALLER &&
        !(block_is_live(t, ptr) && block_is_untouched(t, block_of_payload(ptr)))) {
        tlsf_report_fault(t, ptr, 0);
        return false;
    }
    return true;
}

#endif
