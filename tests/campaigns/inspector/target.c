/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A heap to look at: two regions after random requests, with tags and call sites. The program lists
 * and dumps it, and calls inspect_here, where the debugger stops.
 */
#include "fmemory_pool.h"
#include "tlsf_text.h"
#include <string.h>

/* So that each request comes from the function that the source names. */
#define ALONE __attribute__((noinline))

enum { BLOCKS = 90, STEPS = 900 };

static u8 first_region[12000];
static u8 second_region[3000];
static FMemp memp;
static void *blocks[BLOCKS];

/* What FMempDump writes; the debugger takes it from here. */
static u8 dump_bytes[40000];
static size_t dump_count;

static u32 random_state = 1;

static u32 random_below(u32 end) {
    random_state = random_state * 1103515245U + 12345U;
    return (random_state >> 16) % end;
}

static void *kept_alone(void *block) {
    __asm__ volatile("" : "+r"(block)); /* the call before is no tail call */
    return block;
}

static ALONE void *request_tagged(void) {
    return kept_alone(FMEMP_MALLOC(&memp, random_below(200)));
}
static ALONE void *request_plain(void) { return kept_alone(FMempMalloc(&memp, random_below(100))); }
static ALONE void *request_aligned(void) {
    return kept_alone(FMempMallocAlign(&memp, random_below(100), 64));
}

static void *request(void) {
    switch (random_below(4)) {
    case 0:
        return request_tagged();
    case 1:
        return request_aligned();
    default:
        return request_plain();
    }
}

static void step(void **place) {
    if (*place == NULL) {
        *place = request();
    } else {
        FMempFree(&memp, *place);
        *place = NULL;
    }
}

static void piece_print(const char *piece, size_t length) {
    (void)length; /* the console of the boards does without */
    FMEMP_WRITE(piece, length);
}

static int block_list(const FMempBlock *block, void *user) {
    struct text text;

    (void)user;
    text_begin(&text, piece_print);
    text_block(&text, block->ptr, block->size, block->used);
    if (block->tag.file != NULL) {
        text_string(&text, "  ");
        text_string(&text, block->tag.file);
        text_string(&text, ":");
        text_decimal(&text, block->tag.line);
        text_string(&text, " ");
        text_string(&text, block->tag.msg);
    }
    text_line(&text);
    return 1;
}

static int dump_append(void *context, const void *bytes, size_t count) {
    (void)context;
    if (count > sizeof dump_bytes - dump_count) {
        return 1;
    }
    memcpy(dump_bytes + dump_count, bytes, count);
    dump_count += count;
    return 0;
}

void inspect_here(void);
ALONE void inspect_here(void) { __asm__ volatile("" ::: "memory"); }

int main(void) {
    int i;

    FMempInit(&memp, first_region, first_region + sizeof first_region);
    FMempAddRegion(&memp, second_region, second_region + sizeof second_region);
    for (i = 0; i < STEPS; i++) {
        step(&blocks[random_below(BLOCKS)]);
    }
    FMempWalk(&memp, block_list, NULL);
    i = FMempDump(&memp, dump_append, NULL) == FMEMP_SUCCESS ? 0 : 1;
    inspect_here();
    return i;
}
