/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The recorder, run with recorded_program:
 *     test_recorder RECORDER PROGRAM
 */
#define _GNU_SOURCE
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../replay/load.h"

enum { TEXT_BYTES = 4096, OURS_MIN = 10000, DEADLINE_SECONDS = 120 };

static const char *recorder;
static const char *program;
static char directory[64];

/* ---- running and reading ---------------------------------------------------------------- */

/* Runs a scenario under the recorder. Returns the status of waitpid. */
static int scenario_run(const char *scenario) {
    char prefix[128];
    int status = -1;
    snprintf(prefix, sizeof prefix, "%s/load", directory);
    pid_t child = fork();
    if (child == 0) {
        setenv("FMEMP_RECORD", prefix, 1);
        setenv("LD_PRELOAD", recorder, 1);
        alarm(DEADLINE_SECONDS); /* a recorder that hangs is killed */
        execl(program, "recorded_program", scenario, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* The recorded files, in the order of their names. */
static glob_t files_find(void) {
    glob_t found;
    char pattern[128];
    snprintf(pattern, sizeof pattern, "%s/load.recorded_program.*", directory);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    return found;
}

/* The path of the only recorded file. */
static void only_file_find(char *path, size_t bytes) {
    glob_t found = files_find();
    assert_int_equal(found.gl_pathc, 1);
    snprintf(path, bytes, "%s", found.gl_pathv[0]);
    globfree(&found);
}

static load only_load_read(void) {
    load read = {0};
    char path[256];
    only_file_find(path, sizeof path);
    const char *error = load_read(&read, path);
    assert_null(error);
    return read;
}

/* The operations on blocks that began with OURS_MIN bytes or more, as "malloc 10007 a, free a":
 * blocks are named in the order of their allocation. */
static void load_describe(const char *path, char *text) {
    static const char *const names[] = {"end", "malloc", "calloc", "memalign", "realloc", "free"};
    load read = {0};
    char name_of_slot[1 << 16] = "";
    int next_name = 'a';
    const char *error = load_read(&read, path);
    assert_null(error);
    assert_true(read.slots < sizeof name_of_slot);
    *text = '\0';
    for (size_t i = 0; i < read.count; i++) {
        const operation *next = &read.operations[i];
        char *name = &name_of_slot[next->slot];
        char one[64];
        if (next->kind < LOAD_REALLOC) {
            *name = (char)(next->size >= OURS_MIN ? next_name++ : '\0');
        }
        if (*name == '\0') {
            continue;
        }
        if (next->kind == LOAD_FREE) {
            snprintf(one, sizeof one, "free %c", *name);
        } else if (next->kind == LOAD_MEMALIGN) {
            snprintf(one, sizeof one, "memalign %zu/%zu %c", next->size,
                     (size_t)1 << next->align_log2, *name);
        } else {
            snprintf(one, sizeof one, "%s %zu %c", names[next->kind], next->size, *name);
        }
        assert_true(strlen(text) + strlen(one) + 3 < TEXT_BYTES);
        strcat(strcat(text, *text == '\0' ? "" : ", "), one);
    }
    load_release(&read);
}

static void assert_only_load(const char *expected) {
    char path[256];
    char text[TEXT_BYTES];
    only_file_find(path, sizeof path);
    load_describe(path, text);
    assert_string_equal(text, expected);
}

static size_t operations_count(const load *read, load_kind kind, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < read->count; i++) {
        count += read->operations[i].kind == kind && read->operations[i].size == size;
    }
    return count;
}

/* How many blocks of `size` bytes are live at the end. */
static size_t blocks_left(const load *read, size_t size) {
    size_t *sizes = calloc(read->slots, sizeof *sizes);
    size_t count = 0;
    assert_non_null(sizes);
    for (size_t i = 0; i < read->count; i++) {
        const operation *next = &read->operations[i];
        sizes[next->slot] = next->kind == LOAD_FREE ? 0 : next->size;
    }
    for (size_t slot = 0; slot < read->slots; slot++) {
        count += sizes[slot] == size;
    }
    free(sizes);
    return count;
}

static int directory_make(void **state) {
    (void)state;
    strcpy(directory, "/tmp/test_recorder.XXXXXX");
    return mkdtemp(directory) == NULL;
}

static int directory_remove(void **state) {
    glob_t found;
    char pattern[128];
    (void)state;
    snprintf(pattern, sizeof pattern, "%s/*", directory);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            unlink(found.gl_pathv[i]);
        }
        globfree(&found);
    }
    return rmdir(directory);
}

