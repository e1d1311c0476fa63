/* SPDX-License-Identifier: BSD-3-Clause */
#include "mix.h"

#include <stdlib.h>

#include "../../support/random.h"

enum { BURST_MAX = 64, GROWING_START = 16 };

const mix mixes[] = {
    {"fixed 64", "one size, random lifetime", LIFETIME_RANDOM, SIZES_FEW, 64, 64, 1000},
    {"small", "16, 32, 64, 128 bytes, random lifetime", LIFETIME_RANDOM, SIZES_FEW, 16, 128, 10000},
    {"uniform", "1 to 1,024 bytes, random lifetime", LIFETIME_RANDOM, SIZES_UNIFORM, 1, 1024, 5000},
    {"power law", "8 bytes to 64 KiB, random lifetime", LIFETIME_RANDOM, SIZES_POWER_LAW, 8, 65536,
     5000},
    {"large", "4 to 256 KiB, random lifetime", LIFETIME_RANDOM, SIZES_UNIFORM, 4096, 262144, 100},
    {"queue", "16 to 512 bytes, first in, first out", LIFETIME_FIFO, SIZES_UNIFORM, 16, 512, 1000},
    {"stack", "16 to 512 bytes, last in, first out", LIFETIME_LIFO, SIZES_UNIFORM, 16, 512, 1000},
    {"growing", "16 bytes growing by half to up to 4 KiB", LIFETIME_GROWING, SIZES_POWER_LAW, 64,
     4096, 500},
};
const size_t mixes_count = sizeof mixes / sizeof *mixes;

/* The state of the generator. */
typedef struct {
    const mix *described;
    random_stream random;
    load made;
    size_t capacity;
    size_t *sizes; /* bytes in each slot */
    size_t *full;  /* LIFETIME_GROWING: the size that each block grows to */
    size_t live_bytes;
    uint32_t oldest; /* LIFETIME_FIFO */
} generator;

static size_t size_next(generator *state) {
    const mix *described = state->described;
    size_t low = described->low;
    size_t high = described->high;
    if (described->sizes == SIZES_UNIFORM) {
        return random_between(&state->random, low, high);
    }
    if (described->sizes == SIZES_FEW) {
        size_t choices = 1;
        while (low << choices <= high) {
            choices++;
        }
        return low << random_below(&state->random, choices);
    }
    /* SIZES_POWER_LAW */
    while (4 * low <= high && (random_next(&state->random) & 1) != 0) {
        low *= 2;
    }
    return random_between(&state->random, low, 2 * low - 1);
}

static void operation_add(generator *state, load_kind kind, uint32_t slot, size_t size) {
    state->made.operations[state->made.count++] =
        (operation){.size = size, .slot = slot, .kind = (uint8_t)kind};
    state->live_bytes += size - state->sizes[slot];
    state->sizes[slot] = size;
    if (state->live_bytes > state->made.peak_bytes) {
        state->made.peak_bytes = state->live_bytes;
    }
}

static void block_free(generator *state, uint32_t slot) {
    operation_add(state, LOAD_FREE, slot, 0);
}

static void block_make(generator *state, uint32_t slot) {
    size_t size = size_next(state);
    if (state->described->lifetime == LIFETIME_GROWING) {
        state->full[slot] = size;
        size = GROWING_START;
    }
    operation_add(state, LOAD_MALLOC, slot, size);
}

static void block_replace(generator *state, uint32_t slot) {
    block_free(state, slot);
    block_make(state, slot);
}

static uint32_t random_slot(generator *state) {
    return (uint32_t)random_below(&state->random, state->described->live);
}

static void block_grow(generator *state, uint32_t slot) {
    size_t size = state->sizes[slot] + state->sizes[slot] / 2;
    if (size > state->full[slot]) {
        block_replace(state, slot);
    } else {
        operation_add(state, LOAD_REALLOC, slot, size);
    }
}

/* The youngest blocks are those in the last slots. */
static void burst_replace(generator *state) {
    uint32_t live = state->described->live;
    uint32_t burst = (uint32_t)random_between(&state->random, 1, BURST_MAX);
    for (uint32_t i = 1; i <= burst; i++) {
        block_free(state, live - i);
    }
    for (uint32_t i = burst; i > 0; i--) {
        block_make(state, live - i);
    }
}

static void step_make(generator *state) {
    switch (state->described->lifetime) {
    case LIFETIME_RANDOM:
        block_replace(state, random_slot(state));
        break;
    case LIFETIME_FIFO:
        block_replace(state, state->oldest);
        state->oldest = (state->oldest + 1) % state->described->live;
        break;
    case LIFETIME_LIFO:
        burst_replace(state);
        break;
    case LIFETIME_GROWING:
        block_grow(state, random_slot(state));
        break;
    }
}

/* Untimed operations that make the heap as scattered as it gets. */
static size_t settling_operations(const mix *described) { return 8 * (size_t)described->live; }

bool mix_make(workload *made, const mix *described, size_t steps, uint64_t seed) {
    size_t settled = described->live + settling_operations(described);
    generator state = {.described = described, .random = random_start(seed)};
    state.capacity = settled + 2 * steps + 4 * BURST_MAX;
    state.made.operations = malloc(state.capacity * sizeof *state.made.operations);
    state.made.slots = described->live;
    state.sizes = calloc(described->live, sizeof *state.sizes);
    state.full = calloc(described->live, sizeof *state.full);
    bool has_memory = state.made.operations != NULL && state.sizes != NULL && state.full != NULL;
    if (has_memory) {
        for (uint32_t slot = 0; slot < described->live; slot++) {
            block_make(&state, slot);
        }
        while (state.made.count < settled) {
            step_make(&state);
        }
        made->begin = state.made.count;
        while (state.made.count < made->begin + 2 * steps) {
            step_make(&state);
        }
        made->served = state.made;
    } else {
        free(state.made.operations);
    }
    free(state.sizes);
    free(state.full);
    return has_memory;
}
