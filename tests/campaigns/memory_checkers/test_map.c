/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A random stream of all requests. After each request the suite compares what the tool says of
 * every byte of the arena with the holder of that byte. Bytes of the arena's owner and of live
 * blocks are open. All other bytes in a region of the heap are closed. Under valgrind the suite
 * also compares which bits of live blocks are defined.
 *
 * The suite reads the length of the control structure from closed memory, so it is compiled without
 * address sanitizer.
 */
#include "support/internals.h"
#include "support/random.h"
#include "support/suite.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REGIONS = 3,
    REGION_ROOM = 2048,
    FIRST_ROOM = 6144,
    MARGIN = 128, /* between regions, and around them */
    ARENA = FIRST_ROOM + (REGIONS - 1) * REGION_ROOM + (REGIONS + 1) * MARGIN,
    SLOTS = 24,
    STEPS = 400
};

/* Who holds a byte. */
typedef enum { OWNER, HEAP, USER } holder;

typedef struct {
    uint8_t *ptr; /* NULL: the slot is empty */
    size_t bytes; /* usable bytes */
    uint8_t undefined[FIRST_ROOM];
} live_block;

typedef struct {
    size_t room, place; /* where in the arena this region can lie */
    uint8_t *begin, *end;
    pool_t pool; /* NULL: not in the heap */
} memory_region;

typedef struct {
    random_source random;
    tlsf_t t;
    uint8_t *control_end;
    memory_region regions[REGIONS];
    live_block blocks[SLOTS];
    size_t step, served;
    size_t closed, open; /* bytes compared */
    const char *doing;
} world;

static _Alignas(64) uint8_t arena[ARENA];
static uint8_t whose[ARENA];
static bool is_at_edge[ARENA]; /* shares a word with a byte outside its region */

static size_t draw(world *w, size_t bound) { return random_below(&w->random, bound); }

/* ---- what the contract says --------------------------------------------------------- */

static void give(const uint8_t *begin, const uint8_t *end, holder to) {
    memset(whose + (begin - arena), (int)to, (size_t)(end - begin));
}

static void mark_edge(const uint8_t *at) {
    const size_t word = (size_t)(at - arena) / TOOL_WORD * TOOL_WORD;
    for (size_t i = word; i < word + TOOL_WORD && at != arena + word; i++) {
        is_at_edge[i] = true;
    }
}

static void give_region(const uint8_t *begin, const uint8_t *end) {
    give(begin, end, HEAP);
    mark_edge(begin);
    mark_edge(end);
}

static uint8_t *round_to_granule(uint8_t *address) {
    return address + (0 - (uintptr_t)address) % TLSF_GRANULE;
}

/* A pool begins with its descriptor, and ends with an end marker. */
static void give_pool(const world *w, const memory_region *r) {
    uint8_t *begin = r == &w->regions[0] && w->control_end > r->begin ? w->control_end : r->begin;
    const uint8_t *descriptor = round_to_granule(begin);
    assert_ptr_equal(r->pool, descriptor);
    give_region(descriptor, r->end - (uintptr_t)r->end % TLSF_GRANULE);
}

static void draw_map(const world *w) {
    memset(whose, OWNER, sizeof(whose));
    memset(is_at_edge, 0, sizeof(is_at_edge));
    if (w->t != NULL) {
        give_region((const uint8_t *)w->t, w->control_end);
    }
    for (size_t i = 0; i < REGIONS; i++) {
        if (w->regions[i].pool != NULL) {
            give_pool(w, &w->regions[i]);
        }
    }
    for (size_t i = 0; i < SLOTS; i++) {
        if (w->blocks[i].ptr != NULL) {
            give(w->blocks[i].ptr, w->blocks[i].ptr + w->blocks[i].bytes, USER);
        }
    }
}

/* Returns whether the tool can close this byte: no later byte of its word has to be open. */
static bool can_be_closed(size_t at) {
    bool is_possible = true;
    for (size_t i = at; i == at || i % TOOL_WORD != 0; i++) {
        is_possible = is_possible && whose[i] == HEAP;
    }
    return is_possible;
}

static void fail_at(const world *w, size_t at, const char *what) {
    fail_msg("step %zu, %s: byte %zu (%p), holder %d, is %s", w->step, w->doing, at,
             (void *)(arena + at), whose[at], what);
}

