/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A formatted print without a C library. Pass this file to the compiler with -include: FMemp then
 * prints with it (fmemory_port.h), and stops by platform_exit.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "platform.h"

/* Prints like printf, with the conversions that FMemp uses: %s, %p and %lu. It prints any other one
 * as it stands, and takes no argument for it. */
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define FMEMP_PRINT(...) console_print(__VA_ARGS__)
#define FMEMP_STOP() platform_exit(EXIT_FAULT)

#endif
