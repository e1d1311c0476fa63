/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_write of the library: where printed text goes by default. The cases look at a descriptor in
 * the place of standard output.
 */
#include "support/suite.h"
#include "tlsf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_END, WRITE_END, ENDS };

/* Puts a pipe in the place of standard output, which is kept. Nothing waits for its other end. */
static int stdout_to_pipe(int ends[ENDS]) {
    const int kept = dup(STDOUT_FILENO);
    assert_true(kept >= 0);
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < ENDS; i++) {
        assert_int_equal(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
    }
    assert_int_equal(dup2(ends[WRITE_END], STDOUT_FILENO), STDOUT_FILENO);
    return kept;
}

static void stdout_restore(int kept) {
    assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(kept);
}

/* Reads what is in the pipe, up to `most` bytes. */
static size_t read_all(int from, char *text, size_t most) {
    size_t length = 0;
    ptrdiff_t got = 0;
    do {
        length += (size_t)got;
        got = read(from, text + length, most - length);
    } while (got > 0);
    return length;
}

static void write_gives_the_text_to_standard_output(void **state) {
    (void)state;
    int ends[ENDS];
    char text[32];
    const int kept = stdout_to_pipe(ends);
    tlsf_write("0x20000010 used 104\n", 20);
    tlsf_write("behind", 0);
    tlsf_write("next", 3);
    stdout_restore(kept);
    assert_int_equal(read_all(ends[READ_END], text, sizeof(text)), 23);
    assert_memory_equal(text, "0x20000010 used 104\nnex", 23);
    (void)close(ends[READ_END]);
    (void)close(ends[WRITE_END]);
}

/* A full pipe takes a part. The rest is lost, and the call returns. */
static void write_that_is_taken_in_part_goes_on_and_ends(void **state) {
    (void)state;
    enum { BYTES = 1 << 22, FIRST = 100 };
    int ends[ENDS];
    char *text = malloc(BYTES), *seen = malloc(BYTES);
    assert_true(text != NULL && seen != NULL);
    for (size_t i = 0; i < BYTES; i++) {
        text[i] = (char)(i * 7 + i / 1000);
    }
    const int kept = stdout_to_pipe(ends);
    tlsf_write(text, FIRST);
    tlsf_write(text + FIRST, BYTES - FIRST);
    stdout_restore(kept);
    const size_t length = read_all(ends[READ_END], seen, BYTES);
    assert_in_range(length, FIRST + 1, BYTES - 1);
    assert_memory_equal(seen, text, length);
    (void)close(ends[READ_END]);
    (void)close(ends[WRITE_END]);
    free(text);
    free(seen);
}

static void write_without_standard_output_is_lost(void **state) {
    (void)state;
    const int kept = dup(STDOUT_FILENO);
    assert_true(kept >= 0);
    (void)close(STDOUT_FILENO);
    tlsf_write("text", 4);
    stdout_restore(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_gives_the_text_to_standard_output),
        cmocka_unit_test(write_that_is_taken_in_part_goes_on_and_ends),
        cmocka_unit_test(write_without_standard_output_is_lost),
    };
    return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
