/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process that the heap serves: what is written when it begins, and the check when it ends,
 * by return, exit or _exit. Ends by a signal, by exec and by a system call are not seen.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "heap.h"
#include "lock.h"

/* A signal handler may end the process in the middle of a call: then nothing can be checked. */
static void end_write(void) {
    journal_summary summary = {.verdict = "unknown"};
    if (!journal_expects_end()) {
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

/* Linked with -z initfirst: before any other library, and before the C library knows the
 * environment. */
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
