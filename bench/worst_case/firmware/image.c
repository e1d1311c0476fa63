/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Serves a recorded load from the allocator of the image, on a Cortex-M4: in a roomy heap, where
 * each malloc and free is counted, and in smaller and smaller ones down to the smallest that
 * serves it. Settings: roomy=N, bytes of the roomy heap, which must serve the load.
 */
#include "../../loads/load_format.h"
#include "../beside/counted_heap.h"
#include "../beside/variables.h"
#include "../machine/machine.h"

enum { STEP_BYTES = 8, BLOCKS_MAX = 100000 };

typedef struct {
    unsigned long calls, total, most; /* instructions */
} cost;

static void cost_add(cost *sum, unsigned instructions) {
    sum->calls++;
    sum->total += instructions;
    sum->most = instructions > sum->most ? instructions : sum->most;
}

/* All that is counted while a load is served. */
typedef struct {
    cost malloc, free;
    unsigned long live, peak; /* requested bytes */
} account;

typedef struct {
    unsigned char *address; /* NULL: not live */
    size_t bytes;           /* requested */
} block;

typedef struct {
    const unsigned char *begin, *end;
} recorded_load;

/* ---- one operation ------------------------------------------------------------------- */

/* calloc is a malloc here: to clear the block takes any allocator the same. */
static unsigned char *block_allocate(const load_operation *recorded, account *counted) {
    unsigned instructions;
    if (recorded->kind == LOAD_MEMALIGN) {
        return heap_memalign((size_t)1 << recorded->align_log2, (size_t)recorded->size);
    }
    unsigned char *address = heap_malloc((size_t)recorded->size, &instructions);
    cost_add(&counted->malloc, instructions);
    return address;
}

static void block_release(const block *released, account *counted) {
    unsigned instructions;
    heap_free(released->address, &instructions);
    cost_add(&counted->free, instructions);
}

/* The first byte of a block tells which block it is. */
static unsigned char stamp_of(size_t number) { return (unsigned char)(number * 167 + 1); }

static void stamp_check(const unsigned char *address, size_t bytes, size_t number) {
    if (bytes != 0 && address[0] != stamp_of(number)) {
        machine_fail("a block has lost a byte");
    }
}

/* Returns whether the block is live with the new size. */
static bool block_replace(block *replaced, size_t number, unsigned char *address, size_t bytes,
                          account *counted) {
    if (address == NULL) {
        return false;
    }
    counted->live += bytes - replaced->bytes;
    counted->peak = counted->live > counted->peak ? counted->live : counted->peak;
    *replaced = (block){address, bytes};
    if (bytes != 0) {
        address[0] = stamp_of(number);
    }
    return true;
}

/* ---- a load --------------------------------------------------------------------------- */

static block blocks[BLOCKS_MAX];

/* Returns which block the operation is about. */
static size_t number_of(const load_operation *recorded, size_t *allocated) {
    if (recorded->kind == LOAD_FREE || recorded->kind == LOAD_REALLOC) {
        if (recorded->age >= *allocated) {
            machine_fail("load: an operation on no block");
        }
        return *allocated - 1 - (size_t)recorded->age;
    }
    if (*allocated == BLOCKS_MAX) {
        machine_fail("load: more than BLOCKS_MAX blocks");
    }
    blocks[*allocated] = (block){NULL, 0};
    return (*allocated)++;
}

/* Serves one operation. Returns false if and only if the request failed. */
static bool operation_serve(const load_operation *recorded, size_t number, account *counted) {
    block *named = &blocks[number];
    const size_t bytes = (size_t)recorded->size;
    unsigned char *address;
    switch (recorded->kind) {
    case LOAD_FREE:
        stamp_check(named->address, named->bytes, number);
        block_release(named, counted);
        counted->live -= named->bytes;
        *named = (block){NULL, 0};
        return true;
    case LOAD_REALLOC:
        stamp_check(named->address, named->bytes, number);
        address = heap_realloc(named->address, bytes);
        if (address != NULL) {
            stamp_check(address, bytes < named->bytes ? bytes : named->bytes, number);
        }
        return block_replace(named, number, address, bytes, counted);
    default:
        address = block_allocate(recorded, counted);
        return block_replace(named, number, address, bytes, counted);
    }
}

/* Serves the load up to the first request that fails. Returns false if there is one. */
static bool load_serve(recorded_load load, machine_memory memory, size_t bytes, account *counted) {
    const unsigned char *in = load.begin + sizeof load_header;
    size_t allocated = 0;
    *counted = (account){.live = 0};
    if (bytes > memory.bytes || !heap_make(memory.begin, bytes)) {
        return false;
    }
    for (;;) {
        load_operation recorded;
        const size_t taken = load_operation_read(in, load.end, &recorded);
        if (taken == 0) {
            machine_fail("load: damaged");
        }
        if (recorded.kind == LOAD_END) {
            return true;
        }
        if (!operation_serve(&recorded, number_of(&recorded, &allocated), counted)) {
            return false;
        }
        in += taken;
    }
}

static recorded_load load_find(settings given) {
    size_t bytes;
    const unsigned char *begin = machine_load(given, &bytes);
    for (size_t i = 0; i < sizeof load_header; i++) {
        if (bytes < sizeof load_header || begin[i] != load_header[i]) {
            machine_fail("load: wrong header");
        }
    }
    return (recorded_load){begin, begin + bytes};
}

/* ---- heaps ----------------------------------------------------------------------------- */

/* Each heap is a fresh one. What was counted would be restored with the variables: it is copied
 * by way of the stack. */
static bool fresh_serve(recorded_load load, machine_memory all, size_t bytes, account *counted) {
    const machine_memory memory = variables_save(all);
    const bool is_served = load_serve(load, memory, bytes, counted);
    variables_restore(all);
    return is_served;
}

/* By bisection: STEP_BYTES less do not serve the load. `serves` is known to serve it. */
static size_t smallest_find(recorded_load load, machine_memory all, size_t serves) {
    account counted;
    size_t high = serves / STEP_BYTES;
    size_t low = 0;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (fresh_serve(load, all, middle * STEP_BYTES, &counted)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high * STEP_BYTES;
}

static void cost_print(const char *call, cost printed) {
    machine_print("%s %lu|%lu|%lu\n", call, printed.calls, printed.total, printed.most);
}

int main(int count, char *words[]) {
    const settings given = machine_start(count, words);
    const machine_memory all = machine_heap_memory();
    const size_t roomy = setting_number(given, "roomy", 0);
    const recorded_load load = load_find(given);
    account counted;
    if (!fresh_serve(load, all, roomy, &counted)) {
        machine_fail("the roomy heap does not serve the load");
    }
    cost_print("malloc", counted.malloc);
    cost_print("free", counted.free);
    machine_print("bytes %lu|%lu\n", counted.peak, (unsigned long)smallest_find(load, all, roomy));
    machine_print("finished\n");
    return 0;
}
