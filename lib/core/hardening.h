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
    HARDENING_CALLER = TLSF_HARDENING >= 1,     /* the caller's mistakes are looked for */
    HARDENING_CORRUPTION = TLSF_HARDENING >= 2, /* sizes, links and bits, before they are used */
    HARDENING_DEBUGGING = TLSF_HARDENING >= 3 /* fill patterns and guards are laid and looked at */
};

/* Describes a fault of the block with payload `ptr` to the heap's fault hook (fault.c). `kind` 0:
 * ptr is no live block, and why is to be found out. Corruption that no block can be named for is
 * the null block's. */
void tlsf_report_fault(tlsf_t t, const void *ptr, int kind);

#endif
