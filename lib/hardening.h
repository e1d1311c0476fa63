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
    HARDENING_CALLER = TLSF_HARDENING >= 1 /* the caller's mistakes are looked for */
};

/* Describes the mistake `kind` made with `ptr` to the heap's fault hook (fault.c). */
void tlsf_report_fault(tlsf_t t, const void *ptr, tlsf_fault_kind kind);

#endif
