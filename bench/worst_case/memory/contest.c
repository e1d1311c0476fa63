/* SPDX-License-Identifier: BSD-3-Clause */
#include "contest.h"

#include <stdio.h>
#include <stdlib.h>

#include "tlsf.h"

/* ---- the player -------------------------------------------------------------------- */

size_t contest_inner(size_t outer) { return outer - tlsf_alloc_overhead(); }

/* Whether one more block of this size keeps the limits. */
static bool player_may_take(const player *p, size_t outer, size_t counted) {
    return !p->is_refused && p->spare_count > 0 && outer >= p->limits.smallest &&
           outer <= p->limits.largest && counted <= p->limits.live - p->live;
}

long player_take(player *p, size_t outer, size_t align) {
    const size_t counted = p->kind->counted(outer, align);
    if (!player_may_take(p, outer, counted)) {
        return NO_BLOCK;
    }
    void *heap = p->opponent.heap;
    void *ptr = align == 0 ? p->kind->malloc(heap, contest_inner(outer))
                           : p->kind->memalign(heap, align, contest_inner(outer));
    if (ptr == NULL) {
        p->is_refused = true;
        return NO_BLOCK;
    }
    const size_t block = p->spare[--p->spare_count];
    const size_t least = p->kind->counted_least(&p->limits, counted);
    p->entries[block] = (entry){ptr, outer, counted, least};
    p->live += counted;
    return (long)block;
}

void player_give(player *p, long block) {
    if (block == NO_BLOCK) {
        return;
    }
    entry *e = &p->entries[block];
    p->kind->free(p->opponent.heap, e->ptr);
    p->live -= e->counted;
    *e = (entry){NULL, 0, 0, 0};
    p->spare[p->spare_count++] = (size_t)block;
}

void player_give_last(player *p) { player_give(p, (long)p->spare[p->spare_count]); }

void player_shrink(player *p, long block, size_t outer) {
    if (block == NO_BLOCK || outer < p->limits.smallest || outer >= p->entries[block].outer) {
        return;
    }
    entry *e = &p->entries[block];
    if (p->kind->realloc(p->opponent.heap, e->ptr, contest_inner(outer)) != e->ptr) {
        fprintf(stderr, "a block that shrinks has moved\n");
        exit(2);
    }
    const size_t counted = outer < e->least ? e->least : outer;
    p->live -= e->counted;
    p->live += counted;
    e->outer = outer;
    e->counted = counted;
}

/* ---- the contest -------------------------------------------------------------------- */

static void *allocated(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return memory;
}

static void player_begin(player *p, const contest *c) {
    const size_t blocks = c->limits.blocks;
    p->entries = allocated(blocks, sizeof *p->entries);
    p->spare = allocated(blocks, sizeof *p->spare);
    for (size_t i = 0; i < blocks; i++) {
        p->spare[i] = blocks - 1 - i;
    }
    p->spare_count = blocks;
}

static void player_end(player *p) {
    if (!p->kind->is_sound(p->opponent.heap)) {
        fprintf(stderr, "the heap is corrupted\n");
        exit(2);
    }
    free(p->entries);
    free(p->spare);
    free(p->opponent.memory);
}

bool contest_play(const contest *c, size_t bytes, program play, const void *strategy) {
    player p = {.kind = c->kind, .limits = c->limits};
    if (!c->kind->make(&p.opponent, bytes, &c->limits)) {
        free(p.opponent.memory);
        return true; /* there is no heap of so few bytes */
    }
    player_begin(&p, c);
    play(&p, strategy);
    player_end(&p);
    return p.is_refused;
}

size_t contest_reach(const contest *c, size_t from, program play, const void *strategy) {
    if (from > c->bound || contest_play(c, c->bound, play, strategy)) {
        return c->bound + 1;
    }
    size_t refused = from, served = c->bound;
    const size_t precision = c->bound / 512 + tlsf_align_size();
    while (served - refused > precision) {
        const size_t middle = (refused + (served - refused) / 2) / 64 * 64;
        if (middle <= refused) {
            break;
        }
        if (contest_play(c, middle, play, strategy)) {
            refused = middle;
        } else {
            served = middle;
        }
    }
    return refused;
}
