/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults: the diagnosis, and the hook that gets it.
 */
#include "hardening_1_caller.h"

/* The default hook. A debugger or a trap handler finds the diagnosis in `fault`. */
static void fault_stop(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    TLSF_STOP();
}

/* Whether b's header and the end of b lie in the span. */
static bool block_is_plausible(const control *t, const block *b) {
    return block_is_in_span(t, b) && block_size(b) >= BLOCK_MIN &&
           size_is_in_span(t, b, block_size(b));
}

/* The kind of a fault that only hardening 3 can tell apart. */
static tlsf_fault_kind debugging_kind_of(const control *t, const block *b) {
    if (!pool_list_is_sound(t)) {
        return TLSF_FAULT_CORRUPTION;
    }
    if (!block_is_in_a_pool(t, b)) {
        return TLSF_FAULT_NOT_A_BLOCK;
    }
    return guard_is_intact(t, b) ? TLSF_FAULT_NEIGHBOUR : TLSF_FAULT_OVERRUN;
}

/* Why verify_live reports ptr. If the headers agree, a link of a free neighbour is broken; from
 * level 2 on other checks ask about links. */
static tlsf_fault_kind fault_kind_of(const control *t, const void *ptr) {
    const block *b = block_of_payload(ptr);
    if ((uintptr_t)ptr % GRANULE != 0) {
        return TLSF_FAULT_MISALIGNED;
    }
    if (HARDENING_DEBUGGING && block_is_in_span(t, b) && b->header == HEADER_OF_FILL) {
        return TLSF_FAULT_DOUBLE_FREE;
    }
    if (!block_is_plausible(t, b)) {
        return TLSF_FAULT_NOT_A_BLOCK;
    }
    if (block_is_free(b)) {
        return TLSF_FAULT_DOUBLE_FREE;
    }
    if (HARDENING_DEBUGGING) {
        return debugging_kind_of(t, b);
    }
    return !HARDENING_CORRUPTION && neighbours_agree(t, b) ? TLSF_FAULT_CORRUPTION
                                                           : TLSF_FAULT_NEIGHBOUR;
}

static void describe_neighbours(const control *t, const block *b, tlsf_fault_t *fault) {
    if (!block_is_plausible(t, b)) {
        return;
    }
    fault->size = size_inner_bytes(block_size(b));
    const block *after = block_next(b);
    if (block_is_plausible(t, after)) {
        fault->after = block_payload(after);
        fault->after_size = size_inner_bytes(block_size(after));
    }
    const block *before = block_is_previous_free(b) ? block_previous(b) : NULL;
    if (before != NULL && block_is_plausible(t, before)) {
        fault->before = block_payload(before);
        fault->before_size = size_inner_bytes(block_size(before));
    }
}

void tlsf_report_fault(control *t, const void *ptr, int kind) {
    tlsf_fault_t fault;
    memset(&fault, 0, sizeof(fault));
    fault.kind = kind != 0 ? (tlsf_fault_kind)kind : fault_kind_of(t, ptr);
    fault.block = ptr;
    if (fault.kind != TLSF_FAULT_MISALIGNED) {
        describe_neighbours(t, block_of_payload(ptr), &fault);
    }
    const tlsf_fault_hook hook = t->fault_hook != NULL ? t->fault_hook : fault_stop;
    CHECKER_RESUME();
    hook(t, &fault);
}

tlsf_fault_hook tlsf_set_fault_hook(tlsf_t handle, tlsf_fault_hook hook) {
    ENTER_HEAP(t, handle);
    const tlsf_fault_hook before = t->fault_hook;
    t->fault_hook = hook;
    return before;
}

const char *tlsf_fault_name(tlsf_fault_kind kind) {
    /* In the order of tlsf_fault_kind, whose first is 1. */
    static const char *const names[] = {
        "unknown",     "misaligned pointer",  "double free",
        "not a block", "neighbour disagrees", "corruption",
        "overrun",     "write after free",
    };
    const size_t count = sizeof(names) / sizeof(names[0]);
    return (size_t)kind < count ? names[kind] : "unknown";
}
