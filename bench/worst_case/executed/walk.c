/* SPDX-License-Identifier: BSD-3-Clause */
#include "../../loads/load_format.h"
#include "count.h"
#include "drivers.h"

/* Takes a heap of pool_bytes and a table of `count` pointers, all NULL, from the memory. */
static tlsf_t heap_and_table(machine_memory memory, size_t pool_bytes, size_t count,
                             void ***table) {
    if (memory.bytes < pool_bytes || (memory.bytes - pool_bytes) / sizeof(void *) < count) {
        machine_fail("walk: not enough memory");
    }
    *table = (void **)(void *)(memory.begin + pool_bytes);
    for (size_t i = 0; i < count; i++) {
        (*table)[i] = NULL;
    }
    tlsf_t heap = tlsf_create_sized(memory.begin, pool_bytes, 0);
    if (heap == NULL) {
        machine_fail("walk: no heap in the pool");
    }
    return heap;
}

static void check(tlsf_t heap) {
    if (tlsf_check(heap) != TLSF_SOUND) {
        machine_fail("walk: the heap is not sound");
    }
}

/* ---- at random ---------------------------------------------------------------------- */

typedef struct {
    tlsf_t heap;
    random_stream *random;
    void **slots; /* about half of them hold a block */
    uint32_t slot_count;
    uint32_t size_bits; /* most sizes are below 2^size_bits */
    uint32_t pool_bits;
} walk;

/* Each order of magnitude is as likely as the others. One size in 64 may not fit. */
static size_t size_random(const walk *w) {
    const uint32_t bits = random_below(w->random, 64) == 0 ? w->pool_bits : w->size_bits;
    return random_next(w->random) & ((UINT32_C(1) << random_below(w->random, bits + 1)) - 1);
}

static void *allocate(const walk *w) {
    const size_t size = size_random(w);
    if (random_below(w->random, 4) == 0) {
        return count_memalign(w->heap, (size_t)1 << random_below(w->random, 10), size);
    }
    return count_malloc(w->heap, size);
}

/* Larger blocks are not reallocated: a copy takes long to emulate and is not counted. */
#define COPIED_MAX 2048u

static void step(const walk *w) {
    void **slot = &w->slots[random_below(w->random, w->slot_count)];
    if (*slot == NULL) {
        *slot = allocate(w);
    } else if (tlsf_block_size(*slot) <= COPIED_MAX && random_below(w->random, 4) == 0) {
        void *moved = count_realloc(w->heap, *slot, 1 + size_random(w));
        *slot = moved != NULL ? moved : *slot;
    } else {
        count_free(w->heap, *slot);
        *slot = NULL;
    }
}

static uint32_t bits_of(size_t number) {
    uint32_t bits = 0;
    while (number > 1) {
        number /= 2;
        bits++;
    }
    return bits;
}

void walk_run(machine_memory memory, heap_shape shape, random_stream *random, size_t steps) {
    const size_t memory_limit = (size_t)128 << 20; /* about what a walk writes to */
    const size_t used = shape.pool_bytes < memory_limit ? shape.pool_bytes : memory_limit;
    walk w = {.random = random, .slot_count = (uint32_t)(2 * shape.live_blocks)};
    w.heap = heap_and_table(memory, shape.pool_bytes, w.slot_count, &w.slots);
    w.pool_bits = bits_of(shape.pool_bytes) - 1;
    w.size_bits = bits_of(used / shape.live_blocks);
    w.size_bits = w.size_bits < 6 ? 6 : w.size_bits > w.pool_bits ? w.pool_bits : w.size_bits;
    for (uint32_t i = 0; i < w.slot_count; i += 2) {
        w.slots[i] = tlsf_malloc(w.heap, size_random(&w) % 64);
    }
    for (size_t i = 0; i < steps; i++) {
        step(&w);
    }
    check(w.heap);
}

/* ---- from a recorded load -------------------------------------------------------------------- */

static void *serve(tlsf_t heap, const load_operation *recorded, void **block) {
    switch (recorded->kind) {
    case LOAD_FREE:
        count_free(heap, *block);
        return NULL;
    case LOAD_REALLOC:
        return count_realloc(heap, *block, (size_t)recorded->size);
    case LOAD_MEMALIGN:
        return count_memalign(heap, (size_t)1 << recorded->align_log2, (size_t)recorded->size);
    default: /* calloc too, without its zeroing, which has no bound */
        return count_malloc(heap, (size_t)recorded->size);
    }
}

size_t load_serve(machine_memory memory, size_t pool_bytes, const unsigned char *load,
                  size_t load_bytes) {
    const unsigned char *end = load + load_bytes;
    const unsigned char *in = load + sizeof load_header;
    void **blocks;
    size_t allocated = 0;
    size_t live = 0;
    size_t most_live = 0;
    load_operation recorded;
    /* Each operation takes at least one byte of the load. */
    tlsf_t heap = heap_and_table(memory, pool_bytes, load_bytes, &blocks);
    for (size_t i = 0; i < sizeof load_header; i++) {
        if (load_bytes < sizeof load_header || load[i] != load_header[i]) {
            machine_fail("load: wrong header");
        }
    }
    for (;;) {
        const size_t bytes = load_operation_read(in, end, &recorded);
        if (bytes == 0) {
            machine_fail("load: damaged");
        }
        if (recorded.kind == LOAD_END) {
            break;
        }
        in += bytes;
        const bool is_old = recorded.kind == LOAD_FREE || recorded.kind == LOAD_REALLOC;
        if (is_old && recorded.age >= allocated) {
            machine_fail("load: an operation on no block");
        }
        const size_t number = is_old ? allocated - 1 - (size_t)recorded.age : allocated++;
        blocks[number] = serve(heap, &recorded, &blocks[number]);
        if (recorded.kind == LOAD_FREE) {
            live--;
        } else if (blocks[number] == NULL) {
            machine_fail("load: the pool is too small");
        } else if (!is_old && ++live > most_live) {
            most_live = live;
        }
    }
    check(heap);
    return most_live;
}
