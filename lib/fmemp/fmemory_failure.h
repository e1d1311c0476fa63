/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Failures: the hook that each request calls which was not served, and the reason.
 *
 * Requests of an FMemp without a hook do not pay for this. One test, of `serves_at_once`, asks
 * whether an FMemp is ready and has no hook. All other requests take the long way.
 */
#ifndef FMEMORY_FAILURE_H
#define FMEMORY_FAILURE_H

#include "fmemory_ready.h"
#include "fmemory_tag.h"

/* Whether memp is ready and has no failure hook. */
static inline bool memp_serves_at_once(const FMemp *memp) {
    return memp != NULL && memp->serves_at_once == FT_COMPONENT_IS_READY;
}

/* Whether a request that returned NULL did so for a fault, as it names no live block. At level 0 no
 * request finds faults. */
static bool failure_is_of_pointer(const FMemp *memp, const FMempFailure *failure) {
    return TLSF_HARDENING >= 1 && failure->ptr != NULL &&
           !tlsf_looks_live(memp->tlsf_ptr, failure->ptr);
}

/* Completes the description of a request that returned NULL. */
static void failure_explain(const FMemp *memp, FMempFailure *failure) {
    tlsf_explanation_t why;

    (void)tlsf_explain(memp->tlsf_ptr, failure->align, tag_request(failure->nbytes), &why);
    failure->reason = failure_is_of_pointer(memp, failure) ? TLSF_REASON_NONE : why.reason;
    failure->largest = largest_without_tag(why.largest_free);
    failure->free_bytes = why.free_bytes;
    failure->free_blocks = why.free_blocks;
}

/* Only a program that sets a hook links what explains failures: requests reach it by a pointer. */
static FMempFailureHook failure_set_hook(FMemp *memp, FMempFailureHook hook) {
    FMempFailureHook before;

    if (!memp_is_ready_or_starts(memp)) {
        return NULL;
    }
    before = memp->failure_hook;
    memp->failure_hook = hook;
    memp->failure_explain = failure_explain;
    memp->serves_at_once = hook == NULL ? FT_COMPONENT_IS_READY : 0;
    return before;
}

/* A realloc to 0 bytes returns NULL because it frees. */
static bool failure_is_free(const FMempFailure *failure) {
    return failure->ptr != NULL && failure->nbytes == 0 &&
           (failure->align & (failure->align - 1)) == 0;
}

/* The description of a request that may fail. */
static FMempFailure failure_of(void *ptr, fsize_t nbytes, fsize_t align,
                               const struct source *source) {
    FMempFailure failure;

    memset(&failure, 0, sizeof failure);
    failure.nbytes = nbytes;
    failure.align = align;
    failure.ptr = ptr;
    failure.file = source->file;
    failure.msg = source->msg;
    failure.line = source->line;
    failure.caller = source->caller;
    return failure;
}

/* A request is done, with the lock held. Returns the hook to call after the lock is released; NULL
 * if there is none to call. While a hook runs, none is called: a hook whose own requests fail would
 * call itself. */
static FMempFailureHook failure_begin(FMemp *memp, const void *payload, FMempFailure *failure) {
    if (payload != NULL || !memp_is_ready(memp) || memp->failure_hook == NULL ||
        memp->failure_hook_runs || failure_is_free(failure)) {
        return NULL;
    }
    memp->failure_explain(memp, failure);
    memp->failure_hook_runs = 1;
    return memp->failure_hook;
}

/* The hook has returned. */
static void failure_end(FMemp *memp) { memp->failure_hook_runs = 0; }

#endif
