/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Returns 0 if and only if a heap gives a block.
 */
#include "tlsf.h"

static unsigned char region[4096];

int main(void) {
    tlsf_t heap = tlsf_create_sized(region, sizeof region, 0);
    return heap != NULL && tlsf_malloc(heap, 100) != NULL ? 0 : 1;
}
