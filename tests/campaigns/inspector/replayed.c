/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replays a load, and lists the live blocks: replayed LOAD. Each line has the distance of a
 * block from the begin of the region, and its size. The region is that of examples/traced_heap.
 */
#include "../../../bench/loads/replay/load.h"
#include <fmemory_pool.h>
#include <stdio.h>
#include <stdlib.h>

static _Alignas(4096) u8 region[16384];
static FMemp memp;

static int block_print(const FMempBlock *block, void *user) {
    (void)user;
    if (block->used) {
        printf("%td %zu\n", (u8 *)block->ptr - region, block->size);
    }
    return 1;
}

static void *served(const operation *asked, void *ptr) {
    switch (asked->kind) {
    case LOAD_FREE:
        FMempFree(&memp, ptr);
        return NULL;
    case LOAD_MALLOC:
        return FMempMalloc(&memp, asked->size);
    case LOAD_MEMALIGN:
        return FMempMallocAlign(&memp, asked->size, (size_t)1 << asked->align_log2);
    default:
        return FMempRealloc(&memp, ptr, asked->size);
    }
}

/* Returns the exit status. */
static int replay(const load *read, void **blocks) {
    for (size_t i = 0; i < read->count; i++) {
        const operation *asked = &read->operations[i];
        blocks[asked->slot] = served(asked, blocks[asked->slot]);
        if (blocks[asked->slot] == NULL && asked->kind != LOAD_FREE) {
            fprintf(stderr, "request %zu was not served\n", i);
            return 1;
        }
    }
    FMempWalk(&memp, block_print, NULL);
    return 0;
}

int main(int argc, char **argv) {
    load read;
    const char *wrong = argc == 2 ? load_read(&read, argv[1]) : "usage: replayed LOAD";
    if (wrong != NULL || FMempInit(&memp, region, region + sizeof region) != FMEMP_SUCCESS) {
        fprintf(stderr, "%s\n", wrong == NULL ? "no heap fits" : wrong);
        return 2;
    }
    void **blocks = calloc(read.slots + 1, sizeof *blocks);
    const int status = blocks == NULL ? 2 : replay(&read, blocks);
    free(blocks);
    load_release(&read);
    return status;
}
