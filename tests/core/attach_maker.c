/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A maker of heaps with options of its own: the core as one unit, under a prefix. MAKER names the
 * function, which the suite of attach calls as the program before the reset.
 */
/* NOLINTBEGIN(bugprone-suspicious-include): a unit of its own */
#include "fault.c"
#include "pool.c"
#include "tlsf.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include "attach_maker.h"

made_heap MAKER(void *mem, size_t bytes) {
    made_heap made;
    tlsf_t t = tlsf_create_sized(mem, bytes, 0);
    void *blocks[8];
    made.heap = t;
    made.layout = TLSF_LAYOUT;
    made.granule = TLSF_GRANULE;
    made.sl_bits = TLSF_SL_BITS;
    made.hardening = TLSF_HARDENING;
    made.pending = TLSF_PENDING;
    for (size_t i = 0; t != NULL && i < 8; i++) {
        blocks[i] = tlsf_malloc(t, 10 + 3 * i);
    }
    for (size_t i = 0; t != NULL && i < 8; i += 3) {
        tlsf_free(t, blocks[i]);
    }
    return made;
}
