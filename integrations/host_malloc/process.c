/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process that the heap serves. If it keeps a journal, it writes to it when it begins, and
 * checks the heap when it ends by return, exit or _exit. It does not see an end by a signal, by
 * exec or by a system call.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "heap.h"
#include "lock.h"

/* Checks the heap and writes the end. A signal handler may end the process within a call: then
 * there is no check. */
static void end_write(void) {
    journal_summary summary = {.verdict = "unknown"};
    if (!journal_is_kept() || !journal_expects_end()) {
        return;
    }
    if (lock_is_held()) {
        journal_end(&summary);
        return;
    }
    lock_take();
    heap_summarise(&summary);
    journal_end(&summary);
    lock_release();
}

static void child_start(void) {
    heap_begin_in_child();
    journal_fork();
}

/* Runs before any other library (-z initfirst), and before the C library knows the environment. */
__attribute__((constructor)) static void process_start(int argc, char **argv, char **environment) {
    (void)argc;
    (void)argv;
    lock_survives_fork(child_start);
    journal_start(environment);
}

__attribute__((destructor)) static void process_end(void) { end_write(); }

#define EXPORTED_END __attribute__((visibility("default"))) _Noreturn void

EXPORTED_END _exit(int status) {
    end_write();
    for (;;) {
        (void)syscall(SYS_exit_group, status);
    }
}

EXPORTED_END _Exit(int status) { _exit(status); }
