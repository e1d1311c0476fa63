/* SPDX-License-Identifier: BSD-3-Clause */
#include "adversaries.h"

#include <stdlib.h>
#include <string.h>

#include "tlsf.h"

enum { TRIES = 64 }; /* of the largest blocks, in a program of rounds */

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static size_t round_to(size_t bytes, size_t multiple) { return bytes / multiple * multiple; }

/* ---- rounds ------------------------------------------------------------------------- */

/* Makes one step. Returns whether a block was kept. */
static bool step_make(player *p, const step *s, long *slots) {
    long *slot = &slots[s->slot];
    switch (s->kind) {
    case STEP_TAKE:
    case STEP_ALIGNED:
        player_give(p, *slot);
        *slot = player_take(p, s->outer, s->kind == STEP_ALIGNED ? p->limits.align : 0);
        return false;
    case STEP_KEEP:
        return player_take(p, s->outer, 0) != NO_BLOCK;
    case STEP_GIVE:
        player_give(p, *slot);
        *slot = NO_BLOCK;
        return false;
    case STEP_LEAVE: {
        const bool has_kept = *slot != NO_BLOCK;
        *slot = NO_BLOCK;
        return has_kept;
    }
    default:
        player_shrink(p, *slot, s->outer);
        return false;
    }
}

static void slots_give(player *p, long *slots) {
    for (size_t i = 0; i < SLOTS; i++) {
        player_give(p, slots[i]);
        slots[i] = NO_BLOCK;
    }
}

/* Asks for as many of the largest blocks as the limits allow. */
static void largest_take(player *p) {
    while (player_take(p, p->limits.largest, p->limits.align) != NO_BLOCK) {
    }
}

/* The same, and frees them again. A heap near its end can serve the rounds on and on, and yet have
 * no room for these. */
static void largest_try(player *p) {
    const size_t before = p->spare_count;
    largest_take(p);
    while (p->spare_count < before) {
        player_give_last(p);
    }
}

/* Makes one round. Returns whether it kept blocks. */
static bool round_make(player *p, const rounds *r, long *slots) {
    bool has_kept = false;
    for (size_t i = 0; i < r->count; i++) {
        has_kept |= step_make(p, &r->steps[i], slots);
    }
    return has_kept;
}

/* Repeats the rounds while they keep blocks. Tries the largest now and then. */
static void rounds_repeat(player *p, const rounds *r) {
    long slots[SLOTS] = {NO_BLOCK, NO_BLOCK, NO_BLOCK, NO_BLOCK};
    const size_t often = p->limits.blocks / TRIES + 1;
    for (size_t round = 1; round_make(p, r, slots); round++) {
        if (round % often == 0) {
            largest_try(p);
        }
    }
    slots_give(p, slots);
}

void rounds_play(player *p, const void *strategy) {
    rounds_repeat(p, strategy);
    largest_take(p);
}

rounds rounds_of_holes(size_t hole, size_t kept) {
    const size_t both = hole + kept;
    const rounds r = {7,
                      {{STEP_TAKE, 0, both},
                       {STEP_TAKE, 1, both},
                       {STEP_GIVE, 0, 0},
                       {STEP_TAKE, 2, hole},
                       {STEP_KEEP, 0, kept},
                       {STEP_GIVE, 2, 0},
                       {STEP_GIVE, 1, 0}}};
    return r;
}

size_t rounds_reach(const contest *c) {
    const limits *l = &c->limits;
    const size_t granule = tlsf_align_size();
    size_t reached = 0;
    for (size_t part = 0; part <= 8; part++) { /* n - m, and a multiple of n/64 below n */
        const size_t most = l->largest - l->smallest;
        const size_t hole = smaller(most, round_to(l->largest - part * l->largest / 64, granule));
        if (hole >= l->smallest && hole + l->smallest <= l->largest) {
            const rounds r = rounds_of_holes(hole, l->smallest);
            reached = larger(reached, contest_reach(c, reached, rounds_play, &r));
        }
    }
    return reached;
}

rounds rounds_of_shrinking(size_t largest, size_t kept) {
    const rounds r = {6,
                      {{STEP_TAKE, 0, largest},
                       {STEP_SHRINK, 1, kept},
                       {STEP_LEAVE, 1, 0},
                       {STEP_TAKE, 1, largest},
                       {STEP_SHRINK, 0, kept},
                       {STEP_LEAVE, 0, 0}}};
    return r;
}

