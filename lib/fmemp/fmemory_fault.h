/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults: FMemp's default hook, and setting another one.
 */
#ifndef FMEMORY_FAULT_H
#define FMEMORY_FAULT_H

#include "fmemory_ready.h"

/* FMemp's default fault hook. */
static void fault_print_and_stop(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    FMEMP_PRINT("fmemp: fault: %s: block %p, %lu bytes; free block before it %p, %lu bytes; "
                "block after it %p, %lu bytes\n",
                tlsf_fault_name(fault->kind), fault->block, (unsigned long)fault->size,
                fault->before, (unsigned long)fault->before_size, fault->after,
                (unsigned long)fault->after_size);
    (void)FMEMP_FLUSH();
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
