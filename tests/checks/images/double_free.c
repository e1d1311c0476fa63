/* SPDX-License-Identifier: BSD-3-Clause */
/* Firmware with a mistake that FMemp finds: its default fault hook reports it and stops. */
#include "fmemory_pool.h"

static u8 buffer[9000];
static FMemp memp;

int main(void) {
    if (FMempInit(&memp, buffer, buffer + sizeof buffer) != FMEMP_SUCCESS) {
        return 10;
    }
    void *block = FMempMalloc(&memp, 100);
    FMempFree(&memp, block);
    FMempFree(&memp, block);
    return 0;
}
