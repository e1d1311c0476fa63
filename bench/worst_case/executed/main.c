/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs the drivers in one heap after the other. Settings:
 *   seed=N         of everything random
 *   samples=N      states to search in the first heap; a tenth in each other heap
 *   steps=N        of the random walk in the three main heaps; a fifth in each other heap
 *   pool=N         the largest pool
 *   quick=1        uses the three main heaps alone
 *   count_every=N, step_every=N   calls of the walk and of the load (count_rates)
 *   load_pool=N    serves the machine's load from a pool of N bytes, and does nothing else
 */
#include "count.h"
#include "drivers.h"

static const size_t pools[] = {(size_t)4 << 10,  (size_t)64 << 10,  (size_t)1 << 20,
                               (size_t)16 << 20, (size_t)128 << 20, (size_t)1 << 30};
static const size_t lives[] = {1, 1000, 1000000};

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Whether that many small blocks leave room for the control structure and the workspace. */
static bool is_possible(heap_shape shape) {
    return shape.live_blocks == 1 || shape.live_blocks * 48 + 10000 <= shape.pool_bytes;
}

/* The main heaps have each number of live blocks once, from the smallest pool to the largest. */
static bool is_main_pair(size_t pool, size_t live) {
    static const size_t of_live[LENGTH(lives)] = {0, 2, LENGTH(pools) - 1};
    return pool == of_live[live];
}

static void crafted_run(heap_shape shape, random_stream *random, unsigned samples) {
    crafted_prepare(machine_heap_memory(), shape);
    crafted_search(random, samples);
    if (machine_can_step) {
        crafted_confirm();
    }
    count_report("crafted", "-", shape.live_blocks, shape.pool_bytes);
}

/* Visits each heap twice: what the search found in later heaps is tried in the earlier ones too. */
static void heaps_run(settings given) {
    random_stream random = random_start(setting_number(given, "seed", 1));
    const size_t largest = setting_number(given, "pool", SIZE_MAX);
    const size_t steps = setting_number(given, "steps", 100000);
    const size_t first_samples = setting_number(given, "samples", 20000);
    const bool is_quick = setting_number(given, "quick", 0) != 0;
    for (size_t i = 0; i < 2 * LENGTH(pools) * LENGTH(lives); i++) {
        const bool is_first = i < LENGTH(pools) * LENGTH(lives);
        const size_t pool = i / LENGTH(lives) % LENGTH(pools);
        const size_t live = i % LENGTH(lives);
        const heap_shape shape = {.pool_bytes = pools[pool], .live_blocks = lives[live]};
        const bool is_main = is_main_pair(pool, live);
        const size_t samples = pool == 0 ? first_samples : first_samples / 10;
        if (shape.pool_bytes > largest || !is_possible(shape) || (is_quick && !is_main)) {
            continue;
        }
        crafted_run(shape, &random, is_first ? (unsigned)samples : 0);
        if (is_first) {
            walk_run(machine_heap_memory(), shape, &random, is_main ? steps : steps / 5);
            count_report("random walk", "-", shape.live_blocks, shape.pool_bytes);
        }
    }
}

int main(int count, char *words[]) {
    const settings given = machine_start(count, words);
    const size_t load_pool = setting_number(given, "load_pool", 0);
    count_rates((unsigned)setting_number(given, "count_every", 1),
                (unsigned)setting_number(given, "step_every", 0));
    if (load_pool != 0) {
        size_t bytes;
        const unsigned char *load = machine_load(given, &bytes);
        const size_t most_live = load_serve(machine_heap_memory(), load_pool, load, bytes);
        count_report("recorded load", "load", most_live, load_pool);
    } else {
        heaps_run(given);
    }
    machine_print("finished\n");
    return 0;
}
