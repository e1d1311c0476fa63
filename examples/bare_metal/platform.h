/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the C files here need from the machine. semihosting.c does it for emulators and
 * debuggers; a board has a UART for the first, and a reset for the second.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdint.h>

void platform_write(const char *text); /* ends with a zero byte */

_Noreturn void platform_exit(int status);

enum { EXIT_FAULT = 2, EXIT_EXCEPTION = 3 }; /* statuses beside main's own */

/* start.s comes here with an exception. cause, address: as the architecture tells them. */
_Noreturn void exception_report(uintptr_t cause, uintptr_t address);

#endif
