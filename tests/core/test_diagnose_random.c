/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How often the diagnosis is right. Mistakes of each kind are made in heaps of random blocks with
 * the contents that programs have: zeros, text, numbers, addresses, noise. The heap is then used
 * until a call reports a fault, or until the check finds one. Each kind prints how many mistakes
 * were seen, and how many diagnoses named the right block; a case fails below its limit.
 *
 * TLSF_TEST_SEED and TLSF_TEST_STEPS set the heaps and how many mistakes of each kind are made.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/random.h"
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

enum { BLOCKS = 120, POOL_BYTES = 48 * 1024, MISTAKES_A_HEAP = 10, DEFAULT_STEPS = 400 };

/* ---- a heap as programs have them ----------------------------------------------------- */

typedef struct {
    heap h;
    random_source random;
    uint8_t *blocks[BLOCKS]; /* live and freed ones */
    bool is_live[BLOCKS];
} world;

typedef enum { ZEROS, TEXT, NUMBERS, ADDRESSES, NOISE, ONES, CONTENTS } content;

/* The byte at place i of a content. `any` is a random byte. */
static uint8_t content_byte(content kind, size_t i, uint8_t any, uintptr_t address) {
    switch (kind) {
    case TEXT:
        return (uint8_t)(' ' + any % 95);
    case NUMBERS:
        return i % 4 == 0 ? any % 100 : 0;
    case ADDRESSES:
        return (uint8_t)(address >> 8 * (i % sizeof(address)));
    case NOISE:
        return any;
    case ONES:
        return 0xFF;
    default:
        return 0;
    }
}

static void write_content(world *w, uint8_t *to, size_t bytes) {
    const content kind = (content)random_below(&w->random, CONTENTS);
    const uintptr_t address = (uintptr_t)w->h.memory.begin + random_below(&w->random, POOL_BYTES);
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes; i++) {
        bits = i % sizeof(bits) == 0 ? random_bits(&w->random) : bits >> 8;
        to[i] = content_byte(kind, i, (uint8_t)bits, address);
    }
    if (kind == TEXT && bytes > 0) {
        to[bytes - 1] = 0;
    }
}

static size_t random_size(world *w) {
    return random_below(&w->random, 10) < 8 ? 1 + random_below(&w->random, 120)
                                            : 1 + random_below(&w->random, 1200);
}

/* Fills blocks, frees some, and takes some of these again. */
static void world_make(world *w, uint64_t seed) {
    w->h = heap_make(POOL_BYTES);
    w->random = random_from(seed);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            if (round == 0 || !w->is_live[i]) {
                w->blocks[i] = tlsf_malloc(w->h.t, random_size(w));
                w->is_live[i] = w->blocks[i] != NULL;
                assert_non_null(w->blocks[i]);
                write_content(w, w->blocks[i], tlsf_block_size(w->blocks[i]));
            }
        }
        for (size_t i = 0; i < BLOCKS; i++) {
            if (random_below(&w->random, 3) == 0) {
                tlsf_free(w->h.t, w->blocks[i]);
                w->is_live[i] = false;
            }
        }
    }
}

static size_t random_index(world *w, bool is_live) {
    size_t i = random_below(&w->random, BLOCKS);
    while (w->is_live[i] != is_live) {
        i = (i + 1) % BLOCKS;
    }
    return i;
}

/* ---- from a mistake to its diagnosis ---------------------------------------------------- */

static tlsf_diagnosis_t diagnosis;
static size_t diagnoses;

static void diagnose_first(tlsf_t t, const tlsf_fault_t *fault) {
    if (diagnoses++ == 0) {
        (void)tlsf_diagnose(t, fault, &diagnosis);
    }
}

/* Whether level 1 finds no fault in the headers at ptr. */
static bool headers_agree(const world *w, const void *ptr) {
    const control *t = control_of(w->h.t);
    return header_is_live(t, ptr) && neighbours_agree(t, block_of_payload(ptr));
}

