/* SPDX-License-Identifier: BSD-3-Clause */
/* The console of the SDK: keeps what was printed. */
#include "fprintk.h"

#include <stdarg.h>
#include <stdio.h>

static char text[8192];
static int length;

void f_printk(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    length += vsnprintf(text + length, sizeof text - (size_t)length, format, arguments);
    va_end(arguments);
}

const char *printed_text(void) { return text; }
