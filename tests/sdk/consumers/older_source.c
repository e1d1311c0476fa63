/* SPDX-License-Identifier: BSD-3-Clause */
/* A source from before names changed: ends its pool with FMempRemove, prints a listing, and asks
 * with #ifdef whether blocks have tags. */
#include <string.h>

#include "consumers.h"
#include "fmemory_pool.h"
#include "fprintk.h"

static u8 memory[8192];
static FMemp memp;

#ifdef FMEMP_TAG_DEBUG
static void *tagged_malloc(fsize_t bytes, unsigned long line) {
    return FMempMallocTag(&memp, bytes, __FILE__, line, "tagged");
}
static void tagged_free(void *block) { FMempFreeTag(&memp, block); }
#define IN_LISTING "older_source.c:"
#else
static void *tagged_malloc(fsize_t bytes, unsigned long line) {
    (void)line;
    return FMempMalloc(&memp, bytes);
}
static void tagged_free(void *block) { FMempFree(&memp, block); }
#define IN_LISTING " used "
#endif

int older_source(void) {
    void *blocks[2];

    EXPECT(FMempInit(&memp, memory, memory + sizeof memory) == FMEMP_SUCCESS);
    blocks[0] = tagged_malloc(100, __LINE__);
    blocks[1] = FMEMP_MALLOC(&memp, 100);
    EXPECT(blocks[0] != NULL && blocks[1] != NULL);
    FMemListAll(&memp);
    EXPECT(strstr(printed_text(), IN_LISTING) != NULL);
    EXPECT(strstr(printed_text(), "check: sound") != NULL);
    tagged_free(blocks[0]);
    FMEMP_FREE(&memp, blocks[1]);
    FMempRemove(&memp);
    EXPECT(memp.is_ready == 0 && FMempMalloc(&memp, 1) == NULL);
    return 0;
}
