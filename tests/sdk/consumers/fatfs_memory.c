/* SPDX-License-Identifier: BSD-3-Clause */
/* The allocation layer of FatFs: name buffers from a pool that is made at the first use. */
#include "consumers.h"
#include "fmemory_pool.h"

typedef unsigned int UINT;

void *ff_memalloc(UINT bytes);
void ff_memfree(void *block);

static u8 memory[4096];
static FMemp memp;

void *ff_memalloc(UINT bytes) {
    if (memp.is_ready != FT_COMPONENT_IS_READY &&
        FMempInit(&memp, memory, memory + sizeof(memory)) != FMEMP_SUCCESS) {
        return NULL;
    }
    return FMempMalloc(&memp, bytes);
}

void ff_memfree(void *block) { FMempFree(&memp, block); }

int fatfs_memory(void) {
    void *name = ff_memalloc(2 * 256);
    u32 used = 1;

    EXPECT(name != NULL);
    EXPECT(ff_memalloc(sizeof memory) == NULL);
    ff_memfree(NULL);
    ff_memfree(name);
    FMemProbe(&memp, NULL, &used, NULL);
    EXPECT(used == 0);
    return 0;
}
