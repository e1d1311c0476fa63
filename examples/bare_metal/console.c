/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#include "console.h"

#include <stdarg.h>
#include <stddef.h>

/* Collects text, as each write is a trap. The last byte is for the zero at the end. */
static char line[128];
static size_t line_length;

static void line_flush(void) {
    line[line_length] = '\0';
    platform_write(line);
    line_length = 0;
}

static void char_print(char c) {
    if (line_length == sizeof line - 1) {
        line_flush();
    }
    line[line_length++] = c;
}

static void text_print(const char *text) {
    while (*text != '\0') {
        char_print(*text++);
    }
}

static void number_print(uintptr_t number, unsigned base) {
    char digits[20]; /* of 2^64 - 1 in base 10 */
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    while (count > 0) {
        char_print(digits[--count]);
    }
}

void console_print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    while (*format != '\0') {
        if (format[0] == '%' && format[1] == 's') {
            text_print(va_arg(arguments, const char *));
            format += 2;
        } else if (format[0] == '%' && format[1] == 'p') {
            text_print("0x");
            number_print((uintptr_t)va_arg(arguments, void *), 16);
            format += 2;
        } else if (format[0] == '%' && format[1] == 'l' && format[2] == 'u') {
            number_print(va_arg(arguments, unsigned long), 10);
            format += 3;
        } else {
            char_print(*format++);
        }
    }
    va_end(arguments);
    line_flush();
}