/* ---- the promises ----------------------------------------------------------------------- */

static void recorder_every_call_is_recorded(void **state) {
    char expected[TEXT_BYTES];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    (void)state;
    assert_int_equal(scenario_run("calls"), 0);
    snprintf(expected, sizeof expected,
             "malloc 10007 a, calloc 30027 b, memalign 10048/64 c, memalign 10061/1024 d, "
             "memalign 10037/256 e, memalign 10039/%zu f, memalign %zu/%zu g, free b, "
             "realloc 20011 a, realloc 70483 a, malloc 10079 h, free a, free c, free d",
             page, (10067 + page - 1) / page * page, page);
    assert_only_load(expected);
}

static void recorder_failing_calls_leave_no_trace(void **state) {
    (void)state;
    assert_int_equal(scenario_run("failing calls"), 0);
    assert_only_load("malloc 10007 a, free a");
}

static void recorder_unseen_block_begins_with_its_realloc(void **state) {
    (void)state;
    assert_int_equal(scenario_run("unseen blocks"), 0);
    assert_only_load("malloc 20021 a, free a");
}

static void recorder_threads_give_one_consistent_order(void **state) {
    (void)state;
    assert_int_equal(scenario_run("threads"), 0);
    load read = only_load_read();
    assert_int_equal(operations_count(&read, LOAD_MALLOC, 10007), 4 * 20000);
    assert_int_equal(blocks_left(&read, 10007), 0);
    load_release(&read);
}

static void recorder_fork_child_leaves_the_file_alone(void **state) {
    (void)state;
    assert_int_equal(scenario_run("fork"), 0);
    assert_only_load("malloc 10007 a, free a");
}

static void recorder_fork_among_threads_goes_on(void **state) {
    (void)state;
    assert_int_equal(scenario_run("fork among threads"), 0);
    load read = only_load_read();
    assert_int_equal(operations_count(&read, LOAD_MALLOC, 10007), 4 * 20000);
    assert_int_equal(operations_count(&read, LOAD_MALLOC, 10009), 0);
    assert_int_equal(blocks_left(&read, 10007), 0);
    load_release(&read);
}

static void recorder_exec_begins_another_file(void **state) {
    char text[TEXT_BYTES];
    (void)state;
    assert_int_equal(scenario_run("exec"), 0);
    glob_t found = files_find();
    assert_int_equal(found.gl_pathc, 2);
    load_describe(found.gl_pathv[0], text);
    assert_string_equal(text, "malloc 10007 a");
    load_describe(found.gl_pathv[1], text);
    assert_string_equal(text, "malloc 10007 a, free a");
    globfree(&found);
}

static void recorder_killed_program_leaves_all_it_did(void **state) {
    (void)state;
    int status = scenario_run("kill");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_only_load("malloc 10007 a");
}

static void recorder_long_run_is_whole(void **state) {
    (void)state;
    assert_int_equal(scenario_run("many calls"), 0);
    load read = only_load_read();
    assert_int_equal(operations_count(&read, LOAD_MALLOC, 10007), 300000);
    assert_int_equal(blocks_left(&read, 10007), 0);
    load_release(&read);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, directory_make, directory_remove)

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(recorder_every_call_is_recorded),
        IN_DIRECTORY(recorder_failing_calls_leave_no_trace),
        IN_DIRECTORY(recorder_unseen_block_begins_with_its_realloc),
        IN_DIRECTORY(recorder_threads_give_one_consistent_order),
        IN_DIRECTORY(recorder_fork_child_leaves_the_file_alone),
        IN_DIRECTORY(recorder_fork_among_threads_goes_on),
        IN_DIRECTORY(recorder_exec_begins_another_file),
        IN_DIRECTORY(recorder_killed_program_leaves_all_it_did),
        IN_DIRECTORY(recorder_long_run_is_whole),
    };
    if (argc != 3) {
        fprintf(stderr, "usage: test_recorder RECORDER PROGRAM\n");
        return EXIT_FAILURE;
    }
    recorder = argv[1];
    program = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
