/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform by Arm semihosting: a trap instruction asks the emulator or the debugger for a
 * service. Without either, that instruction is an exception.
 */
#include "console.h"
#include "platform.h"

#define OPERATION_WRITE0 0x04U        /* parameter: the text */
#define OPERATION_EXIT_EXTENDED 0x20U /* parameter: reason and status */
#define REASON_APPLICATION_EXIT 0x20026U

/* In start.s. */
uintptr_t semihosting_call(uintptr_t operation, const void *parameter);

void platform_write(const char *text) { (void)semihosting_call(OPERATION_WRITE0, text); }

_Noreturn void platform_exit(int status) {
    const uintptr_t parameter[2] = {REASON_APPLICATION_EXIT, (uintptr_t)status};
    for (;;) {
        (void)semihosting_call(OPERATION_EXIT_EXTENDED, parameter);
    }
}

_Noreturn void exception_report(uintptr_t cause, uintptr_t address) {
    console_print("exception: cause %p, address %p\n", (void *)cause, (void *)address);
    platform_exit(EXIT_EXCEPTION);
}
