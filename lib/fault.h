/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What O(1) checks can tell of a pointer that the caller says is a live block.
 */
#ifndef TLSF_FAULT_H
#define TLSF_FAULT_H

#include "control.h"

#define FAULT_NONE ((tlsf_fault_kind)0)

/* How far into the span of the pools b lies; span_bytes or more when it lies outside. */
static inline uintptr_t span_offset(const control *t, const block *b) {
    return (uintptr_t)b - t->span_begin;
}

static inline bool span_has(const control *t, const block *b) {
    return span_offset(t, b) < t->span_bytes;
}

/* Nothing outside the span of the pools is read, whatever ptr and headers hold. */
static inline tlsf_fault_kind fault_find(const control *t, const void *ptr) {
    const block *b = block_of_payload(ptr);
    const uintptr_t offset = span_offset(t, b);
    if ((uintptr_t)ptr % GRANULE != 0) {
        return TLSF_FAULT_MISALIGNED;
    }
    if (offset >= t->span_bytes) {
        return TLSF_FAULT_NOT_A_BLOCK;
    }
    if (block_is_free(b)) {
        return TLSF_FAULT_DOUBLE_FREE;
    }
    /* Size 0 wraps, and so fails with the sizes that lead out of the span. */
    if (granules_bytes(block_granules(b)) - 1 >= t->span_bytes - offset - 1) {
        return TLSF_FAULT_NOT_A_BLOCK;
    }
    if (block_is_previous_free(block_next(b))) {
        return TLSF_FAULT_NEIGHBOUR;
    }
    if (block_is_previous_free(b)) {
        const header_word footer = block_footer_before(b);
        if (granules_bytes(footer >> BLOCK_FLAG_BITS) > offset ||
            block_previous(b)->header != footer) {
            return TLSF_FAULT_NEIGHBOUR;
        }
    }
    return FAULT_NONE;
}

/* Whether ptr is no live block, as far as the hardening level looks; then the hook was told. */
static inline bool fault_is_reported(control *t, const void *ptr) {
    const tlsf_fault_kind fault = HARDENING_CALLER ? fault_find(t, ptr) : FAULT_NONE;
    if (fault != FAULT_NONE) {
        tlsf_report_fault(t, ptr, fault);
    }
    return fault != FAULT_NONE;
}

#endif
