/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* A pool of 1,200 bytes: takes a block, prints what is left, gives the block back. */
#include <fmemp.h>

static u8 region[1200];
static FMemp memp; /* starts as zeros */

void setup() {
    Serial.begin(9600);
    if (FMempInit(&memp, region, region + sizeof region) != FMEMP_SUCCESS) {
        Serial.println("the region is too small");
    }
}

void loop() {
    char *text = (char *)FMempMalloc(&memp, 100);
    if (text != NULL) {
        FMempStats stats;
        FMempGetStats(&memp, &stats);
        Serial.println((unsigned)stats.free_bytes);
        FMempFree(&memp, text);
    }
    delay(1000);
}