size_t shrinking_reach(const contest *c) {
    const rounds r = rounds_of_shrinking(c->limits.largest, c->limits.smallest);
    return contest_reach(c, 0, rounds_play, &r);
}

/* ---- random and climbing searches --------------------------------------------------- */

/* xorshift64*, by Vigna (2016). */
static uint64_t random_next(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DU;
}

static size_t random_below(uint64_t *state, size_t bound) {
    return (size_t)(random_next(state) >> 33) % bound;
}

/* A size within the limits: often near the smallest or the largest, or the same part of it. */
static size_t random_size(uint64_t *state, const limits *l) {
    const size_t granule = tlsf_align_size();
    const size_t range = (l->largest - l->smallest) / granule;
    const size_t near = random_below(state, smaller(range, 8) + 1) * granule;
    switch (random_below(state, 4)) {
    case 0:
        return l->smallest + near;
    case 1:
        return l->largest - near;
    case 2:
        return larger(l->smallest, round_to(l->largest >> random_below(state, 4), granule));
    default:
        return l->smallest + random_below(state, range + 1) * granule;
    }
}

static step random_step(uint64_t *state, const limits *l) {
    step_kind kind = (step_kind)random_below(state, STEP_KINDS);
    if (kind == STEP_ALIGNED && l->align == 0) {
        kind = STEP_TAKE;
    }
    const size_t size =
        kind == STEP_KEEP && random_below(state, 4) != 0 ? l->smallest : random_size(state, l);
    return (step){kind, random_below(state, SLOTS), size};
}

/* Takes the rounds for the best if they come as far as those. Few tries do, and fewer come farther:
 * so a bisection, which takes ten plays, is rare. */
static void rounds_compare(const contest *c, const rounds *r, rounds *best, size_t *reached) {
    const size_t farther = *reached + *reached / 64;
    if (contest_play(c, c->bound, rounds_play, r)) {
        *reached = c->bound + 1;
    } else if (!contest_play(c, *reached, rounds_play, r)) {
        return;
    } else if (farther < c->bound && contest_play(c, farther, rounds_play, r)) {
        *reached = contest_reach(c, farther, rounds_play, r);
    }
    *best = *r;
}

size_t random_reach(const contest *c, uint64_t seed, size_t count, rounds *best) {
    uint64_t state = seed | 1;
    size_t reached = c->limits.live;
    memset(best, 0, sizeof *best);
    for (size_t i = 0; i < count && reached <= c->bound; i++) {
        rounds r = {2 + random_below(&state, STEPS_MAX - 1), {{STEP_TAKE, 0, 0}}};
        for (size_t j = 0; j < r.count; j++) {
            r.steps[j] = random_step(&state, &c->limits);
        }
        rounds_compare(c, &r, best, &reached);
    }
    return reached;
}

/* Changes, inserts or removes a step. */
static void rounds_mutate(uint64_t *state, const limits *l, rounds *r) {
    const size_t at = random_below(state, r->count + 1);
    const size_t kind = random_below(state, 4);
    if (kind == 0 && r->count < STEPS_MAX) {
        memmove(&r->steps[at + 1], &r->steps[at], (r->count - at) * sizeof(step));
        r->steps[at] = random_step(state, l);
        r->count++;
    } else if (kind == 1 && r->count > 1 && at < r->count) {
        memmove(&r->steps[at], &r->steps[at + 1], (r->count - at - 1) * sizeof(step));
        r->count--;
    } else if (kind == 2 && at < r->count) {
        r->steps[at].outer = random_size(state, l);
    } else if (at < r->count) {
        r->steps[at] = random_step(state, l);
    }
}

size_t climbing_reach(const contest *c, uint64_t seed, size_t count, rounds *best, size_t reached) {
    uint64_t state = seed | 1;
    for (size_t i = 0; i < count && reached <= c->bound; i++) {
        rounds r = *best;
        for (size_t j = random_below(&state, 3) + 1; j > 0; j--) {
            rounds_mutate(&state, &c->limits, &r);
        }
        rounds_compare(c, &r, best, &reached);
    }
    return reached;
}

/* ---- Robson's program --------------------------------------------------------------- */

/* Whether a block at `begin` has a byte whose address is `offset` modulo `size`. */
static bool entry_blocks(const entry *e, size_t offset, size_t size) {
    const uintptr_t begin = (uintptr_t)e->ptr - tlsf_alloc_overhead();
    return (offset - begin) % size < e->outer; /* size is a power of two */
}

