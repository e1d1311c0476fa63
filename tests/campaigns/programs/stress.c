/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads allocate, fill, pass on, check, resize and free blocks, most of them blocks of other
 * threads. Meanwhile the process forks, and loads and unloads a library with thread-local data:
 *
 *     stress STEPS SEED PLUGIN
 *
 * It prints figures that do not depend on the order of the threads. The status is 0 if and only if
 * no content was lost. Each child of a fork checks and frees all blocks that it inherits.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/random.h"

enum { THREADS = 8, ROUNDS = 10, SLOTS = 4000, FORKS = 40, LOADS = 40 };

/* The beginning of a block. The rest of the block is filled with `fill`. */
typedef struct {
    size_t bytes;
    unsigned char fill;
} label;

typedef struct {
    const char *plugin;
    size_t steps;
    uint64_t seed;
    uint64_t bytes; /* sum of all requests */
} work;

static _Atomic(label *) slots[SLOTS];
static atomic_size_t lost;

/* ---- blocks ------------------------------------------------------------------------- */

static void block_check(const label *block, size_t bytes) {
    const unsigned char *rest = (const unsigned char *)(block + 1);
    for (size_t i = 0; i < bytes - sizeof(label); i++) {
        if (rest[i] != block->fill) {
            lost++;
            return;
        }
    }
}

static label *block_fill(label *block, size_t bytes, unsigned char fill) {
    if (block == NULL) {
        fprintf(stderr, "stress: no memory for %zu bytes\n", bytes);
        exit(2);
    }
    *block = (label){bytes, fill};
    memset(block + 1, fill, bytes - sizeof(label));
    return block;
}

/* Most blocks are small. */
static size_t random_size(random_source *source) {
    const size_t magnitude = random_below(source, 100);
    const size_t most = magnitude < 80 ? 300 : magnitude < 99 ? 5000 : 200000;
    return sizeof(label) + random_below(source, most);
}

static void *request(random_source *source, size_t bytes) {
    switch (random_below(source, 8)) {
    case 0:
        return memalign((size_t)16 << random_below(source, 9), bytes);
    case 1:
        return calloc(bytes, 1);
    default:
        return malloc(bytes);
    }
}

static void block_end(random_source *source, label *block) {
    if (block == NULL) {
        return;
    }
    block_check(block, block->bytes);
    if (random_below(source, 4) == 0) {
        const size_t before = block->bytes;
        const size_t bytes = random_size(source);
        block = realloc(block, bytes);
        if (block == NULL) {
            lost++;
            return;
        }
        block_check(block, bytes < before ? bytes : before);
    }
    free(block);
}

/* ---- threads ------------------------------------------------------------------------ */

/* Draws sizes from one random source, so that their sum is the same in every run. Draws everything
 * that depends on other threads from a second source. */
static void *thread_steps(void *argument) {
    work *mine = argument;
    random_source sizes = random_from(mine->seed);
    random_source rest = random_from(~mine->seed);
    for (size_t i = 0; i < mine->steps; i++) {
        const size_t bytes = random_size(&sizes);
        label *block = block_fill(request(&rest, bytes), bytes, (unsigned char)random_bits(&rest));
        block_end(&rest, atomic_exchange(&slots[random_below(&rest, SLOTS)], block));
        mine->bytes += bytes;
    }
    return NULL;
}

/* Runs the steps in one short-lived thread after another. */
static void *thread_rounds(void *argument) {
    work *mine = argument;
    for (size_t i = 0; i < ROUNDS; i++) {
        pthread_t thread;
        mine->seed++;
        if (pthread_create(&thread, NULL, thread_steps, mine) != 0) {
            lost++;
            return NULL;
        }
        (void)pthread_join(thread, NULL);
    }
    return NULL;
}

typedef char *(*plugin_call)(void);

static void *plugin_rounds(void *argument) {
    const work *mine = argument;
    for (size_t i = 0; i < LOADS; i++) {
        void *library = dlopen(mine->plugin, RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            lost++;
            fprintf(stderr, "stress: %s\n", dlerror());
            return NULL;
        }
        void *symbol = dlsym(library, "plugin_text");
        plugin_call call;
        memcpy(&call, &symbol, sizeof(call));
        char *text = call();
        lost += strcmp(text, "thread-local") != 0;
        free(text);
        (void)dlclose(library);
    }
    return NULL;
}

/* ---- forks -------------------------------------------------------------------------- */

static _Noreturn void child_run(uint64_t seed) {
    random_source source = random_from(seed);
    work more = {NULL, 500, seed, 0};
    atomic_store(&lost, 0);
    (void)thread_steps(&more);
    for (size_t i = 0; i < SLOTS; i++) {
        block_end(&source, atomic_exchange(&slots[i], NULL));
    }
    _exit(lost == 0 ? 0 : 1);
}

static void forks(uint64_t seed) {
    for (size_t i = 0; i < FORKS; i++) {
        const pid_t child = fork();
        if (child == 0) {
            child_run(seed + i);
        }
        int status = -1;
        lost += child < 0 || waitpid(child, &status, 0) != child || status != 0;
        (void)usleep(1000);
    }
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: stress STEPS SEED PLUGIN\n");
        return 2;
    }
    const uint64_t seed = strtoull(argv[2], NULL, 0);
    work works[THREADS];
    pthread_t threads[THREADS + 1];
    for (size_t i = 0; i < THREADS; i++) {
        works[i] = (work){NULL, strtoull(argv[1], NULL, 0), seed + i * 1000, 0};
        lost += pthread_create(&threads[i], NULL, thread_rounds, &works[i]) != 0;
    }
    work plugin = {argv[3], 0, 0, 0};
    lost += pthread_create(&threads[THREADS], NULL, plugin_rounds, &plugin) != 0;
    forks(seed);
    uint64_t bytes = 0;
    for (size_t i = 0; i <= THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        bytes += i < THREADS ? works[i].bytes : 0;
    }
    random_source source = random_from(seed);
    for (size_t i = 0; i < SLOTS; i++) {
        block_end(&source, atomic_load(&slots[i]));
    }
    printf("%d threads, %d forks, %d loads, %llu bytes requested, %zu contents lost\n",
           THREADS * (ROUNDS + 1) + 1, FORKS, LOADS, (unsigned long long)bytes, lost);
    return lost == 0 ? 0 : 1;
}
