/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The self-test: a fixed script of calls, compared with the contracts of tlsf.h.
 *
 * It uses the public functions, and of the inside only the bit searches: what a wrong one does to a
 * heap would be named by another result. Nothing here divides by a variable, for small processors
 * that call a library for that.
 */
#include "tlsf_selftest.h"

#include "../core/size_class.h"

enum { TRIAL_SLOTS = 16, TRIAL_STEPS = 200, TRIAL_SLOT_SHIFT = 28 };

/* A block that the script holds. Each byte of it is the number of its slot, counted from 1. */
typedef struct {
    unsigned char *block; /* NULL: none */
    size_t bytes;
} trial_slot;

typedef struct {
    tlsf_t heap;
    uintptr_t begin, end; /* of the region */
    size_t whole;         /* tlsf_largest of the empty heap */
    size_t refused;       /* requests that returned NULL */
    trial_slot slots[TRIAL_SLOTS];
} trial;

/* ---- bit searches -------------------------------------------------------------------- */

static bool bits_are_found_at(unsigned i) {
    const uint32_t bit = (uint32_t)1 << i;
    const uint32_t below = bit - 1;
    const unsigned far = 32 + i;
    return bits_first_set(bit) == i && bits_last_set(bit) == i && bits_first_set(~below) == i &&
           bits_last_set(bit | below) == i && bits_last_set64(bit) == i &&
           bits_last_set64((uint64_t)bit << 32 | bit) == far;
}

static bool bits_are_found(void) {
    bool found = true;
    for (unsigned i = 0; i < 32; i++) {
        found = found && bits_are_found_at(i);
    }
    return found;
}

/* ---- faults -------------------------------------------------------------------------- */

/* The hook is the only place to note a fault in: the self-test has no variables. A hook may set
 * another one. */
static void fault_was_noted(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
}

static void fault_note(tlsf_t t, const tlsf_fault_t *fault) {
    (void)fault;
    (void)tlsf_set_fault_hook(t, fault_was_noted);
}

/* Whether a fault was reported since the last call. */
static bool fault_is_new(tlsf_t t) { return tlsf_set_fault_hook(t, fault_note) == fault_was_noted; }

/* ---- the heap ------------------------------------------------------------------------ */

static bool trial_begins(trial *t, void *mem) {
    memset(t, 0, sizeof *t);
    t->begin = (uintptr_t)mem;
    t->end = t->begin + TLSF_SELFTEST_BYTES;
    if (tlsf_create_sized(NULL, TLSF_SELFTEST_BYTES, 0) != NULL ||
        tlsf_create_sized(mem, 2 * TLSF_GRANULE, 0) != NULL) {
        return false;
    }
    t->heap = tlsf_create_sized(mem, TLSF_SELFTEST_BYTES, 0);
    if (t->heap == NULL) {
        return false;
    }
    (void)tlsf_set_fault_hook(t->heap, fault_note);
    t->whole = tlsf_largest(t->heap);
    return t->whole >= 64 * (size_t)TLSF_GRANULE;
}

/* The outer size of a block with this inner size. */
static size_t outer_bytes(size_t inner) {
    const size_t least = tlsf_block_size_min();
    const size_t bytes = (inner < least ? least : inner) + tlsf_alloc_overhead();
    return (bytes + (TLSF_GRANULE - 1)) / TLSF_GRANULE * TLSF_GRANULE;
}

/* Whether p is a block as a request asked for it. */
static tlsf_selftest_result block_judge(const trial *t, void *p, size_t align, size_t bytes) {
    const size_t size = tlsf_block_size(p);
    if (((uintptr_t)p & (align - 1)) != 0) {
        return TLSF_SELFTEST_ALIGNMENT;
    }
    if (size < bytes || (uintptr_t)p < t->begin || (uintptr_t)p > t->end - size) {
        return TLSF_SELFTEST_SIZE;
    }
    return TLSF_SELFTEST_PASSED;
}

/* A heap without blocks has one free block, as large as at first. */
static tlsf_selftest_result trial_is_whole(const trial *t) {
    return tlsf_largest(t->heap) == t->whole ? TLSF_SELFTEST_PASSED : TLSF_SELFTEST_COALESCING;
}

