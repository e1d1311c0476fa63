/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults: FMemp's default hook, and setting another one.
 */
#ifndef FMEMORY_FAULT_H
#define FMEMORY_FAULT_H

#include "fmemory_diagnosis.h"
#include "fmemory_ready.h"

/* Adds a block as the core's O(1) checks see it. */
static void fault_print_block(struct text *text, const char *what, const void *payload,
                              size_t size) {
    text_string(text, what);
    text_pointer(text, payload);
    text_string(text, ", ");
    text_decimal(text, size);
    text_string(text, " bytes");
}

/* Prints the fault, and what most likely caused it. */
static void fault_print(tlsf_t t, const tlsf_fault_t *fault) {
    struct text text;

    text_begin(&text, print_piece);
    text_string(&text, "fmemp: fault: ");
    text_string(&text, tlsf_fault_name(fault->kind));
    fault_print_block(&text, ": block ", fault->block, fault->size);
    fault_print_block(&text, "; free block before it ", fault->before, fault->before_size);
    fault_print_block(&text, "; block after it ", fault->after, fault->after_size);
    text_line(&text);
    if (FMEMP_DIAGNOSIS) {
        diagnosis_print(&text, t, fault);
    }
}

/* The hook while a fault is printed: the first diagnosis is out, and a second one could go on for
 * ever. */
static void fault_stop_at_once(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    FMEMP_STOP();
}

/* FMemp's default fault hook. */
static void fault_print_and_stop(tlsf_t t, const tlsf_fault_t *fault) {
    if (FMEMP_PRINTS) {
        const tlsf_fault_hook before = tlsf_set_fault_hook(t, fault_stop_at_once);

        fault_print(t, fault);
        (void)tlsf_set_fault_hook(t, before);
    }
    FMEMP_FLUSH();
    FMEMP_STOP();
}

static tlsf_fault_hook fault_set_hook(FMemp *memp, tlsf_fault_hook hook) {
    tlsf_fault_hook before;

    if (!memp_is_ready_or_starts(memp)) {
        return NULL;
    }
    before = tlsf_set_fault_hook(memp->tlsf_ptr, hook == NULL ? fault_print_and_stop : hook);
    return before == fault_print_and_stop ? NULL : before;
}

#endif
