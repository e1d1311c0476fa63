/* SPDX-License-Identifier: BSD-3-Clause */
#include "mistakes.h"

#include <stdio.h>
#include <stdlib.h>

enum { LATER_MAX = 40 /* calls between a free and the mistake */, WHOLE = REQUEST_MAX };

static void no_mistake(world *w, random_source *random, mistake *m) {
    (void)w;
    (void)random;
    (void)m;
}

/* ---- wrong pointers -------------------------------------------------------------------- */

static void call_some(world *w, random_source *random, size_t calls) {
    for (size_t i = 0; i < calls; i++) {
        world_call(w, random);
    }
    if (w->first_harm != HARM_NONE || world_reports() != 0) {
        printf("the heap is broken before the mistake\n");
        exit(2);
    }
}

static live_block freed_block(world *w, random_source *random, size_t bytes_min) {
    live_block *b = world_some_block(w, random);
    while (b->bytes < bytes_min) {
        b = world_some_block(w, random);
    }
    const live_block freed = *b;
    world_free(w, b);
    return freed;
}

static void double_free_at_once(world *w, random_source *random, mistake *m) {
    (void)m;
    const live_block freed = freed_block(w, random, 0);
    tlsf_free(w->heap, freed.at);
}

static void double_free_later(world *w, random_source *random, mistake *m) {
    const live_block freed = freed_block(w, random, 0);
    call_some(w, random, 1 + random_below(random, LATER_MAX));
    m->is_handed_out = !world_is_free(w, freed.at, freed.bytes);
    tlsf_free(w->heap, freed.at);
}

/* A pointer that is no multiple of the granule is found by its low bits, so none is tried. */
static void interior_pointer(world *w, random_source *random, mistake *m) {
    (void)m;
    const size_t granule = tlsf_align_size();
    const live_block *b = world_some_block(w, random);
    while (b->bytes <= granule) {
        b = world_some_block(w, random);
    }
    const size_t places = (b->bytes - 1) / granule;
    tlsf_free(w->heap, b->at + granule * (1 + random_below(random, places)));
}

/* ---- wrong writes ---------------------------------------------------------------------- */

static void write_wrongly(world *w, random_source *random, const mistake *m, uint8_t *at,
                          size_t bytes) {
    uint8_t wrong[WHOLE];
    content_make(m->what, random, world_some_block(w, random)->at, wrong, bytes);
    world_spoil(w, at, wrong, bytes);
}

/* An overrun begins behind the last byte that the block can hold, so no byte of it falls into what
 * rounding adds to a request. */
static void overrun(world *w, random_source *random, mistake *m) {
    const live_block *b = world_some_block(w, random);
    write_wrongly(w, random, m, b->at + tlsf_block_size(b->at), m->length);
}

static void underrun(world *w, random_source *random, mistake *m) {
    const live_block *b = world_some_block(w, random);
    write_wrongly(w, random, m, b->at - m->length, m->length);
}

/* At once in every third case. */
static void write_after_free(world *w, random_source *random, mistake *m) {
    const live_block freed = freed_block(w, random, m->length == WHOLE ? 0 : m->length);
    call_some(w, random, random_below(random, 3) == 0 ? 0 : random_below(random, LATER_MAX));
    m->is_handed_out = !world_is_free(w, freed.at, freed.bytes);
    write_wrongly(w, random, m, freed.at, m->length == WHOLE ? freed.bytes : m->length);
}

/* ---- the kinds ------------------------------------------------------------------------- */

#define FREED_AGAIN "double free, of memory handed out again"
#define WRITTEN_AGAIN "write after free, into memory handed out again"

const kind kinds[] = {
    {"no mistake", NULL, 0, no_mistake},
    {"double free, at once", NULL, 0, double_free_at_once},
    {"double free, some calls later", FREED_AGAIN, 0, double_free_later},
    {"free of an interior pointer", NULL, 0, interior_pointer},
    {"overrun by 1 byte", NULL, 1, overrun},
    {"overrun by 2 bytes", NULL, 2, overrun},
    {"overrun by 4 bytes", NULL, 4, overrun},
    {"overrun by 8 bytes", NULL, 8, overrun},
    {"overrun by 12 bytes", NULL, 12, overrun},
    {"overrun by 16 bytes", NULL, 16, overrun},
    {"underrun by 1 byte", NULL, 1, underrun},
    {"underrun by 2 bytes", NULL, 2, underrun},
    {"underrun by 4 bytes", NULL, 4, underrun},
    {"underrun by 8 bytes", NULL, 8, underrun},
    {"underrun by 12 bytes", NULL, 12, underrun},
    {"underrun by 16 bytes", NULL, 16, underrun},
    {"write after free of 1 byte", WRITTEN_AGAIN, 1, write_after_free},
    {"write after free of 4 bytes", WRITTEN_AGAIN, 4, write_after_free},
    {"write after free of 8 bytes", WRITTEN_AGAIN, 8, write_after_free},
    {"write after free of 16 bytes", WRITTEN_AGAIN, 16, write_after_free},
    {"write after free of 32 bytes", WRITTEN_AGAIN, 32, write_after_free},
    {"write after free of the whole block", WRITTEN_AGAIN, WHOLE, write_after_free},
};
const size_t kind_count = sizeof(kinds) / sizeof(kinds[0]);
