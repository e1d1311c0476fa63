/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "trial.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MAX = 20 };

pool_record *trial_record;

static void *memory_shared(size_t bytes) {
    void *const memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(EXIT_FAILURE);
    }
    return memory;
}

/* The child. Its status is the outcome. What the library prints when it ends the program is left
 * out. */
static void scenario_try(size_t pool_bytes, size_t fail_at, bool fail_after) {
    (void)dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    (void)alarm(SECONDS_MAX);
    if (!pool_begin(pool_bytes, fail_at, fail_after, trial_record)) {
        _exit(SCENARIO_NO_MEMORY);
    }
    const scenario_outcome outcome = scenario_run();
    pool_end();
    _exit((int)outcome);
}

static trial_outcome failed(const char *why, int number) {
    fprintf(stderr, "%s (%d), after %zu requests\n", why, number, trial_record->requests);
    return TRIAL_FAILED;
}

static trial_outcome outcome_of(int status) {
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status) == SIGABRT && scenario_may_abort
                   ? TRIAL_ABORTED
                   : failed("ended by a signal", WTERMSIG(status));
    }
    const int outcome = WEXITSTATUS(status);
    if (outcome != SCENARIO_DONE && outcome != SCENARIO_NO_MEMORY) {
        return failed("a wrong result", outcome);
    }
    if (trial_record->calls > 0 && !trial_record->is_sound) {
        return failed("the heap is broken", outcome);
    }
    if (trial_record->live_blocks > scenario_blocks_kept) {
        return failed("blocks are left", (int)trial_record->live_blocks);
    }
    return outcome == SCENARIO_DONE ? TRIAL_DONE : TRIAL_NO_MEMORY;
}

trial_outcome trial_run(size_t pool_bytes, size_t fail_at, bool fail_after) {
    int status = 0;
    if (trial_record == NULL) {
        trial_record = memory_shared(sizeof *trial_record);
    }
    trial_record->calls = 0;
    trial_record->requests = 0;
    trial_record->live_blocks = 0;
    trial_record->is_sound = false;
    (void)fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        scenario_try(pool_bytes, fail_at, fail_after);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("trial");
        exit(EXIT_FAILURE);
    }
    return outcome_of(status);
}
