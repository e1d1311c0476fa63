/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counts a malloc that is served behind many holes, none of which is large enough:
 *
 *     [hole][live][hole][live] ... [hole][live][room][live]
 *
 * Free makes the holes and the room; then a request is made that fits the room alone. Settings
 * are words: holes=N. For each of them and each pattern the image prints a line: holes, sizes,
 * order of sizes, order of frees, instructions of the malloc, instructions of the costliest free.
 */
#include "../beside/counted_heap.h"
#include "../beside/variables.h"
#include "../machine/machine.h"

#define HOLES_MAX 3000u
#define REQUEST_BYTES 628u
#define ROOM (2 * REQUEST_BYTES)
#define LIVE 16u
#define HEAP_BYTES 2097152u
#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Holes have `smallest` bytes and up to RANGE more. The large ones are just too small for the
 * request, and share its class or bin in an allocator that has such. */
#define RANGE 48u
static const struct {
    const char *name;
    size_t smallest;
} kinds[] = {{"small", 16}, {"large", REQUEST_BYTES - 8 - RANGE}};

enum { ASCENDING, DESCENDING, MIXED, ORDERS };
static const char *const order_names[ORDERS] = {"ascending", "descending", "mixed"};

typedef struct {
    size_t holes;
    unsigned kind, sizes, frees; /* index of kinds, and two orders */
} pattern;

/* The i-th of the numbers below `count`. STEP is a prime that divides no count, so that the mixed
 * order holds each number once. */
#define STEP 1009u
static size_t in_order(unsigned order, size_t i, size_t count) {
    switch (order) {
    case ASCENDING:
        return i;
    case DESCENDING:
        return count - 1 - i;
    default:
        return i * STEP % count;
    }
}

static unsigned char *block_make(size_t bytes) {
    unsigned instructions;
    unsigned char *block = heap_malloc(bytes, &instructions);
    if (block == NULL) {
        machine_fail("the memory is too small for the holes");
    }
    return block;
}

/* The blocks to be freed: what become holes, and the room behind them. */
static unsigned char *blocks[HOLES_MAX + 1];

static void blocks_make(const pattern *made) {
    unsigned char *last = NULL;
    for (size_t i = 0; i <= made->holes; i++) {
        const size_t more = in_order(made->sizes, i, made->holes) * RANGE / made->holes;
        blocks[i] = block_make(i == made->holes ? ROOM : kinds[made->kind].smallest + more);
        if (blocks[i] < last) {
            machine_fail("blocks of a fresh heap are not in ascending order");
        }
        last = block_make(LIVE);
        if (last < blocks[i]) {
            machine_fail("no live block separates two holes");
        }
    }
}

static unsigned free_count(unsigned char *block, unsigned most) {
    unsigned instructions;
    heap_free(block, &instructions);
    return instructions > most ? instructions : most;
}

static void pattern_count(const pattern *counted, machine_memory memory) {
    unsigned malloc_instructions;
    unsigned most = 0;
    if (!heap_make(memory.begin, HEAP_BYTES)) {
        machine_fail("the memory does not make a heap");
    }
    blocks_make(counted);
    const unsigned char *room = blocks[counted->holes];
    for (size_t i = 0; i <= counted->holes; i++) {
        most = free_count(blocks[in_order(counted->frees, i, counted->holes + 1)], most);
    }
    unsigned char *served = heap_malloc(REQUEST_BYTES, &malloc_instructions);
    if (served < room || served >= room + ROOM) {
        machine_fail("the request is not served from the room");
    }
    most = free_count(served, most);
    machine_print("counted %lu|%s|%s|%s|%lu|%lu\n", (unsigned long)counted->holes,
                  kinds[counted->kind].name, order_names[counted->sizes],
                  order_names[counted->frees], (unsigned long)malloc_instructions,
                  (unsigned long)most);
}

/* ---- a fresh heap for each pattern --------------------------------------------------- */

static void patterns_count(size_t holes) {
    const machine_memory all = machine_heap_memory();
    const machine_memory memory = variables_save(all);
    for (unsigned i = 0; i < LENGTH(kinds) * ORDERS * ORDERS; i++) {
        const pattern counted = {.holes = holes,
                                 .kind = i / (ORDERS * ORDERS),
                                 .sizes = i / ORDERS % ORDERS,
                                 .frees = i % ORDERS};
        pattern_count(&counted, memory);
        variables_restore(all);
    }
}

int main(int count, char *words[]) {
    const settings given = machine_start(count, words);
    for (int i = 0; i < given.count; i++) {
        const settings one = {.count = 1, .words = given.words + i};
        const size_t holes = setting_number(one, "holes", 0);
        if (holes == 0 || holes > HOLES_MAX) {
            machine_fail("settings: holes=N, at least one and at most HOLES_MAX");
        }
        patterns_count(holes);
    }
    machine_print("finished\n");
    return 0;
}
