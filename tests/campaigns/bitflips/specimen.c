/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include "specimen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "support/internals.h"

enum {
    GAP_BYTES = 64,
    GAP = 0xA5,
    PLANNED_BYTES = 4096,
    KEPT_BYTES = 210, /* blocks of this size stay when pool_thin frees the others */
    SMALL_BYTES = 20,
    ROOM_TO_FILL = 400
};

/* Whichever bit of this address flips, it does not lead to a program, its libraries or its stack.
 * Compact links and sizes reach 8 GiB, less than the unmapped memory on each side. */
#define SPECIMEN_ADDRESS ((uintptr_t)1 << 44)
#define UNMAPPED_BYTES ((size_t)1 << 35)

size_t specimen_faults;

static void count_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    specimen_faults++;
}

static void expect(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "bitflips: the specimen cannot be made: %s\n", what);
        exit(2);
    }
}

/* Returns memory with unmapped memory before and behind it. */
static uint8_t *memory_make(void) {
    static uint8_t *begin;
    if (begin == NULL) {
        void *wanted = (void *)(SPECIMEN_ADDRESS - UNMAPPED_BYTES);
        const void *around = mmap(wanted, 2 * UNMAPPED_BYTES, PROT_NONE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        expect(around == wanted, "the addresses are taken");
        begin = (uint8_t *)SPECIMEN_ADDRESS;
        expect(mprotect(begin, SPECIMEN_BYTES, PROT_READ | PROT_WRITE) == 0, "no memory");
    }
    memset(begin, GAP, SPECIMEN_BYTES);
    return begin;
}

/* ---- live blocks -------------------------------------------------------------------- */

static uint8_t content_of(const specimen *s, const live_block *live) {
    return (uint8_t)(live - s->live + 1);
}

static void live_add(specimen *s, size_t bytes) {
    void *ptr = tlsf_malloc(s->t, bytes);
    expect(ptr != NULL && s->live_count < SPECIMEN_LIVE_MAX, "no block");
    live_block *live = &s->live[s->live_count++];
    *live = (live_block){ptr, bytes};
    memset(ptr, content_of(s, live), bytes);
}

static void live_free(specimen *s, live_block *live) {
    expect(live->ptr != NULL, "no such block");
    tlsf_free(s->t, live->ptr);
    live->ptr = NULL;
}

bool live_is_intact(const specimen *s, const live_block *live) {
    const uint8_t *bytes = live->ptr;
    for (size_t i = 0; bytes != NULL && i < live->bytes; i++) {
        if (bytes[i] != content_of(s, live)) {
            return false;
        }
    }
    return true;
}

/* Finds the last live block that becomes pending when it is freed, and then has the class of a list
 * that is empty, or is not, as asked. */
static live_block *live_find(specimen *s, bool list_has_to_be_empty) {
    for (size_t i = s->live_count; i > 0; i--) {
        live_block *live = &s->live[i - 1];
        const block *b = block_of_payload(live->ptr);
        if (live->ptr != NULL && !block_is_lone(b) &&
            list_is_empty(s->t, class_floor(block_room_both_ways(b))) == list_has_to_be_empty) {
            return live;
        }
    }
    expect(false, "no block to free last");
    return NULL;
}

/* ---- pools -------------------------------------------------------------------------- */

/* Each region ends with a gap. The last one ends where the mapped memory ends. */
static const size_t region_offsets[SPECIMEN_POOLS + 1] = {0,    768,  4352,
                                                          5888, 6912, SPECIMEN_BYTES + GAP_BYTES};

uint8_t *specimen_region(const specimen *s, size_t number) {
    return s->begin + region_offsets[number];
}

size_t specimen_region_bytes(size_t number) {
    return region_offsets[number + 1] - region_offsets[number] - GAP_BYTES;
}

/* Fills the free memory with pairs of blocks: a small one, which stays, and one to free. A block of
 * 112 bytes has the size that some of the others have together: live_find needs such a list. */
static void pool_fill(specimen *s) {
    static const size_t sizes[] = {24, 24, 60, 24, KEPT_BYTES, 60, 112, 90};
    for (size_t i = 0; tlsf_largest(s->t) >= ROOM_TO_FILL; i++) {
        live_add(s, i % 2 == 0 ? SMALL_BYTES : sizes[i / 2 % (sizeof(sizes) / sizeof(sizes[0]))]);
    }
    live_add(s, SMALL_BYTES);
    while (tlsf_largest(s->t) != 0) {
        live_add(s, tlsf_largest(s->t));
    }
}

static void pool_add(specimen *s, size_t number) {
    s->pools[number] =
        tlsf_add_pool(s->t, specimen_region(s, number), specimen_region_bytes(number));
    expect(s->pools[number] != NULL, "no pool");
}

/* Frees the blocks from number `first` on. Keeps small blocks, those of KEPT_BYTES, and the first
 * one of 24 bytes. */
static void pool_thin(specimen *s, size_t first) {
    bool is_first = true;
    for (size_t i = first; i < s->live_count; i++) {
        const size_t bytes = s->live[i].bytes;
        if (bytes == 24 && is_first) {
            is_first = false;
        } else if (bytes != SMALL_BYTES && bytes != KEPT_BYTES) {
            live_free(s, &s->live[i]);
        }
    }
}

/* ---- the whole ---------------------------------------------------------------------- */

/* The last step: frees a last block, and brings it into the wanted situation. */
static void situation_make(specimen *s, situation wanted) {
    live_block *last = live_find(s, wanted != PENDING_BEFORE_LIST);
    const outer_size freed = block_room_both_ways(block_of_payload(last->ptr));
    live_free(s, last);
    if (wanted == PENDING_NONE) {
        live_add(s, size_inner_bytes(freed));
    }
    expect(link_is_null(s->t, s->t->pending) == (!TLSF_PENDING || wanted == PENDING_NONE),
           "the pending block");
}

specimen specimen_make(situation wanted) {
    specimen s = {.begin = memory_make()};
    s.t = tlsf_create_sized(specimen_region(&s, 1), specimen_region_bytes(1), PLANNED_BYTES);
    expect(s.t != NULL, "no heap");
    tlsf_set_fault_hook(s.t, count_fault);
    s.pools[1] = tlsf_get_pool(s.t);
    pool_fill(&s);
    const size_t to_thin = s.live_count;
    pool_add(&s, 0); /* this one stays full */
    pool_fill(&s);
    const size_t full = s.live_count;
    pool_add(&s, 2);
    pool_fill(&s);
    pool_add(&s, 4);
    pool_fill(&s);
    pool_thin(&s, full);
    const size_t all = s.live_count;
    s.live_count = to_thin;
    pool_thin(&s, 0);
    s.live_count = all;
    pool_add(&s, 3); /* this one is all free */
    expect(tlsf_malloc(s.t, SIZE_MAX) == NULL, "the heap has to count a failure");
    situation_make(&s, wanted);
    expect(specimen_faults == 0 && tlsf_check(s.t) == TLSF_SOUND, "the heap is not sound");
    return s;
}

/* ---- what must not change ----------------------------------------------------------- */

bool specimen_is_clean_outside(const specimen *s) {
    for (size_t number = 1; number < SPECIMEN_POOLS; number++) {
        const uint8_t *gap = specimen_region(s, number) - GAP_BYTES;
        for (size_t i = 0; i < GAP_BYTES; i++) {
            if (gap[i] != GAP) {
                return false;
            }
        }
    }
    return true;
}
