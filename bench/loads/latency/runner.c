/* SPDX-License-Identifier: BSD-3-Clause */
#include "runner.h"

#include <string.h>

enum {
    SETTLING_CALLS = STEP_CALLS * 20 * LIVE_BLOCKS,
    SIZE_BITS_MIN = 3,  /* sizes from 8 bytes ... */
    SIZE_BITS_MAX = 11, /* ... to below 2,048, each power of two as often as the others */
    ALIGN_BITS_MIN = 4,
    ALIGN_BITS_MAX = 8
};

const char *const function_names[FUNCTIONS] = {"malloc", "free", "memalign", "realloc in place",
                                               "realloc moved"};

size_t runner_region_bytes(void) { return (size_t)LIVE_BLOCKS << (SIZE_BITS_MAX + 1); }

static size_t random_size(runner *run) {
    size_t bits = random_between(&run->random, SIZE_BITS_MIN, SIZE_BITS_MAX - 1);
    size_t low = (size_t)1 << bits;
    return low + random_below(&run->random, low);
}

/* Most reallocs change the size by up to a quarter, as a growing buffer does; the others ask for
 * any size. */
static size_t random_resize(runner *run, size_t size) {
    if (random_below(&run->random, 8) == 0) {
        return random_size(run);
    }
    return size - size / 4 + random_below(&run->random, size / 2 + 1);
}

static live_block *random_block(runner *run) {
    return &run->blocks[random_below(&run->random, LIVE_BLOCKS)];
}

static void block_touch(const runner *run, const live_block *touched) {
    if (run->is_touching && touched->ptr != NULL) {
        *(volatile unsigned char *)touched->ptr = 1;
    }
}

static sample sample_make(function called, uint32_t ticks) {
    uint32_t kept = ticks < TICKS_MAX ? ticks : TICKS_MAX;
    return (sample){.ticks = kept & TICKS_MAX, .function = (uint32_t)called & 7};
}

static bool free_call(runner *run, sample *measured) {
    run->replaced = random_block(run);
    block_touch(run, run->replaced);
    *measured = sample_make(FREE, run->called->free_time(run->replaced->ptr));
    return true;
}

static bool malloc_call(runner *run, sample *measured) {
    live_block *made = run->replaced;
    made->size = random_size(run);
    *measured = sample_make(MALLOC, run->called->malloc_time(made->size, &made->ptr));
    block_touch(run, made);
    return made->ptr != NULL;
}

static bool memalign_call(runner *run, sample *measured) {
    live_block *made = run->replaced;
    size_t align = (size_t)1 << random_between(&run->random, ALIGN_BITS_MIN, ALIGN_BITS_MAX);
    made->size = random_size(run);
    *measured = sample_make(MEMALIGN, run->called->memalign_time(align, made->size, &made->ptr));
    block_touch(run, made);
    return made->ptr != NULL;
}

static bool realloc_call(runner *run, sample *measured) {
    live_block *changed = random_block(run);
    size_t size = random_resize(run, changed->size);
    uintptr_t old = (uintptr_t)changed->ptr;
    void *result;
    block_touch(run, changed);
    uint32_t ticks = run->called->realloc_time(changed->ptr, size, &result);
    *measured = sample_make((uintptr_t)result == old ? REALLOC_IN_PLACE : REALLOC_MOVED, ticks);
    *changed = (live_block){.ptr = result, .size = size};
    block_touch(run, changed);
    return result != NULL;
}

bool runner_call(runner *run, sample *measured) {
    switch (run->calls++ % STEP_CALLS) {
    case 1:
        return malloc_call(run, measured);
    case 3:
        return memalign_call(run, measured);
    case 4:
        return realloc_call(run, measured);
    default:
        return free_call(run, measured);
    }
}

bool runner_begin(runner *made, const allocator *called, uint64_t seed, bool is_touching,
                  void *region, size_t bytes) {
    sample unused;
    *made = (runner){.called = called, .is_touching = is_touching, .random = random_start(seed)};
    memset(region, 1, bytes); /* so that no timed call is the first to touch a page */
    bool is_sound = called->begin(region, bytes);
    for (size_t i = 0; is_sound && i < LIVE_BLOCKS; i++) {
        made->replaced = &made->blocks[i];
        is_sound = malloc_call(made, &unused);
    }
    while (is_sound && made->calls < SETTLING_CALLS) {
        is_sound = runner_call(made, &unused);
    }
    return is_sound;
}
