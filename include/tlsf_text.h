/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_text.h: makes lines of text in a fixed buffer, without a heap, a C library or a
 * division. [X1] The library prints with it; programs need not include it.
 *
 *     struct text text;
 *
 *     text_begin(&text, write);
 *     text_string(&text, "block ");
 *     text_pointer(&text, block);
 *     text_line(&text);                     calls write("block 0x20000010\n", 17)
 *
 * A line that fits the buffer reaches `write` as one piece, and a longer one as several. [X2]
 * Nothing is cut off. [X3] A zero follows each piece, for functions that want a C string. [X4]
 */
#ifndef TLSF_TEXT_H
#define TLSF_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_PIECE_MAX 127 /* characters of the longest piece [X5] */

struct text {
    void (*write)(const char *piece, size_t length);
    size_t length;
    char piece[TEXT_PIECE_MAX + 1];
};

/* Wide enough for sizes and line numbers. */
#if SIZE_MAX > 0xFFFFFFFFu
typedef size_t text_number;
#else
typedef unsigned long text_number;
#endif

/* Whether a hook's macro does something with its text. [X6] The argument is the call of the macro
 * with TEXT_ARGUMENT as its text. An expansion that is shorter than this name cannot contain it, so
 * nothing is to be printed: `if (TEXT_IS_USED(...))` then takes the making of the text out,
 * too. [X7] */
#define TEXT_ARGUMENT text_that_is_to_be_printed
#define TEXT_QUOTE(...) #__VA_ARGS__
#define TEXT_IS_USED(...) (sizeof TEXT_QUOTE(__VA_ARGS__) >= sizeof "text_that_is_to_be_printed")

/* Around the function that calls a hook. A hook that is defined as empty without parentheses leaves
 * an expression of no effect there, which is what was asked for. */
#ifdef __GNUC__
#define TEXT_HOOK_BEGIN \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wunused-value\"")
#define TEXT_HOOK_END _Pragma("GCC diagnostic pop")
#else
#define TEXT_HOOK_BEGIN
#define TEXT_HOOK_END
#endif

/* Each of the functions below is called in many places, and none is urgent: one copy is enough. */
#ifdef __GNUC__
#define TEXT_FUNCTION __attribute__((noinline, unused)) static
#else
#define TEXT_FUNCTION static inline
#endif

/* ---- pieces ------------------------------------------------------------------------- */

TEXT_FUNCTION void text_begin(struct text *text, void (*write)(const char *, size_t)) {
    text->write = write;
    text->length = 0;
}

/* Hands over what is in the buffer. [X8] */
TEXT_FUNCTION void text_flush(struct text *text) {
    if (text->length != 0) {
        text->piece[text->length] = '\0';
        text->write(text->piece, text->length);
        text->length = 0;
    }
}

TEXT_FUNCTION void text_character(struct text *text, char character) {
    if (text->length == TEXT_PIECE_MAX) {
        text_flush(text);
    }
    text->piece[text->length++] = character;
}

/* Ends the line, and hands it over. [X9] */
TEXT_FUNCTION void text_line(struct text *text) {
    text_character(text, '\n');
    text_flush(text);
}

TEXT_FUNCTION void text_string(struct text *text, const char *string) {
    while (*string != '\0') {
        text_character(text, *string++);
    }
}

/* ---- numbers ------------------------------------------------------------------------ */

/* Divides *number by ten and returns the rest. [X10] Long division, bit by bit: small processors
 * have no instruction for it, and their compilers would link a function. */
static inline unsigned text_digit(text_number *number) {
    text_number quotient = 0;
    unsigned rest = 0;
    unsigned bit;

    for (bit = sizeof(*number) * 8; bit-- > 0;) {
        rest = rest << 1 | ((*number >> bit & 1) != 0 ? 1U : 0U);
        quotient <<= 1;
        if (rest >= 10) {
            rest -= 10;
            quotient |= 1;
        }
    }
    *number = quotient;
    return rest;
}

/* Adds a number in decimal. [X11] */
TEXT_FUNCTION void text_decimal(struct text *text, text_number number) {
    char digits[sizeof(number) * 3]; /* 3 a byte: 256 has fewer digits than 1000 */
    unsigned count = 0;

    do {
        digits[count++] = "0123456789"[text_digit(&number)];
    } while (number != 0);
    while (count > 0) {
        text_character(text, digits[--count]);
    }
}

/* Adds a number in hexadecimal, with zeros before it up to `digits` digits. [X12] */
TEXT_FUNCTION void text_hexadecimal(struct text *text, text_number number, unsigned digits) {
    unsigned place;

    for (place = sizeof(number) * 2; place-- > 0;) {
        if (place < digits || number >> place * 4 != 0) {
            text_character(text, "0123456789abcdef"[number >> place * 4 & 15]);
        }
    }
}

#ifdef __cplusplus
#define TEXT_ADDRESS(pointer) reinterpret_cast<uintptr_t>(pointer)
#else
#define TEXT_ADDRESS(pointer) ((uintptr_t)(pointer))
#endif

/* Adds an address: 0x20000010. [X13] */
TEXT_FUNCTION void text_pointer(struct text *text, const void *pointer) {
    text_string(text, "0x");
    text_hexadecimal(text, TEXT_ADDRESS(pointer), 1);
}

/* Adds what a walker gets of a block. [X14] */
TEXT_FUNCTION void text_block(struct text *text, const void *ptr, size_t size, int used) {
    text_string(text, "  ");
    text_pointer(text, ptr);
    text_string(text, used ? " used " : " free ");
    text_decimal(text, size);
}

#endif