/* Whether a free of ptr can be tried after a mistake. Level 1 trusts headers that
 * agree by chance, and would merge what is no block. */
static bool free_is_safe(const world *w, const void *ptr) {
    return TLSF_HARDENING >= 2 || (TLSF_HARDENING == 1 && !headers_agree(w, ptr));
}

/* Notices the mistake: by a free of block `first`, or by a check.
 * Returns false if it goes unnoticed. */
static bool world_notice(world *w, size_t first) {
    diagnoses = 0;
    (void)tlsf_set_fault_hook(w->h.t, diagnose_first);
    if (random_below(&w->random, 4) != 0 && free_is_safe(w, w->blocks[first])) {
        tlsf_free(w->h.t, w->blocks[first]);
    } else if (tlsf_check(w->h.t) != TLSF_SOUND) {
        diagnose_first(w->h.t, NULL);
    }
    return diagnoses != 0;
}

typedef struct {
    size_t seen, right;
} score;

typedef struct {
    const char *name;
    /* Makes a mistake. Returns the block that the diagnosis must name, and in *first the number of
     * the block that is freed next. */
    const void *(*make)(world *w, size_t *first);
    tlsf_mistake mistake;
    unsigned least; /* right ones of a hundred */
} kind;

/* A pointer into a live block can be one to a block that was there before: nothing tells. */
static bool mistake_is(tlsf_mistake expected) {
    return diagnosis.mistake == expected ||
           (expected == TLSF_MISTAKE_INTERIOR && diagnosis.mistake == TLSF_MISTAKE_DOUBLE_FREE);
}

/* Makes mistakes in one heap, each in the heap as it was. */
static void run_heap(const kind *k, world *w, score *s) {
    const world sound = *w;
    uint8_t *copy = test_malloc(w->h.memory.bytes);
    memcpy(copy, w->h.memory.begin, w->h.memory.bytes);
    for (size_t i = 0; i < MISTAKES_A_HEAP; i++) {
        size_t first = 0;
        const void *culprit = k->make(w, &first);
        if (culprit != NULL && world_notice(w, first)) {
            s->seen++;
            s->right += diagnosis.culprit.block == culprit && mistake_is(k->mistake);
        }
        const random_source random = w->random;
        memcpy(w->h.memory.begin, copy, w->h.memory.bytes);
        *w = sound;
        w->random = random;
    }
    test_free(copy);
}

static void run_kind(const kind *k, uint64_t seed) {
    const size_t steps = random_steps(DEFAULT_STEPS);
    score s = {0, 0};
    for (size_t step = 0; step < steps; step += MISTAKES_A_HEAP) {
        world w;
        world_make(&w, seed + step);
        run_heap(k, &w, &s);
        heap_end(&w.h);
    }
    fprintf(stderr, "%s: %zu seen, %zu right\n", k->name, s.seen, s.right);
    assert_true(s.right * 100 >= s.seen * k->least);
}

/* ---- the mistakes ------------------------------------------------------------------- */

/* The live block behind live block i, or i itself if there is none. */
static size_t neighbour_of(const world *w, size_t i) {
    const uint8_t *behind = w->blocks[i] + outer_of(w->blocks[i]);
    for (size_t n = 0; n < BLOCKS; n++) {
        if (w->is_live[n] && w->blocks[n] == behind) {
            return n;
        }
    }
    return i;
}

static const void *overrun(world *w, size_t bytes, bool frees_neighbour, size_t *first) {
    const size_t i = random_index(w, true);
    uint8_t *end = w->blocks[i] + tlsf_block_size(w->blocks[i]);
    const size_t to_header = (size_t)(w->blocks[i] + outer_of(w->blocks[i]) - header_bytes() - end);
    write_content(w, end, to_header + bytes);
    *first = frees_neighbour ? neighbour_of(w, i) : i;
    return w->blocks[i];
}

