/* SPDX-License-Identifier: BSD-3-Clause */
/* A source from before names changed: ends its pool with FMempRemove, and prints a listing. */
#include <string.h>

#include "consumers.h"
#include "fmemory_pool.h"
#include "fprintk.h"

static u8 memory[8192];
static FMemp memp;

int older_source(void) {
    void *block;

    EXPECT(FMempInit(&memp, memory, memory + sizeof memory) == FMEMP_SUCCESS);
    block = FMEMP_MALLOC(&memp, 100);
    EXPECT(block != NULL);
    block = FMEMP_REALLOC(&memp, block, 200);
    FMemListAll(&memp);
    EXPECT(strstr(printed_text(), " used ") != NULL && strstr(printed_text(), "check") != NULL);
    FMEMP_FREE(&memp, block);
    FMempRemove(&memp);
    EXPECT(memp.is_ready == 0 && FMempMalloc(&memp, 1) == NULL);
    return 0;
}
