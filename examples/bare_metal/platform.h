/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the C files here need from the machine. semihosting.c implements it for emulators and
 * debuggers. On a board, write to a UART, and exit by a reset.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdint.h>

void platform_write(const char *text); /* ends with a zero byte */

_Noreturn void platform_exit(int status);

enum { EXIT_FAULT = 2, EXIT_EXCEPTION = 3 }; /* other statuses are main's */

/* start.s calls it for an exception. cause, address: as the architecture gives them. */
_Noreturn void exception_report(uintptr_t cause, uintptr_t address);

#endif