/* Compares every byte. With a granule of 4, a word at the edge of a region may belong to the owner
 * in part: there the tool may leave bytes of the heap open. */
static void verify_map(world *w) {
    draw_map(w);
    for (size_t i = 0; i < ARENA; i++) {
        const bool is_open = tool_opens(arena + i);
        if (whose[i] != HEAP && !is_open) {
            fail_at(w, i, "closed");
        }
        if (is_open && can_be_closed(i) && !(TLSF_GRANULE < TOOL_WORD && is_at_edge[i])) {
            fail_at(w, i, "open");
        }
        w->closed += !is_open;
        w->open += whose[i] == USER;
    }
}

/* ---- which bits are defined --------------------------------------------------------- */

/* If the tool knows which bits are defined: the first `known` bytes of *b have to be as before, and
 * the bytes from `fresh` on undefined. */
static void verify_definedness(const world *w, live_block *b, size_t known, size_t fresh) {
    static uint8_t seen[FIRST_ROOM];
    if (!tool_undefined(b->ptr, seen, b->bytes)) {
        return;
    }
    for (size_t i = 0; i < b->bytes; i++) {
        if (i < known && seen[i] != b->undefined[i]) {
            fail_msg("step %zu, %s: byte %zu of %zu is not as defined as before", w->step, w->doing,
                     i, b->bytes);
        }
        if (i >= fresh && seen[i] != 0xFF) {
            fail_msg("step %zu, %s: byte %zu of %zu is defined", w->step, w->doing, i, b->bytes);
        }
    }
    memcpy(b->undefined, seen, b->bytes);
    tool_define(b->undefined, b->bytes);
}

/* Writes a part of the block, as its user. */
static void write_part(world *w, live_block *b) {
    const size_t begin = draw(w, b->bytes + 1);
    const size_t bytes = draw(w, b->bytes - begin + 1);
    memset(b->ptr + begin, (int)(w->step & 0xFF), bytes);
    memset(b->undefined + begin, 0, bytes);
}

/* ---- requests ----------------------------------------------------------------------- */

static size_t some_size(world *w) { return draw(w, draw(w, 8) == 0 ? 1500 : 200); }

static size_t some_align(world *w) { return (size_t)1 << draw(w, 9); }

/* Notes a block that a request returned. Its first `known` bytes are as before; those from `fresh`
 * on are new. */
static void hold(world *w, live_block *b, void *ptr, size_t known, size_t fresh) {
    if (ptr == NULL) {
        return;
    }
    b->ptr = ptr;
    b->bytes = tlsf_block_size(ptr);
    verify_definedness(w, b, known, fresh);
    write_part(w, b);
    w->served++;
}

static void do_malloc(world *w, live_block *b) {
    w->doing = "malloc";
    hold(w, b, tlsf_malloc(w->t, some_size(w)), 0, 0);
}

static void do_memalign(world *w, live_block *b) {
    w->doing = "memalign";
    const size_t align = some_align(w);
    hold(w, b, tlsf_memalign(w->t, align, some_size(w)), 0, 0);
}

static void do_calloc(world *w, live_block *b) {
    w->doing = "calloc";
    const size_t size = some_size(w);
    memset(b->undefined, 0, size);
    hold(w, b, tlsf_calloc(w->t, 1, size), size, size);
}

static void do_realloc(world *w, live_block *b) {
    w->doing = "realloc";
    const size_t size = 1 + some_size(w), before = b->bytes;
    const size_t align = draw(w, 3) == 0 ? some_align(w) : 0;
    const size_t known = size < before ? size : before;
    void *ptr = align == 0 ? tlsf_realloc(w->t, b->ptr, size)
                           : tlsf_realloc_aligned(w->t, b->ptr, align, size);
    hold(w, b, ptr, known, before);
}

static void do_free(world *w, live_block *b) {
    w->doing = "free";
    if (draw(w, 4) == 0) {
        assert_null(tlsf_realloc(w->t, b->ptr, 0));
    } else {
        tlsf_free(w->t, b->ptr);
    }
    b->ptr = NULL;
}

static void forget_blocks(world *w) {
    for (size_t i = 0; i < SLOTS; i++) {
        w->blocks[i].ptr = NULL;
    }
}

