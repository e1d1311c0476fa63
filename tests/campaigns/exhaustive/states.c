/* SPDX-License-Identifier: BSD-3-Clause */
#include "states.h"

#include <stdlib.h>
#include <string.h>

static void *claim(void *memory) {
    if (memory == NULL) {
        fprintf(stderr, "explore: no memory for the states\n");
        exit(2);
    }
    return memory;
}

/* ---- hash --------------------------------------------------------------------------- */

typedef struct {
    uint64_t high, low;
} key;

static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 32) * 0x9FB21C651E98DF25u;
    x = (x ^ x >> 29) * 0xD6E8FEB86659FD93u;
    return x ^ x >> 32;
}

/* Two lanes. Each is a chain of bijections over the words, so a difference in one word never
 * disappears by itself. */
static key hash_of(const uint8_t *bytes, size_t count) {
    key k = {0x243F6A8885A308D3u, 0x13198A2E03707344u};
    for (size_t i = 0; i < count; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, count - i < sizeof(word) ? count - i : sizeof(word));
        k.high = (k.high ^ word) * 0xA0761D6478BD642Fu;
        k.high ^= k.high >> 31;
        k.low = (k.low + word) * 0xE7037ED1A0B428DBu;
        k.low = k.low << 29 | k.low >> 35;
    }
    k.high = mix(k.high ^ mix(k.low));
    k.low = mix(k.low + k.high);
    return k;
}

/* ---- the set ------------------------------------------------------------------------ */

static key *table; /* open addressing; an empty place is all zero */
static size_t table_mask;
static uint32_t state_count;

static bool is_empty(const key *k) { return k->high == 0 && k->low == 0; }

static key *table_place(key k) {
    size_t i = (size_t)k.high & table_mask;
    while (!is_empty(&table[i]) && (table[i].high != k.high || table[i].low != k.low)) {
        i = (i + 1) & table_mask;
    }
    return &table[i];
}

static void table_grow(void) {
    key *const old = table;
    const size_t old_size = table == NULL ? 0 : table_mask + 1;
    const size_t size = old_size == 0 ? 65536 : 2 * old_size;
    table = claim(calloc(size, sizeof(*table)));
    table_mask = size - 1;
    for (size_t i = 0; i < old_size; i++) {
        if (!is_empty(&old[i])) {
            *table_place(old[i]) = old[i];
        }
    }
    free(old);
}

/* Adds a key. Returns false if the table already has it. */
static bool table_add(key k) {
    if ((size_t)state_count * 2 >= table_mask) {
        table_grow();
    }
    key *place = table_place(k);
    const bool is_new = is_empty(place);
    *place = k;
    return is_new;
}

/* ---- the path to a state ------------------------------------------------------------ */

typedef struct {
    uint32_t from;
    operation by;
} origin;

static origin *origins;
static size_t origins_size;

static void origin_note(uint32_t from, operation by) {
    if (state_count == origins_size) {
        origins_size = origins_size == 0 ? 65536 : 2 * origins_size;
        origins = claim(realloc(origins, origins_size * sizeof(*origins)));
    }
    origins[state_count] = (origin){from, by};
}

/* Returns the number of operations that led to a state. */
static unsigned path_length(uint32_t number) {
    unsigned length = 0;
    while (origins[number].from != STATES_START) {
        number = origins[number].from;
        length++;
    }
    return length;
}

unsigned states_print_path(FILE *to, uint32_t number) {
    const unsigned length = path_length(number);
    for (unsigned i = 0; i < length; i++) {
        uint32_t reached = number;
        for (unsigned back = i + 1; back < length; back++) {
            reached = origins[reached].from;
        }
        fprintf(to, "  %2u  ", i + 1);
        operation_print(to, &origins[reached].by);
        fprintf(to, "\n");
    }
    return length;
}

/* ---- the queue ---------------------------------------------------------------------- */

enum { CHUNK_STATES = 256 };

typedef struct chunk {
    struct chunk *next;
    uint32_t depths[CHUNK_STATES];
    uint8_t states[];
} chunk;

static size_t state_bytes;
static chunk *oldest, *newest;
static size_t taken_of_oldest, put_in_newest = CHUNK_STATES;
static uint32_t next_number;

static void queue_put(const uint8_t *state, uint32_t depth) {
    if (put_in_newest == CHUNK_STATES) {
        chunk *c = claim(malloc(sizeof(*c) + CHUNK_STATES * state_bytes));
        c->next = NULL;
        if (newest != NULL) {
            newest->next = c;
        } else {
            oldest = c;
        }
        newest = c;
        put_in_newest = 0;
    }
    newest->depths[put_in_newest] = depth;
    memcpy(newest->states + put_in_newest * state_bytes, state, state_bytes);
    put_in_newest++;
}

static void queue_drop_oldest(void) {
    chunk *c = oldest;
    oldest = c->next;
    free(c);
    taken_of_oldest = 0;
}

bool states_next(uint8_t *state, uint32_t *number, uint32_t *depth) {
    if (next_number == state_count) {
        return false;
    }
    if (taken_of_oldest == CHUNK_STATES) {
        queue_drop_oldest();
    }
    memcpy(state, oldest->states + taken_of_oldest * state_bytes, state_bytes);
    *depth = oldest->depths[taken_of_oldest++];
    *number = next_number++;
    return true;
}

/* ---- all ---------------------------------------------------------------------------- */

void states_prepare(size_t bytes) { state_bytes = bytes; }

void states_meet(const uint8_t *state, uint32_t from, operation by, uint32_t depth) {
    if (!table_add(hash_of(state, state_bytes))) {
        return;
    }
    origin_note(from, by);
    queue_put(state, depth);
    state_count++;
}

uint32_t states_count(void) { return state_count; }