static const void *overrun_1_neighbour(world *w, size_t *first) {
    return overrun(w, 1, true, first);
}
static const void *overrun_1_own(world *w, size_t *first) { return overrun(w, 1, false, first); }
static const void *overrun_some_neighbour(world *w, size_t *first) {
    return overrun(w, 2 + random_below(&w->random, 6), true, first);
}
static const void *overrun_some_own(world *w, size_t *first) {
    return overrun(w, 2 + random_below(&w->random, 6), false, first);
}
static const void *overrun_long_neighbour(world *w, size_t *first) {
    return overrun(w, 8 + random_below(&w->random, 100), true, first);
}
static const void *overrun_long_own(world *w, size_t *first) {
    return overrun(w, 8 + random_below(&w->random, 100), false, first);
}

static const void *underrun(world *w, size_t *first) {
    const size_t i = random_index(w, true);
    uint8_t *p = w->blocks[i] - 1;
    *p = (uint8_t)(*p ^ (1 + random_below(&w->random, 255)));
    *first = i;
    return w->blocks[i];
}

/* The block that lies at an address now. */
static tlsf_block_t block_at_address(const world *w, const uint8_t *ptr) {
    tlsf_block_t found;
    assert_int_equal(tlsf_locate(w->h.t, ptr, &found), 1);
    return found;
}

static const void *write_after_free(world *w, size_t *first) {
    const size_t i = random_index(w, false);
    const tlsf_block_t now = block_at_address(w, w->blocks[i]);
    *first = random_index(w, true);
    if (now.block != w->blocks[i]) {
        return NULL; /* inside a larger block: nothing of the heap's is overwritten */
    }
    write_content(w, w->blocks[i], 1 + random_below(&w->random, now.size));
    return tlsf_check(w->h.t) == TLSF_SOUND ? NULL : now.block;
}

static const void *double_free(world *w, size_t *first) {
    const size_t i = random_index(w, false);
    *first = i;
    w->is_live[i] = true;
    return block_at_address(w, w->blocks[i]).block;
}

static const void *interior(world *w, size_t *first) {
    const size_t i = random_index(w, true);
    const size_t bytes = tlsf_block_size(w->blocks[i]);
    const void *owner = w->blocks[i];
    if (bytes < 4 * TLSF_GRANULE) {
        return NULL;
    }
    w->blocks[i] += (1 + random_below(&w->random, bytes / TLSF_GRANULE - 2)) * TLSF_GRANULE;
    *first = i;
    return owner;
}

static const kind kinds[] = {
    {"overrun of 1 byte, neighbour freed", overrun_1_neighbour, TLSF_MISTAKE_OVERRUN, 86},
    {"overrun of 1 byte, block freed", overrun_1_own, TLSF_MISTAKE_OVERRUN, 86},
    {"overrun of 2 to 7, neighbour freed", overrun_some_neighbour, TLSF_MISTAKE_OVERRUN, 88},
    {"overrun of 2 to 7, block freed", overrun_some_own, TLSF_MISTAKE_OVERRUN, 88},
    {"overrun of 8 to 107, neighbour freed", overrun_long_neighbour, TLSF_MISTAKE_OVERRUN, 88},
    {"overrun of 8 to 107, block freed", overrun_long_own, TLSF_MISTAKE_OVERRUN, 88},
    /* Where the low byte of a header is its last, this is the hard one. */
    {"underrun of 1 byte", underrun, TLSF_MISTAKE_UNDERRUN, 78},
    {"write after free", write_after_free, TLSF_MISTAKE_WRITE_AFTER_FREE, 95},
    {"double free", double_free, TLSF_MISTAKE_DOUBLE_FREE, 95},
    {"interior pointer", interior, TLSF_MISTAKE_INTERIOR, 95},
};

/* Verifies T311, T312, T313, T314, T315, T316, T326. */
static void diagnosis_of_random_mistakes_names_the_block(void **state) {
    (void)state;
    const uint64_t seed = random_seed("diagnose_random", 20261129);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        run_kind(&kinds[i], seed + 1000000 * i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diagnosis_of_random_mistakes_names_the_block),
    };
    return cmocka_run_group_tests_name("diagnose_random", tests, NULL, NULL);
}