static void do_reset(world *w) {
    w->doing = "reset";
    tlsf_reset(w->t);
    forget_blocks(w);
}

/* ---- heaps and pools ---------------------------------------------------------------- */

/* Draws new ends for a region. */
static void lay_region(world *w, memory_region *r) {
    r->begin = arena + r->place + draw(w, 64);
    r->end = arena + r->place + r->room - draw(w, 64);
}

static void do_add_or_remove(world *w) {
    memory_region *r = &w->regions[draw(w, REGIONS)];
    w->doing = r->pool == NULL ? "add pool" : "remove pool";
    if (r->pool != NULL) {
        r->pool = tlsf_remove_pool(w->t, r->pool) == 0 ? NULL : r->pool;
        return;
    }
    lay_region(w, r);
    if (r == &w->regions[0]) {
        r->begin = w->control_end + draw(w, 64);
    }
    r->pool = tlsf_add_pool(w->t, r->begin, (size_t)(r->end - r->begin));
    assert_non_null(r->pool);
}

static void do_create(world *w) {
    memory_region *first = &w->regions[0];
    w->doing = "create";
    lay_region(w, first);
    const size_t bytes = (size_t)(first->end - first->begin);
    const bool is_empty = draw(w, 3) == 0;
    w->t = is_empty ? tlsf_create(first->begin) : tlsf_create_sized(first->begin, bytes, bytes);
    assert_non_null(w->t);
    first->pool = tlsf_get_pool(w->t);
    tool_look_away();
    w->control_end = (uint8_t *)w->t + offsetof(control, heads) +
                     (control_of(w->t)->class_end - CLASS_FIRST) * sizeof(block_link);
    tool_look_again();
}

/* Destroys the heap and creates a new one. */
static void do_renew(world *w) {
    w->doing = "destroy";
    tlsf_destroy(w->t);
    w->t = NULL;
    forget_blocks(w);
    for (size_t i = 0; i < REGIONS; i++) {
        w->regions[i].pool = NULL;
    }
    verify_map(w);
    memset(arena, 0x5A, sizeof(arena));
    do_create(w);
}

/* ---- the stream --------------------------------------------------------------------- */

static void do_some_request(world *w) {
    live_block *b = &w->blocks[draw(w, SLOTS)];
    const size_t kind = draw(w, 100);
    if (kind < 1) {
        do_renew(w);
    } else if (kind < 2) {
        do_reset(w);
    } else if (kind < 7) {
        do_add_or_remove(w);
    } else if (b->ptr == NULL) {
        kind < 50 ? do_malloc(w, b) : kind < 75 ? do_calloc(w, b) : do_memalign(w, b);
    } else {
        kind < 65 ? do_realloc(w, b) : do_free(w, b);
    }
}

/* Makes the calls that only read. They must change nothing. */
static void ask_everything(const world *w) {
    tlsf_stats_t stats;
    assert_int_equal(tlsf_check(w->t), TLSF_SOUND);
    (void)tlsf_stats(w->t, &stats);
    assert_int_equal(stats.largest, tlsf_largest(w->t));
}

static void make_world(world *w) {
    size_t place = MARGIN;
    w->random = random_from(random_seed("map", 5));
    for (size_t i = 0; i < REGIONS; i++) {
        w->regions[i].room = i == 0 ? FIRST_ROOM : REGION_ROOM;
        w->regions[i].place = place;
        place += w->regions[i].room + MARGIN;
    }
    do_create(w);
    verify_map(w);
}

static void map_of_random_stream_is_as_the_contract_says(void **state) {
    static world w;
    const size_t steps = random_steps(STEPS);
    const size_t reports = tool_reports();
    (void)state;
    make_world(&w);
    for (w.step = 1; w.step <= steps; w.step++) {
        do_some_request(&w);
        verify_map(&w);
        ask_everything(&w);
    }
    fprintf(stderr, "%zu steps, %zu served; compared %zu closed bytes, %zu of live blocks\n", steps,
            w.served, w.closed, w.open);
    assert_true(w.served > steps / 5 && w.closed != 0 && w.open != 0);
    assert_int_equal(tool_reports(), reports);
    tlsf_destroy(w.t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_of_random_stream_is_as_the_contract_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
