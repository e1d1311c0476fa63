/* SPDX-License-Identifier: BSD-3-Clause */
/* An interrupt controller asks the core for tables at multiples of 64 KiB, before anything runs. */
#include "consumers.h"
#include "ftypes.h"
#include "tlsf.h"

#define TABLE_BYTES 0x10000U

static u8 memory[8 * TABLE_BYTES] __attribute__((aligned(0x1000)));

static void *table_allocate(tlsf_t heap) { return tlsf_memalign(heap, TABLE_BYTES, TABLE_BYTES); }

int gic_tables(void) {
    tlsf_t heap = tlsf_create_with_pool(memory, sizeof memory);
    EXPECT(heap != NULL);
    void *properties = table_allocate(heap);
    void *pending[2] = {table_allocate(heap), table_allocate(heap)};

    EXPECT(properties != NULL && pending[0] != NULL && pending[1] != NULL);
    EXPECT(((uintptr)properties | (uintptr)pending[0] | (uintptr)pending[1]) % TABLE_BYTES == 0);
    EXPECT((u8 *)properties >= memory && (u8 *)pending[1] + TABLE_BYTES <= memory + sizeof memory);
    tlsf_free(heap, pending[0]);
    EXPECT(table_allocate(heap) != NULL);
    EXPECT(tlsf_check(heap) == 0);
    return 0;
}
