/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a target on files without a fuzzer: on the findings of a fuzzer, or on the corpus.
 *
 *   replay_TARGET FILE|FOLDER...    each file is one case of TAP; status 0 iff each passes
 *
 * Each case runs in a process of its own, so that a crash fails this case alone.
 */
#define _DEFAULT_SOURCE /* strdup, scandir */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

enum { SECONDS_PER_FILE = 120 };

typedef struct {
    char **names;
    size_t count;
} file_list;

static void *or_exit(void *memory) {
    if (memory == NULL) {
        fprintf(stderr, "no memory\n");
        exit(2);
    }
    return memory;
}

static void list_add(file_list *files, const char *name) {
    files->names = or_exit(realloc(files->names, (files->count + 1) * sizeof(*files->names)));
    files->names[files->count++] = or_exit(strdup(name));
}

/* Adds a file, or the files of a folder in the order of their names. */
static void list_argument(file_list *files, const char *name) {
    struct dirent **entries = NULL;
    const int count = scandir(name, &entries, NULL, alphasort);
    if (count < 0) {
        list_add(files, name);
        return;
    }
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", name, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            list_add(files, path);
        }
        free(entries[i]);
    }
    free((void *)entries);
}

static void run_file(const char *name) {
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        _exit(2);
    }
    const size_t count = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    uint8_t *copy = or_exit(malloc(count + 1)); /* the sanitizer sees a read beyond the copy */
    memcpy(copy, bytes, count);
    alarm(SECONDS_PER_FILE);
    LLVMFuzzerTestOneInput(copy, count);
    free(copy);
}

static int passes(const char *name) {
    int status = 0;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        run_file(name);
        exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int count, char **arguments) {
    file_list files = {NULL, 0};
    int failed = 0;
    for (int i = 1; i < count; i++) {
        list_argument(&files, arguments[i]);
    }
    printf("1..%zu\n", files.count);
    for (size_t i = 0; i < files.count; i++) {
        const char *base = strrchr(files.names[i], '/');
        const int is_passed = passes(files.names[i]);
        printf("%s %zu - %s\n", is_passed ? "ok" : "not ok", i + 1,
               base == NULL ? files.names[i] : base + 1);
        failed += !is_passed;
        free(files.names[i]);
    }
    free(files.names);
    if (count < 2 || files.count == 0) {
        fprintf(stderr, "usage: replay FILE|FOLDER...: there is no file to replay\n");
        return 2;
    }
    return failed == 0 ? 0 : 1;
}
