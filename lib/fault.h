/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What O(1) checks can tell of a pointer that the caller says is a live block.
 */
#ifndef TLSF_FAULT_H
#define TLSF_FAULT_H

#include "control.h"

#define FAULT_NONE ((tlsf_fault_kind)0)

static inline bool span_has(const control *t, const block *b) {
    return (uintptr_t)b - t->span_begin < t->span_end - t->span_begin;
}

/* Nothing outside the span of the pools is read, whatever ptr and headers hold. */
static inline tlsf_fault_kind fault_find(const control *t, const void *ptr) {
    const block *b = block_of_payload(ptr);
    if ((uintptr_t)ptr % GRANULE != 0) {
        return TLSF_FAULT_MISALIGNED;
    }
    if (!span_has(t, b)) {
        return TLSF_FAULT_NOT_A_BLOCK;
    }
    if (block_is_free(b)) {
        return TLSF_FAULT_DOUBLE_FREE;
    }
    const block *next = block_next(b);
    if (next == b || !span_has(t, next)) {
        return TLSF_FAULT_NOT_A_BLOCK;
    }
    if (block_is_previous_free(next)) {
        return TLSF_FAULT_NEIGHBOUR;
    }
    if (block_is_previous_free(b)) {
        const block *previous = block_previous(b);
        if (!span_has(t, previous) || previous->header != block_footer_before(b)) {
            return TLSF_FAULT_NEIGHBOUR;
        }
    }
    return FAULT_NONE;
}

#endif
