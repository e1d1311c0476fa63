/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FMemp: a memory pool in a static buffer. Allocates, aligns, zeroes, grows, lists, frees, removes.
 * Compile it with the files of lib/core and lib/fmemp, and -Iinclude. With the files of bare_metal/
 * it runs on a processor without an operating system.
 */
#include "fmemory_pool.h"

/* The pool's memory, its control structure included. */
#ifndef POOL_BYTES
#define POOL_BYTES (sizeof(void *) == 8 ? 9000U : 5000U)
#endif

#define BLOCK_BYTES 100U
#define GROWN_BYTES 200U
#define PATTERN 0xA5U

static u8 buffer[POOL_BYTES]; /* needs no alignment: the pool rounds inside */
static FMemp memp;            /* starts as zeros */

static void bytes_fill(u8 *bytes, fsize_t count) {
    for (fsize_t i = 0; i < count; i++) {
        bytes[i] = (u8)(PATTERN + i);
    }
}

static int bytes_are_filled(const u8 *bytes, fsize_t count) {
    for (fsize_t i = 0; i < count; i++) {
        if (bytes[i] != (u8)(PATTERN + i)) {
            return 0;
        }
    }
    return 1;
}

static int is_aligned(const void *block, fsize_t align) {
    return block != NULL && (uintptr_t)block % align == 0;
}

/* The sizes are multiples of the alignments: a block for DMA fills whole cache lines. */
static FError aligned_blocks_use(void) {
    static const fsize_t aligns[] = {128, 64, 32};
    void *blocks[3];

    for (unsigned i = 0; i < 3; i++) {
        blocks[i] = FMempMallocAlign(&memp, aligns[i], aligns[i]);
        if (!is_aligned(blocks[i], aligns[i])) {
            return FMEMP_ERR_BAD_MALLOC;
        }
        bytes_fill(blocks[i], aligns[i]);
    }
    FMemListAll(&memp);
    for (unsigned i = 0; i < 3; i++) {
        if (!bytes_are_filled(blocks[i], aligns[i])) {
            return FMEMP_ERR_BAD_MALLOC;
        }
        FMempFree(&memp, blocks[i]);
    }
    return FMEMP_SUCCESS;
}

static FError zeroed_block_use(void) {
    u16 *words = FMempCalloc(&memp, 4, sizeof *words);

    if (words == NULL || words[0] != 0 || words[1] != 0 || words[2] != 0 || words[3] != 0) {
        return FMEMP_ERR_BAD_MALLOC;
    }
    FMempFree(&memp, words);
    return FMEMP_SUCCESS;
}

static FError pool_use(void) {
    u8 *block = FMempMalloc(&memp, BLOCK_BYTES);
    if (block == NULL) {
        return FMEMP_ERR_BAD_MALLOC;
    }
    bytes_fill(block, BLOCK_BYTES);

    FError error = aligned_blocks_use();
    if (error != FMEMP_SUCCESS) {
        return error;
    }
    error = zeroed_block_use();
    if (error != FMEMP_SUCCESS) {
        return error;
    }

    u8 *grown = FMempRealloc(&memp, block, GROWN_BYTES);
    if (grown == NULL || !bytes_are_filled(grown, BLOCK_BYTES)) {
        return FMEMP_ERR_BAD_MALLOC;
    }
    FMemListAll(&memp);
    FMempFree(&memp, grown);
    return FMEMP_SUCCESS;
}

static void usage_print(void) {
    u32 total = 0;
    u32 used = 0;
    u32 max_used = 0;

    FMemProbe(&memp, &total, &used, &max_used);
    FMEMP_PRINT("example: total %lu bytes, used %lu, most used %lu\n", (unsigned long)total,
                (unsigned long)used, (unsigned long)max_used);
}

int main(void) {
    if (memp.is_ready == FT_COMPONENT_IS_READY) {
        return 1;
    }
    FError error = FMempInit(&memp, buffer, buffer + sizeof buffer);
    if (error == FMEMP_SUCCESS) {
        error = pool_use();
        FMemListAll(&memp);
        usage_print();
        FMempRemove(&memp);
    }
    if (error != FMEMP_SUCCESS) {
        FMEMP_PRINT("example: failed, error %lu\n", (unsigned long)error);
        return 1;
    }
    FMEMP_PRINT("example: passed\n");
    return 0;
}
