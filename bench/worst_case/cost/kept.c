/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Prints what fresh heaps of 4, 32 and 256 KiB keep of their memory, that is, what one block as
 * large as possible does not hold; then what a block and an FMemp cost. A name and a number a line.
 * bench/cost runs it in a bare-metal image, tools/figures on 32 and 64 bits.
 */
#include <stdbool.h>

#include "fmemory_pool.h"

enum { KIB = 1024, LARGEST = 256 * KIB };

static _Alignas(64) unsigned char region[LARGEST];

static void number_print(const char *name, size_t number) {
    FMEMP_PRINT("%s %lu\n", name, (unsigned long)number);
}

/* A region that is too small makes no heap and no line. Returns false if tlsf_largest is not the
 * largest request that the heap serves. */
static bool kept_print(const char *maker, size_t bytes, tlsf_t heap) {
    if (heap == NULL) {
        return true;
    }
    const size_t largest = tlsf_largest(heap);
    FMEMP_PRINT("%s.%lu %lu\n", maker, (unsigned long)bytes, (unsigned long)(bytes - largest));
    return tlsf_malloc(heap, largest + 1) == NULL && tlsf_malloc(heap, largest) != NULL;
}

/* What every maker of a heap keeps of `bytes` bytes. */
static bool all_kept_print(size_t bytes) {
    FMemp memp = {0};
    const bool core_is_exact =
        kept_print("tlsf_create_with_pool", bytes, tlsf_create_with_pool(region, bytes)) &&
        kept_print("tlsf_create_sized", bytes, tlsf_create_sized(region, bytes, 0));
    (void)FMempInit(&memp, region, region + bytes);
    return kept_print("FMempInit", bytes, memp.tlsf_ptr) && core_is_exact;
}

int main(void) {
    const bool is_exact =
        all_kept_print(4 * KIB) && all_kept_print(32 * KIB) && all_kept_print(LARGEST);
    number_print("overhead", tlsf_alloc_overhead());
    number_print("usable", tlsf_block_size_min());
    number_print("smallest", tlsf_block_size_min() + tlsf_alloc_overhead());
    number_print("handle", sizeof(FMemp));
    return is_exact ? 0 : 1;
}
