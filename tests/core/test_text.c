/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_text.h: strings, numbers, and the pieces that reach the hook; when a hook counts as used.
 */
#include "support/suite.h"
#include "tlsf_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WRITTEN_MAX = 2000 };

static char written[WRITTEN_MAX];
static size_t written_length;
static size_t pieces;
static size_t longest;

static void remember(const char *piece, size_t length) {
    assert_true(length > 0 && written_length + length < WRITTEN_MAX);
    assert_int_equal(strlen(piece), length);
    memcpy(written + written_length, piece, length + 1);
    written_length += length;
    pieces++;
    longest = length > longest ? length : longest;
}

static struct text text_new(void) {
    struct text text;
    memset(&text, 0xA5, sizeof(text));
    written_length = pieces = longest = 0;
    written[0] = '\0';
    text_begin(&text, remember);
    return text;
}

/* Verifies X1, X2, X4, X8, X9. */
static void text_line_is_one_piece_with_a_newline(void **state) {
    (void)state;
    struct text text = text_new();
    text_string(&text, "");
    text_flush(&text);
    assert_int_equal(pieces, 0);
    text_string(&text, "one ");
    text_character(&text, '%');
    text_string(&text, "s");
    assert_int_equal(pieces, 0);
    text_line(&text);
    assert_string_equal(written, "one %s\n");
    text_line(&text);
    assert_string_equal(written, "one %s\n\n");
    assert_int_equal(pieces, 2);
}

/* Lengths around the buffer's, and far beyond. */
/* Verifies X2, X3, X4, X5. */
static void text_longer_than_the_buffer_is_written_whole(void **state) {
    (void)state;
    for (size_t length = TEXT_PIECE_MAX - 2; length < 5 * TEXT_PIECE_MAX; length++) {
        char expected[WRITTEN_MAX];
        struct text text = text_new();
        for (size_t i = 0; i < length; i++) {
            expected[i] = (char)('a' + i % 26);
        }
        memcpy(expected + length, "\n", 2);
        for (size_t i = 0; i < length; i++) {
            text_character(&text, expected[i]);
        }
        text_line(&text);
        assert_string_equal(written, expected);
        assert_true(longest <= TEXT_PIECE_MAX);
        assert_int_equal(pieces, (length + TEXT_PIECE_MAX) / TEXT_PIECE_MAX);
    }
}

/* Every number of one bit, those next to it, and those next to the powers of ten. */
static void check_number(text_number number) {
    char expected[64];
    struct text text = text_new();
    text_decimal(&text, number);
    text_character(&text, ' ');
    text_hexadecimal(&text, number, 1);
    text_character(&text, ' ');
    text_hexadecimal(&text, number, 6);
    text_flush(&text);
    (void)snprintf(expected, sizeof(expected), "%ju %jx %06jx", (uintmax_t)number,
                   (uintmax_t)number, (uintmax_t)number);
    assert_string_equal(written, expected);
}

/* Verifies X10, X11, X12. */
static void text_numbers_are_those_of_printf(void **state) {
    (void)state;
    for (text_number bit = 1; bit != 0; bit <<= 1) {
        check_number(bit - 1);
        check_number(bit);
        check_number(bit + 1);
    }
    for (text_number ten = 1, steps = 0; steps < 9; ten *= 10, steps++) {
        check_number(ten - 1);
        check_number(ten * 9 + 8);
    }
    check_number(~(text_number)0);
}

/* Verifies X13. */
static void text_pointer_has_no_zeros_in_front(void **state) {
    (void)state;
    struct text text = text_new();
    text_pointer(&text, NULL);
    text_character(&text, ' ');
    text_pointer(&text, (const void *)(uintptr_t)0x20ab);
    text_flush(&text);
    assert_string_equal(written, "0x0 0x20ab");
}

#define NOTHING(text, length)
#define VOID(text, length) ((void)0)
#define LOOP(text, length) \
    do { \
    } while (0)
#define SHORTEST(text, length) f(text)
#define BY_NAME f

/* Verifies X6, X7. */
static void text_hook_that_expands_to_nothing_is_unused(void **state) {
    (void)state;
    assert_false(TEXT_IS_USED(NOTHING(TEXT_ARGUMENT, 0)));
    assert_false(TEXT_IS_USED(VOID(TEXT_ARGUMENT, 0)));
    assert_false(TEXT_IS_USED(LOOP(TEXT_ARGUMENT, 0)));
    assert_true(TEXT_IS_USED(SHORTEST(TEXT_ARGUMENT, 0)));
    assert_true(TEXT_IS_USED(BY_NAME(TEXT_ARGUMENT, 0)));
    assert_true(TEXT_IS_USED(TEXT_ARGUMENT));
}

/* Verifies X14. */
static void text_block_has_address_state_and_size(void **state) {
    (void)state;
    struct text text = text_new();
    text_block(&text, (const void *)(uintptr_t)0x20000010, 104, 1);
    text_line(&text);
    assert_string_equal(written, "  0x20000010 used 104\n");
    text = text_new();
    text_block(&text, (const void *)(uintptr_t)0x20000010, 0, 0);
    text_line(&text);
    assert_string_equal(written, "  0x20000010 free 0\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_line_is_one_piece_with_a_newline),
        cmocka_unit_test(text_longer_than_the_buffer_is_written_whole),
        cmocka_unit_test(text_numbers_are_those_of_printf),
        cmocka_unit_test(text_pointer_has_no_zeros_in_front),
        cmocka_unit_test(text_hook_that_expands_to_nothing_is_unused),
        cmocka_unit_test(text_block_has_address_state_and_size),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
