/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#include "memories.h"

#include "tlsf.h"

/* On a board, place each array by __attribute__((section(".dtcm"))) and the linker script. */
static unsigned char tight[2048];
static unsigned char sram[8192];
static unsigned char external[32768];

static struct {
    void *begin;
    size_t bytes;
    tlsf_t heap;
} memories[MEMORIES] = {
    [MEMORY_TIGHT] = {tight, sizeof tight, NULL},
    [MEMORY_SRAM] = {sram, sizeof sram, NULL},
    [MEMORY_EXTERNAL] = {external, sizeof external, NULL},
};

int memories_begin(void) {
    for (int i = 0; i < MEMORIES; i++) {
        memories[i].heap = tlsf_create_sized(memories[i].begin, memories[i].bytes, 0);
        if (memories[i].heap == NULL) {
            return 0;
        }
    }
    return 1;
}

void *memories_malloc_only(enum memory only, size_t bytes) {
    return tlsf_malloc(memories[only].heap, bytes);
}

void *memories_malloc(enum memory preferred, size_t bytes) {
    void *block = memories_malloc_only(preferred, bytes);
    for (int i = 0; block == NULL && i < MEMORIES; i++) {
        if (i != (int)preferred) {
            block = memories_malloc_only((enum memory)i, bytes);
        }
    }
    return block;
}

enum memory memories_of(const void *address) {
    int i = 0;
    while (i < MEMORIES && tlsf_owner(memories[i].heap, address) == NULL) {
        i++;
    }
    return (enum memory)i;
}

void memories_free(void *block) {
    const enum memory memory = memories_of(block);
    if (memory != MEMORIES) {
        tlsf_free(memories[memory].heap, block);
    }
}