/* ---- one block: split and merge ------------------------------------------------------ */

/* Whether the block p, the only one, was cut from the free block as it should. */
static bool block_is_cut(const trial *t, void *p, size_t bytes) {
    const size_t outer = outer_bytes(tlsf_block_size(p));
    const size_t rest = outer_bytes(t->whole) - outer;
    return (TLSF_ROUND_TO_CLASS || outer == outer_bytes(bytes)) &&
           tlsf_largest(t->heap) == rest - tlsf_alloc_overhead();
}

static tlsf_selftest_result one_block(const trial *t, size_t bytes) {
    void *p = tlsf_malloc(t->heap, bytes);
    if (p == NULL) {
        return TLSF_SELFTEST_SERVICE;
    }
    const tlsf_selftest_result judged = block_judge(t, p, TLSF_GRANULE, bytes);
    if (judged != TLSF_SELFTEST_PASSED) {
        return judged;
    }
    if (bytes < t->whole && !block_is_cut(t, p, bytes)) {
        return TLSF_SELFTEST_SPLIT;
    }
    tlsf_free(t->heap, p);
    return trial_is_whole(t);
}

/* Blocks of one size after the other, and of the whole heap. */
static tlsf_selftest_result every_size(const trial *t) {
    tlsf_selftest_result judged = one_block(t, t->whole);
    for (size_t bytes = 0; judged == TLSF_SELFTEST_PASSED && bytes < t->whole / 2;
         bytes += bytes / 16 + 1) {
        judged = one_block(t, bytes);
    }
    return judged;
}

/* ---- many blocks --------------------------------------------------------------------- */

static unsigned char slot_mark(const trial *t, const trial_slot *s) {
    return (unsigned char)(s - t->slots + 1);
}

static bool content_is(const unsigned char *p, size_t bytes, unsigned char value) {
    while (bytes > 0 && *p == value) {
        p++;
        bytes--;
    }
    return bytes == 0;
}

/* Takes the result of a request over into its slot. It may be refused only if the heap was sure of
 * less than `room` bytes. */
static tlsf_selftest_result slot_take(trial *t, trial_slot *s, void *p, size_t align, size_t bytes,
                                      bool is_sure) {
    if (p == NULL) {
        t->refused++;
        return is_sure ? TLSF_SELFTEST_SERVICE : TLSF_SELFTEST_PASSED;
    }
    const tlsf_selftest_result judged = block_judge(t, p, align, bytes);
    if (judged == TLSF_SELFTEST_PASSED) {
        s->block = (unsigned char *)p;
        s->bytes = bytes;
        memset(p, slot_mark(t, s), bytes);
    }
    return judged;
}

static tlsf_selftest_result slot_allocate(trial *t, trial_slot *s, size_t align, size_t bytes) {
    const size_t gap = align > TLSF_GRANULE ? align + outer_bytes(0) : 0;
    const bool is_sure = outer_bytes(bytes) + gap <= tlsf_largest(t->heap);
    return slot_take(t, s, tlsf_memalign(t->heap, align, bytes), align, bytes, is_sure);
}

static tlsf_selftest_result slot_resize(trial *t, trial_slot *s, size_t bytes) {
    const size_t kept = bytes < s->bytes ? bytes : s->bytes;
    const bool is_sure = bytes <= tlsf_largest(t->heap) || bytes <= s->bytes;
    void *p = tlsf_realloc(t->heap, s->block, bytes);
    const unsigned char *content = p == NULL ? s->block : (unsigned char *)p;
    if (!content_is(content, kept, slot_mark(t, s))) {
        return TLSF_SELFTEST_CONTENT;
    }
    return slot_take(t, s, p, TLSF_GRANULE, bytes, is_sure);
}

static tlsf_selftest_result slot_free(trial *t, trial_slot *s) {
    if (!content_is(s->block, s->bytes, slot_mark(t, s))) {
        return TLSF_SELFTEST_CONTENT;
    }
    tlsf_free(t->heap, s->block);
    s->block = NULL;
    return TLSF_SELFTEST_PASSED;
}

