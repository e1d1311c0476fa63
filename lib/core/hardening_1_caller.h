/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What O(1) checks can tell of a pointer that the caller says is a live block. Nothing outside
 * the span of the pools is read, whatever pointer and headers hold.
 */
#ifndef TLSF_FAULT_H
#define TLSF_FAULT_H

#include "hardening_3_debugging.h"

/* ---- the neighbours of a live block ------------------------------------------------- */

/* Whether free block b says its size at both ends. Where granules are as small as headers, a size
 * that is too small could be its own footer. */
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

/* Whether b, which lies behind a used block, is an end marker, or agrees with what lies behind it
 * as a used block does. */
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

/* Whether what lies before b is as b says: a free block, whose size is the same at both ends. */
static inline bool previous_is_sound(const control *t, const block *b) {
    return block_previous_size(b) <= ((uintptr_t)b - t->span_begin) / SIZE_UNIT &&
           block_previous(b)->header == block_footer_before(b);
}

/* Whether ptr can be a live block, as far as headers around it tell. */
static inline bool block_is_live(const control *t, const void *ptr) {
    const block *b = block_of_payload(ptr);
    if (!block_is_in_span(t, b) || block_is_free(b) || !size_is_in_span(t, b, block_size(b))) {
        return false;
    }
    if (block_is_previous_free(b) && !previous_is_sound(t, b)) {
        return false;
    }
    /* The last question is the first that free asks: compilers ask it once. */
    const block *next = block_next(b);
    return block_is_free(next) ? free_block_is_sound(t, next) : used_block_is_sound(t, next);
}

/* At hardening 3: whether b, which can be a live block, lies in one of the heap's pools, and nobody
 * has written behind its payload. */
static inline bool block_is_untouched(const control *t, const block *b) {
    return !HARDENING_DEBUGGING ||
           (pool_list_is_sound(t) && block_is_in_a_pool(t, b) && guard_is_intact(t, b));
}

/* Whether ptr is no live block, or was overrun, as far as the hardening level looks; then the hook
 * was told. */
static inline bool fault_is_reported(control *t, const void *ptr) {
    if (HARDENING_CALLER &&
        !(block_is_live(t, ptr) && block_is_untouched(t, block_of_payload(ptr)))) {
        tlsf_report_fault(t, ptr, 0);
        return true;
    }
    return false;
}

#endif
