/* SPDX-License-Identifier: BSD-3-Clause */
/* A controller reads a ring of descriptors, each at a multiple of 128 bytes. In the standalone SDK
 * a new ring is zero. */
#include <string.h>

#include "consumers.h"
#include "fmemory_pool.h"

#define DESCRIPTOR_ALIGN 128U
#define DESCRIPTORS 4U

typedef struct {
    u64 address;
    u32 bytes;
    u32 owned;
    u8 padding[DESCRIPTOR_ALIGN - 16];
} FDescriptor;

static u8 memory[8192];
static FMemp memp;

int dma_descriptors(void) {
    FDescriptor *ring;
    void *old;

    EXPECT(FMempInit(&memp, memory, memory + sizeof memory) == FMEMP_SUCCESS);
    old = FMempMalloc(&memp, 4096);
    EXPECT(old != NULL);
    memset(old, 0xFF, 4096);
    FMempFree(&memp, old);
    ring = FMempMallocAlign(&memp, DESCRIPTORS * sizeof *ring, DESCRIPTOR_ALIGN);
    EXPECT(ring != NULL && (uintptr)ring % DESCRIPTOR_ALIGN == 0);
#ifndef INC_FREERTOS_H
    EXPECT(ring[0].owned == 0 && memcmp(ring, (u8 *)ring + 1, DESCRIPTORS * sizeof *ring - 1) == 0);
#endif
    for (u32 i = 0; i < DESCRIPTORS; i++) {
        ring[i].address = (uintptr)&ring[(i + 1) % DESCRIPTORS];
        EXPECT(ring[i].address % DESCRIPTOR_ALIGN == 0);
    }
    FMempFree(&memp, ring);
    EXPECT(tlsf_check(memp.tlsf_ptr) == 0);
    FMempDeinit(&memp);
    return 0;
}