/* One call of the script. Bits of `random` choose what it is. */
static tlsf_selftest_result trial_step(trial *t, uint32_t random) {
    trial_slot *s = &t->slots[random >> TRIAL_SLOT_SHIFT];
    const size_t most = (random & 3) == 0 ? 32 * TLSF_GRANULE : 8 * TLSF_GRANULE;
    const size_t bytes = (size_t)(random >> 8) & (most - 1);
    if (s->block == NULL) {
        return slot_allocate(t, s, (size_t)TLSF_GRANULE << (random >> 2 & 3), bytes);
    }
    return (random & 4) == 0 ? slot_free(t, s) : slot_resize(t, s, bytes + 1);
}

static tlsf_selftest_result many_steps(trial *t) {
    uint32_t random = 1;
    for (unsigned step = 0; step < TRIAL_STEPS; step++) {
        random = random * 1664525u + 1013904223u; /* Numerical Recipes: the upper bits vary well */
        const tlsf_selftest_result judged = trial_step(t, random ^ random >> 16);
        if (judged != TLSF_SELFTEST_PASSED) {
            return judged;
        }
        if (tlsf_check(t->heap) != TLSF_SOUND) {
            return TLSF_SELFTEST_INVARIANTS;
        }
    }
    return TLSF_SELFTEST_PASSED;
}

static bool statistics_agree(const trial *t) {
    size_t live = 0;
    size_t used = 0; /* at hardening 3 at least, as a guard takes what is too small for a block */
    for (unsigned i = 0; i < TRIAL_SLOTS; i++) {
        if (t->slots[i].block != NULL) {
            live++;
            used += outer_bytes(tlsf_block_size(t->slots[i].block));
        }
    }
    tlsf_stats_t stats;
    if (tlsf_stats(t->heap, &stats) == 0) {
        return TLSF_STATISTICS == 0;
    }
    const bool bytes_agree =
        (TLSF_HARDENING == 3 ? stats.used_bytes >= used : stats.used_bytes == used) &&
        stats.free_bytes == stats.pool_bytes - stats.used_bytes &&
        stats.peak_bytes >= stats.used_bytes && stats.pool_bytes == outer_bytes(t->whole);
    return bytes_agree && stats.live_blocks == live && stats.failures == t->refused &&
           stats.allocations - stats.frees == live;
}

static tlsf_selftest_result many_blocks(trial *t) {
    tlsf_selftest_result judged = many_steps(t);
    if (judged == TLSF_SELFTEST_PASSED && !statistics_agree(t)) {
        judged = TLSF_SELFTEST_STATISTICS;
    }
    for (unsigned i = 0; judged == TLSF_SELFTEST_PASSED && i < TRIAL_SLOTS; i++) {
        if (t->slots[i].block != NULL) {
            judged = slot_free(t, &t->slots[i]);
        }
    }
    return judged == TLSF_SELFTEST_PASSED ? trial_is_whole(t) : judged;
}

/* ---- refusals ------------------------------------------------------------------------ */

static tlsf_selftest_result requests_are_refused(trial *t) {
    tlsf_t heap = t->heap;
    trial_slot *s = &t->slots[0];
    const tlsf_selftest_result judged = slot_allocate(t, s, TLSF_GRANULE, 5 * TLSF_GRANULE);
    if (judged != TLSF_SELFTEST_PASSED) {
        return judged;
    }
    const size_t largest = tlsf_largest(heap);
    const bool refused = tlsf_malloc(heap, largest + 1) == NULL &&
                         tlsf_malloc(heap, SIZE_MAX) == NULL &&
                         tlsf_memalign(heap, 3 * TLSF_GRANULE, 1) == NULL &&
                         tlsf_memalign(heap, SIZE_MAX / 2 + 1, 1) == NULL &&
                         tlsf_calloc(heap, SIZE_MAX / 2 + 2, 2) == NULL &&
                         tlsf_realloc(heap, s->block, SIZE_MAX) == NULL;
    t->refused += 6;
    if (!refused || tlsf_largest(heap) != largest) {
        return TLSF_SELFTEST_REFUSAL;
    }
    return statistics_agree(t) ? slot_free(t, s) : TLSF_SELFTEST_STATISTICS;
}

