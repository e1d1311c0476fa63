/* SPDX-License-Identifier: BSD-3-Clause */
/* Variations of a load: replay/vary.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/random.h"
#include "../replay/vary.h"

enum { CALLS = 4000, LIVE_MAX = 60, SIZES = 12, SEEDS = 20 };

/* ---- loads ------------------------------------------------------------------------------ */

typedef struct {
    size_t size[CALLS];
    bool is_live[CALLS];
    size_t live_bytes;
} slots_seen;

/* Follows an operation: a block is allocated where none is live, and given up where one is. */
static void operation_follow(slots_seen *seen, const operation *o) {
    const bool names_live = o->kind == LOAD_FREE || o->kind == LOAD_REALLOC;
    assert_int_equal(seen->is_live[o->slot], names_live);
    seen->is_live[o->slot] = o->kind != LOAD_FREE;
    seen->live_bytes += o->size - (names_live ? seen->size[o->slot] : 0);
    seen->size[o->slot] = o->size;
}

/* Fails unless the load is valid, and has the slots and the peak that it says. Returns the bytes
 * that are live at the end. */
static size_t load_follow(const load *l) {
    static slots_seen seen;
    size_t peak = 0;
    uint32_t slots = 0;
    memset(&seen, 0, sizeof seen);
    for (size_t i = 0; i < l->count; i++) {
        operation_follow(&seen, &l->operations[i]);
        peak = seen.live_bytes > peak ? seen.live_bytes : peak;
        slots = l->operations[i].slot + 1 > slots ? l->operations[i].slot + 1 : slots;
    }
    assert_int_equal(peak, l->peak_bytes);
    assert_int_equal(slots, l->slots);
    return seen.live_bytes;
}

/* A load of few sizes, so that many blocks of a size are live together. */
static void load_make(load *made, uint64_t seed) {
    random_stream random = random_start(seed);
    bool is_live[LIVE_MAX] = {false};
    size_t size[LIVE_MAX] = {0};
    size_t live_bytes = 0;
    *made =
        (load){.operations = calloc(CALLS, sizeof(operation)), .count = CALLS, .slots = LIVE_MAX};
    assert_non_null(made->operations);
    for (uint32_t i = 0; i < CALLS; i++) {
        /* The first calls take each slot, so that all are in use. */
        const uint32_t slot = i < LIVE_MAX ? i : (uint32_t)random_below(&random, LIVE_MAX);
        const size_t wanted = 8 * random_between(&random, 1, SIZES);
        const uint8_t kind = !is_live[slot]                  ? LOAD_MALLOC
                             : random_below(&random, 3) == 0 ? LOAD_REALLOC
                                                             : LOAD_FREE;
        made->operations[i] =
            (operation){.kind = kind, .slot = slot, .size = kind == LOAD_FREE ? 0 : wanted};
        live_bytes += made->operations[i].size - size[slot];
        is_live[slot] = kind != LOAD_FREE;
        size[slot] = made->operations[i].size;
        made->peak_bytes = live_bytes > made->peak_bytes ? live_bytes : made->peak_bytes;
    }
}

/* How often each kind asks for each size. */
static void requests_count(const load *l, size_t counts[LOAD_FREE + 1][SIZES + 1]) {
    memset(counts, 0, sizeof(size_t[LOAD_FREE + 1][SIZES + 1]));
    for (size_t i = 0; i < l->count; i++) {
        counts[l->operations[i].kind][l->operations[i].size / 8]++;
    }
}

/* ---- cases ------------------------------------------------------------------------------ */

static void variation_of_any_load_is_valid_and_asks_for_the_same(void **state) {
    size_t wanted[LOAD_FREE + 1][SIZES + 1];
    size_t found[LOAD_FREE + 1][SIZES + 1];
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        load original;
        load varied;
        load_make(&original, seed);
        assert_true(load_vary(&varied, &original, seed));
        assert_int_equal(load_follow(&varied), load_follow(&original));
        requests_count(&original, wanted);
        requests_count(&varied, found);
        assert_memory_equal(found, wanted, sizeof wanted);
        load_release(&varied);
        load_release(&original);
    }
}

static bool is_equal(const load *a, const load *b) {
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++) {
        equal = a->operations[i].kind == b->operations[i].kind &&
                a->operations[i].size == b->operations[i].size &&
                a->operations[i].slot == b->operations[i].slot;
    }
    return equal;
}

static void variation_of_a_seed_is_always_the_same(void **state) {
    load original;
    load varied[3];
    (void)state;
    load_make(&original, 1);
    assert_true(load_vary(&varied[0], &original, 5));
    assert_true(load_vary(&varied[1], &original, 5));
    assert_true(load_vary(&varied[2], &original, 6));
    assert_true(is_equal(&varied[0], &varied[1]));
    assert_false(is_equal(&varied[0], &varied[2]));
    assert_false(is_equal(&varied[0], &original));
    for (size_t i = 0; i < 3; i++) {
        load_release(&varied[i]);
    }
    load_release(&original);
}

static void variation_moves_a_call_at_most_one_earlier(void **state) {
    enum { BLOCKS = 500 };
    load original = {
        .operations = calloc(BLOCKS, sizeof(operation)), .count = BLOCKS, .slots = BLOCKS};
    load varied;
    size_t moved = 0;
    (void)state;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        original.operations[i] = (operation){.kind = LOAD_MALLOC, .slot = i, .size = i};
    }
    assert_true(load_vary(&varied, &original, 3));
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_true(varied.operations[i].size <= i + 1);
        moved += varied.operations[i].size != i;
    }
    assert_in_range(moved, BLOCKS / 4, BLOCKS);
    load_release(&varied);
    load_release(&original);
}

static void variation_of_equal_blocks_frees_others_first(void **state) {
    enum { BLOCKS = 100 };
    load original = {.operations = calloc(2 * BLOCKS, sizeof(operation)),
                     .count = 2 * BLOCKS,
                     .slots = BLOCKS,
                     .peak_bytes = 8 * BLOCKS};
    load varied;
    size_t others = 0;
    (void)state;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        original.operations[i] = (operation){.kind = LOAD_MALLOC, .slot = i, .size = 8};
        original.operations[BLOCKS + i] = (operation){.kind = LOAD_FREE, .slot = i};
    }
    assert_true(load_vary(&varied, &original, 3));
    (void)load_follow(&varied);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        const uint32_t slot = varied.operations[BLOCKS + i].slot;
        others += slot + 3 < i || slot > i + 3; /* farther than neighbours change places */
    }
    assert_in_range(others, BLOCKS / 2, BLOCKS);
    load_release(&varied);
    load_release(&original);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variation_of_any_load_is_valid_and_asks_for_the_same),
        cmocka_unit_test(variation_of_a_seed_is_always_the_same),
        cmocka_unit_test(variation_moves_a_call_at_most_one_earlier),
        cmocka_unit_test(variation_of_equal_blocks_frees_others_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
