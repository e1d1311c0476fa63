/* SPDX-License-Identifier: BSD-3-Clause */
/* Scenarios for the recorder: recorded_program SCENARIO. The C library allocates too, so the
 * blocks that the tests look for have 10,000 bytes or more. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);

enum { THREADS = 4, THREAD_BLOCKS = 20000, SHARED_BLOCKS = 64, FORKS = 50 };

/* Compilers and analysers warn about some of the calls below. */
static void *(*volatile any_realloc)(void *ptr, size_t size) = realloc;
static void *(*volatile any_reallocarray)(void *ptr, size_t count, size_t size) = reallocarray;

/* Keeps the compiler from removing a block that is never used. */
static void *volatile kept;

static void *keep(void *ptr) {
    kept = ptr;
    return kept;
}

static void calls_scenario(void) {
    void *aligned = NULL;
    void *first = keep(malloc(10007));
    void *second = keep(calloc(3, 10009));
    void *third = keep(aligned_alloc(64, 10048));
    void *fourth = keep(memalign(1024, 10061));
    if (posix_memalign(&aligned, 256, 10037) != 0) {
        abort();
    }
    keep(valloc(10039));
    keep(pvalloc(10067));
    free(second);
    first = keep(realloc(first, 20011));
    first = keep(reallocarray(first, 7, 10069));
    keep(realloc(NULL, 10079));
    free(first);
    keep(any_realloc(third, 0));
    free(fourth);
}

static void failing_calls_scenario(void) {
    volatile size_t too_much = PTRDIFF_MAX;
    void *aligned = NULL;
    void *block = keep(malloc(10007));
    int errors = posix_memalign(&aligned, 24, 10009) != 0;
    errors += posix_memalign(&aligned, 64, too_much) != 0;
    errors += keep(malloc(too_much)) == NULL;
    errors += keep(calloc(too_much, 8)) == NULL;
    errors += keep(pvalloc(SIZE_MAX)) == NULL;
    errors += any_realloc(block, too_much) == NULL;
    errors += any_reallocarray(block, too_much, 8) == NULL;
    free(NULL);
    if (errors != 7) {
        abort();
    }
    free(block);
}

static void unseen_blocks_scenario(void) {
    void *unseen = __libc_malloc(10007);
    void *grown = __libc_malloc(10009);
    free(unseen);
    free(any_realloc(grown, 20021));
}

/* Threads hand blocks to each other, so that most are freed by another thread. */
static void *_Atomic shared_blocks[SHARED_BLOCKS];

static void *blocks_exchange(void *argument) {
    unsigned random = (unsigned)(uintptr_t)argument;
    for (int i = 0; i < THREAD_BLOCKS; i++) {
        random = random * 69069 + 12345;
        free(atomic_exchange(&shared_blocks[random >> 16 & (SHARED_BLOCKS - 1)], malloc(10007)));
    }
    return NULL;
}

static void threads_start(pthread_t threads[THREADS]) {
    for (uintptr_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, blocks_exchange, (void *)(i + 1)) != 0) {
            abort();
        }
    }
}

static void threads_join(pthread_t threads[THREADS]) {
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < SHARED_BLOCKS; i++) {
        free(shared_blocks[i]);
    }
}

static void threads_scenario(void) {
    pthread_t threads[THREADS];
    threads_start(threads);
    threads_join(threads);
}

static void child_run(void) {
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 100; i++) {
            free(keep(malloc(10009)));
        }
        _exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) {
        abort();
    }
}

static void fork_scenario(void) {
    void *block = keep(malloc(10007));
    child_run();
    free(block);
}

static void fork_among_threads_scenario(void) {
    pthread_t threads[THREADS];
    threads_start(threads);
    for (int i = 0; i < FORKS; i++) {
        child_run();
    }
    threads_join(threads);
}

static void exec_scenario(void) {
    keep(malloc(10007));
    execl("/proc/self/exe", "recorded_program", "fork", (char *)NULL);
    abort();
}

static void kill_scenario(void) {
    keep(malloc(10007));
    kill(getpid(), SIGKILL);
}

/* More calls than one window of the file holds. */
static void many_calls_scenario(void) {
    for (int i = 0; i < 300000; i++) {
        free(keep(malloc(10007)));
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } scenarios[] = {
        {"calls", calls_scenario},
        {"failing calls", failing_calls_scenario},
        {"unseen blocks", unseen_blocks_scenario},
        {"threads", threads_scenario},
        {"fork", fork_scenario},
        {"fork among threads", fork_among_threads_scenario},
        {"exec", exec_scenario},
        {"kill", kill_scenario},
        {"many calls", many_calls_scenario},
    };
    for (size_t i = 0; argc == 2 && i < sizeof scenarios / sizeof *scenarios; i++) {
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run();
            return EXIT_SUCCESS;
        }
    }
    fprintf(stderr, "recorded_program: no such scenario\n");
    return EXIT_FAILURE;
}
