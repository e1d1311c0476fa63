/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A formatted print without a C library. Given to the compiler with -include, so that FMemp
 * prints with it (fmemory_port.h), and stops the way the platform does.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "platform.h"

/* Prints like printf, with %s, %p and %lu as the only conversions: what FMemp uses. Any other
 * is printed as it stands, without an argument. */
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define FMEMP_PRINT(...) console_print(__VA_ARGS__)
#define FMEMP_STOP() platform_exit(EXIT_FAULT)

#endif
