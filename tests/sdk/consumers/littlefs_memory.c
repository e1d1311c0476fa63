/* SPDX-License-Identifier: BSD-3-Clause */
/* The allocation layer of littlefs: caches and a lookahead buffer, read as 64-bit words. */
#include "consumers.h"
#include "fmemory_pool.h"

static u8 memory[8192];
static FMemp memp;

static void *lfs_malloc(size_t size) {
    void *block = FMempMalloc(&memp, size);

    return block != NULL && (uintptr)block % sizeof(u64) == 0 ? block : NULL;
}

static void lfs_free(void *block) { FMempFree(&memp, block); }

int littlefs_memory(void) {
    void *caches[3];

    EXPECT(lfs_malloc(16) == NULL); /* nothing is mounted: the pool is not ready */
    EXPECT(FMempInit(&memp, memory + 1, memory + sizeof memory) == FMEMP_SUCCESS);
    for (unsigned mounts = 0; mounts < 100; mounts++) {
        for (unsigned i = 0; i < 3; i++) {
            caches[i] = lfs_malloc(i < 2 ? 1024 : 16);
            EXPECT(caches[i] != NULL);
        }
        for (unsigned i = 0; i < 3; i++) {
            lfs_free(caches[i]);
        }
    }
    FMempDeinit(&memp);
    return 0;
}