static tlsf_selftest_result calloc_clears(const trial *t) {
    const size_t bytes = t->whole / 2;
    unsigned char *p = (unsigned char *)tlsf_calloc(t->heap, 1, bytes);
    if (p == NULL) {
        return TLSF_SELFTEST_SERVICE;
    }
    const bool is_clear = content_is(p, bytes, 0);
    tlsf_free(t->heap, p);
    return is_clear ? trial_is_whole(t) : TLSF_SELFTEST_CONTENT;
}

/* ---- what the hardening level finds -------------------------------------------------- */

/* A free block between two live ones, whose links are exchanged: no request may take it. Both lead
 * into the heap, so a library that does not look goes wrong, but not astray. */
static bool broken_links_are_found(tlsf_t heap, unsigned char *freed, size_t bytes) {
    block_link links[2];
    memcpy(links, freed, sizeof links);
    memcpy(freed, &links[1], sizeof links[1]);
    memcpy(freed + sizeof links[1], &links[0], sizeof links[0]);
    const bool is_refused = tlsf_malloc(heap, bytes) == NULL;
    memcpy(freed, links, sizeof links);
    return fault_is_new(heap) && is_refused;
}

static bool overrun_is_found(tlsf_t heap, unsigned char *p, size_t bytes) {
    p[bytes] ^= 0xFF;
    tlsf_free(heap, p);
    p[bytes] ^= 0xFF;
    return fault_is_new(heap);
}

/* Mistakes with the middle one of three blocks. */
static bool mistakes_are_found(tlsf_t heap, void *first, unsigned char *p, void *last,
                               size_t bytes) {
    tlsf_free(heap, p + 1);
    bool found = fault_is_new(heap);
    if (TLSF_HARDENING == 3 && !TLSF_MEMORY_CHECKER) {
        found = found && overrun_is_found(heap, p, bytes);
    }
    tlsf_free(heap, p);
    found = found && !fault_is_new(heap);
    tlsf_free(heap, p);
    found = found && fault_is_new(heap);
    if (!TLSF_MEMORY_CHECKER) {
        found = found && broken_links_are_found(heap, p, bytes);
    }
    tlsf_free(heap, first);
    tlsf_free(heap, last);
    return found && !fault_is_new(heap);
}

static tlsf_selftest_result faults_are_found(const trial *t) {
    const size_t bytes = 4 * TLSF_GRANULE;
    if (fault_is_new(t->heap)) {
        return TLSF_SELFTEST_DETECTION;
    }
    if (TLSF_HARDENING == 0) {
        return TLSF_SELFTEST_PASSED;
    }
    void *first = tlsf_malloc(t->heap, bytes);
    unsigned char *p = (unsigned char *)tlsf_malloc(t->heap, bytes);
    void *last = tlsf_malloc(t->heap, bytes);
    if (first == NULL || p == NULL || last == NULL) {
        return TLSF_SELFTEST_SERVICE;
    }
    if (!mistakes_are_found(t->heap, first, p, last, bytes)) {
        return TLSF_SELFTEST_DETECTION;
    }
    return tlsf_check(t->heap) == TLSF_SOUND ? trial_is_whole(t) : TLSF_SELFTEST_INVARIANTS;
}

/* ---- all ----------------------------------------------------------------------------- */

static tlsf_selftest_result trial_run(trial *t) {
    tlsf_selftest_result judged = every_size(t);
    if (judged == TLSF_SELFTEST_PASSED) {
        judged = many_blocks(t);
    }
    if (judged == TLSF_SELFTEST_PASSED) {
        judged = calloc_clears(t);
    }
    if (judged == TLSF_SELFTEST_PASSED) {
        judged = requests_are_refused(t);
    }
    return judged == TLSF_SELFTEST_PASSED ? faults_are_found(t) : judged;
}

tlsf_selftest_result tlsf_selftest(void *mem, size_t bytes) {
    if (mem == NULL || bytes < TLSF_SELFTEST_BYTES) {
        return TLSF_SELFTEST_REGION;
    }
    if (!bits_are_found()) {
        return TLSF_SELFTEST_BITS;
    }
    trial t;
    if (!trial_begins(&t, mem)) {
        return TLSF_SELFTEST_CREATE;
    }
    const tlsf_selftest_result judged = trial_run(&t);
    tlsf_destroy(t.heap);
    return judged;
}
