/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_write of the library: where printed text goes by default. The suite's own write takes the
 * place of the system's.
 */
#include "support/suite.h"
#include "tlsf.h"

#include <string.h>
#include <unistd.h>

enum { TAKES_MAX = 40, CALLS_MAX = 8 };

static char taken[TAKES_MAX];
static size_t taken_length;
static size_t calls;
static ssize_t answers[CALLS_MAX]; /* how many characters each call takes at most */

ssize_t write(int descriptor, const void *text, size_t length) {
    assert_int_equal(descriptor, STDOUT_FILENO);
    assert_true(calls < CALLS_MAX);
    const ssize_t most = answers[calls++];
    if (most <= 0) {
        return most;
    }
    const size_t count = length < (size_t)most ? length : (size_t)most;
    assert_true(count <= TAKES_MAX - taken_length);
    memcpy(taken + taken_length, text, count);
    taken_length += count;
    return (ssize_t)count;
}

static const char text[] = "0x20000010 used 104\n";

/* Writes the text. Returns how much of it was taken, which is its beginning. */
static size_t written(const ssize_t *how, size_t length) {
    memcpy(answers, how, sizeof(answers));
    taken_length = calls = 0;
    tlsf_write(text, length);
    assert_memory_equal(taken, text, taken_length);
    return taken_length;
}

/* Verifies T214, C57, C58. */
static void write_gives_the_text_to_standard_output(void **state) {
    (void)state;
    const ssize_t all[CALLS_MAX] = {TAKES_MAX};
    for (size_t length = 1; length < sizeof(text); length++) {
        assert_int_equal(written(all, length), length);
        assert_int_equal(calls, 1);
    }
    assert_int_equal(written(all, 0), 0);
    assert_int_equal(calls, 0);
}

/* Verifies T214, C58. */
static void write_that_is_taken_in_part_goes_on(void **state) {
    (void)state;
    const ssize_t parts[CALLS_MAX] = {7, 1, 2, 9, TAKES_MAX};
    assert_int_equal(written(parts, 20), 20);
    assert_int_equal(calls, 5);
    assert_int_equal(written(parts, 19), 19);
    assert_int_equal(calls, 4);
}

/* The rest is lost, and the call returns. */
/* Verifies C58. */
static void write_that_fails_is_not_tried_again(void **state) {
    (void)state;
    const ssize_t fails[][CALLS_MAX] = {{5, 3, -1}, {5, 3, 0}};
    for (size_t i = 0; i < COUNT_OF(fails); i++) {
        assert_int_equal(written(fails[i], 20), 8);
        assert_int_equal(calls, 3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_gives_the_text_to_standard_output),
        cmocka_unit_test(write_that_is_taken_in_part_goes_on),
        cmocka_unit_test(write_that_fails_is_not_tried_again),
    };
    return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
