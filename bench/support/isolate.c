/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "isolate.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void *map(size_t bytes, int flags) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void *memory_map(size_t bytes) { return map(bytes, MAP_PRIVATE); }

void *memory_map_shared(size_t bytes) { return map(bytes, MAP_SHARED); }

void memory_unmap(void *memory, size_t bytes) {
    if (memory != NULL) {
        munmap(memory, bytes);
    }
}

void processor_pin(unsigned turn) {
    static cpu_set_t allowed;
    cpu_set_t one;
    unsigned processor = 0;
    if (CPU_COUNT(&allowed) == 0 && sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return;
    }
    for (turn %= (unsigned)CPU_COUNT(&allowed); turn > 0 || !CPU_ISSET(processor, &allowed);
         processor++) {
        turn -= CPU_ISSET(processor, &allowed) ? 1 : 0;
    }
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    sched_setaffinity(0, sizeof one, &one);
}

bool isolated_run(void (*job)(const void *input, void *result), const void *input, void *result,
                  size_t result_bytes) {
    int status = 0;
    void *shared = memory_map_shared(result_bytes);
    if (shared == NULL) {
        return false;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
        job(input, shared);
        _exit(0);
    }
    bool has_ended = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    memcpy(result, shared, result_bytes);
    munmap(shared, result_bytes);
    return has_ended;
}
