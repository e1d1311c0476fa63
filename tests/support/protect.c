/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* sigaltstack */

#include "protect.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/time.h>

enum { TICKS_UNTIL_HUNG = 4, TICK_MICROSECONDS = 125000, STACK_BYTES = 65536 };

static sigjmp_buf before;
static volatile sig_atomic_t is_running, ticks;

static void on_crash(int number) {
    if (!is_running) { /* a signal in the program itself, outside of a protected call */
        (void)signal(number, SIG_DFL);
        (void)raise(number);
        return;
    }
    siglongjmp(before, CRASHED);
}

/* The timer counts processor time, not time of day. */
static void on_tick(int number) {
    (void)number;
    if (is_running && ++ticks == TICKS_UNTIL_HUNG) {
        siglongjmp(before, HUNG);
    }
}

static void handle(int number, void (*handler)(int)) {
    /* The handler does not return, so the signal must not stay blocked. */
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NODEFER | SA_ONSTACK};
    if (sigaction(number, &action, NULL) != 0) {
        abort();
    }
}

void protect_begin(void) {
    static unsigned char stack[STACK_BYTES];
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};
    const struct itimerval tick = {{0, TICK_MICROSECONDS}, {0, TICK_MICROSECONDS}};
    const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
        handle(crashes[i], on_crash);
    }
    handle(SIGVTALRM, on_tick);
    if (sigaltstack(&other, NULL) != 0 || setitimer(ITIMER_VIRTUAL, &tick, NULL) != 0) {
        abort();
    }
}

ending protect_run(void (*function)(void *argument), void *argument) {
    const int how = sigsetjmp(before, 0);
    if (how == 0) {
        ticks = 0;
        is_running = 1;
        function(argument);
    }
    is_running = 0;
    return (ending)how;
}