/* Bytes of the places of `size` bytes that the blocks at this offset keep from use. */
static size_t offset_weight(const player *p, size_t offset, size_t size) {
    size_t weight = 0;
    for (size_t i = 0; i < p->limits.blocks; i++) {
        const entry *e = &p->entries[i];
        weight += e->outer != 0 && entry_blocks(e, offset, size) ? size - e->outer : 0;
    }
    return weight;
}

static void offset_thin(player *p, size_t offset, size_t size) {
    for (size_t i = 0; i < p->limits.blocks; i++) {
        if (p->entries[i].outer != 0 && !entry_blocks(&p->entries[i], offset, size)) {
            player_give(p, (long)i);
        }
    }
}

static void robson_play(player *p, const void *strategy) {
    (void)strategy;
    size_t offset = 0;
    size_t size = p->limits.smallest;
    while (player_take(p, size, 0) != NO_BLOCK) {
    }
    for (size *= 2; size <= p->limits.largest; size *= 2) {
        if (offset_weight(p, offset + size / 2, size) > offset_weight(p, offset, size)) {
            offset += size / 2;
        }
        offset_thin(p, offset, size);
        while (player_take(p, size, 0) != NO_BLOCK) {
        }
    }
    largest_take(p);
}

/* Its places need sizes that are powers of two, so it plays with the largest such size. */
size_t robson_reach(const contest *c) {
    contest rounded = *c;
    for (rounded.limits.smallest = 1; rounded.limits.smallest < c->limits.smallest;) {
        rounded.limits.smallest *= 2;
    }
    return contest_reach(&rounded, 0, robson_play, NULL);
}

/* ---- stairs ------------------------------------------------------------------------- */

typedef struct {
    bool shrinks;
    size_t places; /* a place has so many of the step's largest blocks */
} stairs;

static int by_address(const void *a, const void *b) {
    const uintptr_t x = (uintptr_t)((const entry *)a)->ptr, y = (uintptr_t)((const entry *)b)->ptr;
    return (x > y) - (x < y);
}

/* Frees all blocks but the first one in each place of `size` bytes. */
static void places_thin(player *p, size_t size) {
    const size_t blocks = p->limits.blocks;
    entry *sorted = malloc(blocks * sizeof *sorted);
    if (sorted == NULL) {
        return;
    }
    /* The entry's place stands in for its size, which the free needs no more. */
    memcpy(sorted, p->entries, blocks * sizeof *sorted);
    for (size_t i = 0; i < blocks; i++) {
        sorted[i].outer = i;
    }
    qsort(sorted, blocks, sizeof *sorted, by_address);
    uintptr_t free_until = 0;
    for (size_t i = 0; i < blocks; i++) {
        const uintptr_t address = (uintptr_t)sorted[i].ptr;
        if (address != 0 && address < free_until) {
            player_give(p, (long)sorted[i].outer);
        } else {
            free_until = address + size;
        }
    }
    free(sorted);
}

/* The rounds of one step, whose blocks have at most this size and keep at least that one. */
static rounds stairs_rounds(const stairs *s, size_t largest, size_t kept) {
    return s->shrinks ? rounds_of_shrinking(largest, kept) : rounds_of_holes(largest - kept, kept);
}

static void stairs_play(player *p, const void *strategy) {
    const stairs *s = strategy;
    const size_t n = p->limits.largest;
    size_t kept = p->limits.smallest;
    for (size_t largest = smaller(n, 4 * kept); kept < n && !p->is_refused;) {
        const rounds r = stairs_rounds(s, largest, kept);
        rounds_repeat(p, &r);
        if (largest < n) {
            places_thin(p, s->places * largest);
        }
        kept = largest + tlsf_align_size();
        largest = smaller(n, 4 * largest);
    }
    largest_take(p);
}

size_t stairs_reach(const contest *c) {
    size_t reached = 0;
    for (size_t places = 1; places <= 64; places *= 2) {
        for (int shrinks = 0; shrinks < 2; shrinks++) {
            const stairs s = {shrinks != 0, places};
            reached = larger(reached, contest_reach(c, reached, stairs_play, &s));
        }
    }
    return reached;
}

/* ---- all of them -------------------------------------------------------------------- */

size_t adversaries_reach(const contest *c, uint64_t seed, size_t count) {
    rounds best;
    size_t reached = random_reach(c, seed, count, &best);
    reached = climbing_reach(c, seed, count, &best, reached);
    reached = larger(reached, rounds_reach(c));
    reached = larger(reached, shrinking_reach(c));
    reached = larger(reached, robson_reach(c));
    return larger(reached, stairs_reach(c));
}
