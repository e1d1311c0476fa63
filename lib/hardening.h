/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening levels as constants for plain `if`s, so that every level always compiles:
 *
 *     if (HARDENING_CALLER) { ... }
 */
#ifndef TLSF_HARDENING_H
#define TLSF_HARDENING_H

#include "tlsf.h"

enum {
    HARDENING_CALLER = TLSF_HARDENING >= 1,    /* the caller's mistakes are looked for */
    HARDENING_CORRUPTION = TLSF_HARDENING >= 2 /* sizes, links and bits, before they are used */
};

/* Describes to the heap's fault hook what is wrong with `ptr`, which is no live block (fault.c). */
void tlsf_report_fault(tlsf_t t, const void *ptr);

/* Tells it that a request meets corruption where the block with payload `ptr` is; without a block
 * to name, that is the null block's. */
void tlsf_report_corruption(tlsf_t t, const void *ptr);

#endif
