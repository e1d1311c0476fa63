/* SPDX-License-Identifier: BSD-3-Clause */
/* Before it frees, a source asks whether a block is the heap's: whether it lies behind the control
 * structure, in the memory that the heap was given. */
#include "consumers.h"
#include "ftypes.h"
#include "tlsf.h"

#define HEAP_BYTES 16384U
#define ALIGNMENTS 16U

static u8 memory[HEAP_BYTES + ALIGNMENTS];

static int is_of_heap(const void *block, const u8 *begin) {
    return (const u8 *)block >= begin + tlsf_size() && (const u8 *)block < begin + HEAP_BYTES;
}

int range_test(void) {
    for (u32 i = 0; i < ALIGNMENTS; i++) {
        tlsf_t heap = tlsf_create_with_pool(memory + i, HEAP_BYTES);
        void *block;

        EXPECT(heap != NULL);
        EXPECT(!is_of_heap(memory + i, memory + i) && !is_of_heap(NULL, memory + i));
        while ((block = tlsf_malloc(heap, 500)) != NULL) {
            EXPECT(is_of_heap(block, memory + i));
        }
        tlsf_destroy(heap);
    }
    return 0;
}
