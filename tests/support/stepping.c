/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* REG_EFL */

#include "stepping.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#define HAS_SANITIZER __has_feature(address_sanitizer)
#else
#define HAS_SANITIZER 0
#endif

#if defined(__linux__) && defined(__x86_64__) && !HAS_SANITIZER
#include <signal.h>
#include <stdatomic.h>
#include <ucontext.h>
#include <x86intrin.h>

#define TRAP_FLAG 0x100U /* raises SIGTRAP after each instruction */

static volatile size_t counted;
static volatile int runs;

static void count(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    if (runs) {
        counted++;
    } else {
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    }
}

size_t instructions_of(void (*call)(void *argument), void *argument) {
    struct sigaction before, counts = {.sa_sigaction = count, .sa_flags = SA_SIGINFO};
    if (sigaction(SIGTRAP, &counts, &before) != 0) {
        return 0;
    }
    counted = 0;
    runs = 1;
    atomic_signal_fence(memory_order_seq_cst);
    __writeeflags(__readeflags() | TRAP_FLAG);
    call(argument);
    runs = 0; /* the next step ends the counting */
    atomic_signal_fence(memory_order_seq_cst);
    __writeeflags(__readeflags() & ~(unsigned long long)TRAP_FLAG);
    (void)sigaction(SIGTRAP, &before, NULL);
    return counted;
}
#else
size_t instructions_of(void (*call)(void *argument), void *argument) {
    (void)call;
    (void)argument;
    return 0;
}
#endif
