/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints what fresh heaps of 4, 32 and 256 KiB keep of their memory, and what a block costs, one
 * name and number a line. tools/figures compiles it for 32 and for 64 bits. */
#include <stdio.h>

#include "fmemory_pool.h"

enum { KIB = 1024, LARGEST = 256 * KIB };

static _Alignas(64) unsigned char region[LARGEST];

/* All but the largest request that the fresh heap serves. */
static void kept_print(size_t kib) {
    const size_t bytes = kib * KIB;
    tlsf_t heap = tlsf_create_sized(region, bytes, 0);
    printf("%zu.core %zu\n", kib, bytes - tlsf_largest(heap));
    tlsf_destroy(heap);

    FMemp memp = {0};
    if (FMempInit(&memp, region, region + bytes) == FMEMP_SUCCESS) {
        tlsf_stats_t stats;
        tlsf_stats(memp.tlsf_ptr, &stats);
        printf("%zu.fmemp %zu\n", kib, bytes - stats.largest);
        FMempRemove(&memp);
    }
}

int main(void) {
    kept_print(4);
    kept_print(32);
    kept_print(256);
    printf("overhead %zu\n", tlsf_alloc_overhead());
    printf("usable %zu\n", tlsf_block_size_min());
    printf("smallest %zu\n", tlsf_block_size_min() + tlsf_alloc_overhead());

    printf("handle %zu\n", sizeof(FMemp));
    return 0;
}
