/* SPDX-License-Identifier: BSD-3-Clause */
/* The system layer of ACPI: small objects from a pool of two regions, and a table that grows. */
#include <string.h>

#include "consumers.h"
#include "fmemory_pool.h"

#define OBJECTS 64U

static u8 memory[8192];
static u8 more_memory[16384];
static FMemp memp;

static void *AcpiOsAllocate(size_t size) { return FMempMalloc(&memp, size); }
static void *AcpiOsAllocateZeroed(size_t size) { return FMempCalloc(&memp, 1, size); }
static void AcpiOsFree(void *block) { FMempFree(&memp, block); }

static int is_zero(const u8 *bytes, size_t count) {
    while (count > 0 && bytes[count - 1] == 0) {
        count--;
    }
    return count == 0;
}

int acpi_pool(void) {
    u8 *objects[OBJECTS];
    u32 *table;

    EXPECT(FMempInitSized(&memp, memory, memory + sizeof memory, sizeof more_memory) == FT_SUCCESS);
    EXPECT(FMempAddRegion(&memp, more_memory, more_memory + sizeof more_memory) == FT_SUCCESS);
    EXPECT(FSListLen(&memp.pools_list->list) == 1);
    for (u32 i = 0; i < OBJECTS; i++) {
        objects[i] = i % 2 != 0 ? AcpiOsAllocate(i + 1) : AcpiOsAllocateZeroed(i + 1);
        EXPECT(objects[i] != NULL && (i % 2 != 0 || is_zero(objects[i], i + 1)));
        memset(objects[i], (int)i, i + 1);
    }
    table = AcpiOsAllocate(16 * sizeof *table);
    EXPECT(table != NULL);
    table[15] = 0xA5A5A5A5;
    table = FMempRealloc(&memp, table, 2048 * sizeof *table);
    EXPECT(table != NULL && table[15] == 0xA5A5A5A5);
    for (u32 i = 0; i < OBJECTS; i++) {
        EXPECT(objects[i][0] == i && objects[i][i] == i);
        AcpiOsFree(objects[i]);
    }
    AcpiOsFree(table);
    EXPECT(FMempRemoveRegion(&memp, more_memory) == FT_SUCCESS);
    FMempDeinit(&memp);
    return 0;
}
