/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* Stacks prefer tightly coupled memory, frames external memory, and a descriptor must be in SRAM.
 */
#include <stdio.h>

#include "memories.h"

static const char *const names[] = {"tight", "SRAM", "external", "none"};

static const char *place(const void *block) { return names[memories_of(block)]; }

int main(void) {
    if (!memories_begin()) {
        return 1;
    }
    void *first = memories_malloc(MEMORY_TIGHT, 1000);
    void *second = memories_malloc(MEMORY_TIGHT, 1000); /* no room any more */
    void *frame = memories_malloc(MEMORY_EXTERNAL, 20000);
    void *descriptor = memories_malloc_only(MEMORY_SRAM, 64);
    void *too_large = memories_malloc_only(MEMORY_SRAM, 20000);
    printf("memories: %s, %s, %s, %s, %s\n", place(first), place(second), place(frame),
           place(descriptor), place(too_large));
    memories_free(first);
    void *third = memories_malloc(MEMORY_TIGHT, 1000); /* there is room again */
    printf("memories: %s\n", place(third));
    memories_free(second);
    memories_free(third);
    memories_free(frame);
    memories_free(descriptor);
    return 0;
}
