/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * No function here allocates or changes errno.
 */
#define _GNU_SOURCE
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { LINE_BYTES = 512, PATH_BYTES = 4096 };

static char path[PATH_BYTES]; /* a copy, because programs change their environment */
static pid_t begun_process;   /* the one that has begun and not ended; 0: none */

/* Writes the line in one write, so that lines of several processes do not mix. */
static void line_append(const char *line, size_t bytes) {
    const int saved_errno = errno;
    const int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (file >= 0) {
        if (write(file, line, bytes) != (ssize_t)bytes) {
            static const char message[] = "fmemp: the journal cannot be written\n";
            (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
        }
        (void)close(file);
    }
    errno = saved_errno;
}

bool journal_is_kept(void) { return path[0] != '\0'; }

static void event_write(const char *event, const char *details) {
    if (!journal_is_kept()) {
        return;
    }
    char program[PATH_BYTES] = "unknown";
    const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[length > 0 ? length : 0] = '\0';
    const char *slash = strrchr(program, '/');
    char line[LINE_BYTES];
    const int bytes = snprintf(line, sizeof(line), "%s %d %.100s%s\n", event, (int)getpid(),
                               slash == NULL ? program : slash + 1, details);
    line_append(line, (size_t)bytes);
}

void journal_start(char *const *environment) {
    static const char name[] = "FMEMP_JOURNAL=";
    const size_t length = sizeof(name) - 1;
    if (getauxval(AT_SECURE) != 0) {
        return;
    }
    for (; *environment != NULL; environment++) {
        const char *value = *environment + length;
        if (strncmp(*environment, name, length) == 0 && strlen(value) < sizeof(path)) {
            (void)strcpy(path, value);
        }
    }
    begun_process = getpid();
    event_write("start", "");
}

void journal_fork(void) {
    begun_process = getpid();
    event_write("fork", "");
}

bool journal_expects_end(void) { return begun_process == getpid(); }

void journal_end(const journal_summary *summary) {
    char details[LINE_BYTES / 2];
    (void)snprintf(details, sizeof(details),
                   " operations=%zu peak=%zu pools=%zu checks=%zu verdict=%s", summary->operations,
                   summary->peak, summary->pools, summary->checks, summary->verdict);
    event_write("end", details);
    begun_process = 0;
}

_Noreturn void journal_stop(const char *what) {
    char text[LINE_BYTES / 2];
    const int bytes = snprintf(text, sizeof(text), "fmemp: %.200s\n", what);
    (void)!write(STDERR_FILENO, text, (size_t)bytes);
    (void)snprintf(text, sizeof(text), " %.200s", what);
    event_write("fault", text);
    abort();
}

_Noreturn void journal_fault(tlsf_t heap, const tlsf_fault_t *fault) {
    (void)heap;
    char text[LINE_BYTES / 2];
    (void)snprintf(text, sizeof(text),
                   "%s: block %p of %zu bytes, before it %p of %zu, behind it %p of %zu",
                   tlsf_fault_name(fault->kind), fault->block, fault->size, fault->before,
                   fault->before_size, fault->after, fault->after_size);
    journal_stop(text);
}
