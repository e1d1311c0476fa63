/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ports/pthread where threads meet processes: fork while another thread is inside a call,
 * cancellation under the lock, calls before main, and the kind of mutex. What could hang runs with
 * an alarm.
 */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fmemory_pool.h"

enum { CALLERS = 4, FORKERS = 3, FORKS = 12, SECONDS_MAX = 60 };

static u8 buffer[60000];
static FMemp memp;
static bool worked_before_main;
static atomic_bool callers_end;
static atomic_int wrong_children;

/* With the lock held, as a hook, or without it, as a print: a place where a thread is cancelled if
 * it may be. */
int quiet_print(const char *format, ...) {
    (void)format;
    (void)sched_yield();
    pthread_testcancel();
    return 0;
}

static bool request_works(void) {
    void *block = FMempMalloc(&memp, 100);

    FMempFree(&memp, block);
    return block != NULL;
}

__attribute__((constructor)) static void call_before_main(void) {
    worked_before_main =
        FMempInit(&memp, buffer, buffer + sizeof buffer) == FMEMP_SUCCESS && request_works();
}

static int memp_setup(void **state) {
    (void)state;
    (void)alarm(SECONDS_MAX);
    FMempRemove(&memp);
    return FMempInit(&memp, buffer, buffer + sizeof buffer) == FMEMP_SUCCESS ? 0 : -1;
}

static int memp_teardown(void **state) {
    (void)state;
    (void)alarm(0);
    return 0;
}

/* Verifies F41. */
static void calls_before_main_work(void **state) {
    (void)state;
    assert_true(worked_before_main);
}

/* ---- fork --------------------------------------------------------------------------- */

static void *call_until_end(void *argument) {
    (void)argument;
    for (unsigned i = 0; !atomic_load(&callers_end); i++) {
        u8 *block = FMempCalloc(&memp, 1, 10 + i % 500);

        block = FMempRealloc(&memp, block, 10 + i * 7 % 900);
        FMempFree(&memp, block);
        if (i % 16 == 0) {
            FMemListAll(&memp);
        }
    }
    return NULL;
}

/* The child, which has one thread, finds a sound heap and a free lock. */
static _Noreturn void child_run(void) {
    bool works = true;

    (void)alarm(SECONDS_MAX / 4);
    for (unsigned i = 0; i < 20; i++) {
        works = works && request_works();
    }
    _exit(works && tlsf_check(memp.tlsf_ptr) == TLSF_SOUND ? 0 : 1);
}

static bool child_ended_well(pid_t child) {
    int status = -1;

    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void *fork_often(void *argument) {
    (void)argument;
    for (unsigned i = 0; i < FORKS; i++) {
        const pid_t child = fork();

        if (child == 0) {
            child_run();
        }
        atomic_fetch_add(&wrong_children, !child_ended_well(child));
    }
    return NULL;
}

/* Verifies P7. */
static void children_of_forks_during_calls_can_call(void **state) {
    (void)state;
    pthread_t callers[CALLERS];
    pthread_t forkers[FORKERS];

    for (unsigned i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_create(&callers[i], NULL, call_until_end, NULL), 0);
    }
    for (unsigned i = 0; i < FORKERS; i++) {
        assert_int_equal(pthread_create(&forkers[i], NULL, fork_often, NULL), 0);
    }
    for (unsigned i = 0; i < FORKERS; i++) {
        assert_int_equal(pthread_join(forkers[i], NULL), 0);
    }
    atomic_store(&callers_end, true);
    for (unsigned i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_join(callers[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&wrong_children), 0);
    assert_true(request_works());
}

/* ---- hooks under the lock ------------------------------------------------------------- */

static void misuse(void) {
    u8 *block = FMempMalloc(&memp, 100);

    FMempFree(&memp, block + 1);
}

static pid_t hooks_child;

static void fork_in_hook(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    hooks_child = fork();
}

/* Verifies F243, P7. */
static void hook_may_fork(void **state) {
    (void)state;

    if (TLSF_HARDENING == 0) {
        skip(); /* no fault reaches the hook */
    }
    (void)FMempSetFaultHook(&memp, fork_in_hook);
    misuse();
    if (hooks_child == 0) {
        child_run();
    }
    assert_true(child_ended_well(hooks_child));
    assert_true(request_works());
}

static void call_in_hook(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    (void)FMempMalloc(&memp, 10);
}

/* Verifies P7. */
static void call_within_a_call_stops(void **state) {
    (void)state;
    int status = 0;

    if (TLSF_HARDENING == 0) {
        skip(); /* no fault reaches the hook */
    }
    (void)FMempSetFaultHook(&memp, call_in_hook);
    const pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGILL, SIG_DFL); /* cmocka has handlers for what a trap raises */
        (void)signal(SIGTRAP, SIG_DFL);
        (void)signal(SIGFPE, SIG_DFL); /* on s390x */
        (void)alarm(SECONDS_MAX / 4);
        misuse();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_not_equal(WTERMSIG(status), SIGALRM); /* it has not waited for itself */
}

static atomic_bool is_in_hook, is_cancelled, hook_has_ended;

static void wait_to_be_cancelled(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    atomic_store(&is_in_hook, true);
    while (!atomic_load(&is_cancelled)) {
        (void)sched_yield();
    }
    pthread_testcancel();
    atomic_store(&hook_has_ended, true);
}

static void *misuse_run(void *argument) {
    (void)argument;
    misuse();
    pthread_testcancel();
    return NULL;
}

/* Verifies P7. */
static void cancellation_waits_for_the_end_of_the_call(void **state) {
    (void)state;
    pthread_t thread;
    void *result = NULL;

    if (TLSF_HARDENING == 0) {
        skip(); /* no fault reaches the hook */
    }
    (void)FMempSetFaultHook(&memp, wait_to_be_cancelled);
    assert_int_equal(pthread_create(&thread, NULL, misuse_run, NULL), 0);
    while (!atomic_load(&is_in_hook)) {
        (void)sched_yield();
    }
    assert_int_equal(pthread_cancel(thread), 0);
    atomic_store(&is_cancelled, true);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, PTHREAD_CANCELED); /* just behind the call */
    assert_true(atomic_load(&hook_has_ended));
    assert_true(request_works());
}

/* gcc 12's address sanitizer does not clear the marks of a stack that a cancelled thread leaves by
 * unwinding, and then reports its own access to that stack. */
#if defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
enum { CANCELLED_STACK_STAYS_MARKED = 1 };
#else
enum { CANCELLED_STACK_STAYS_MARKED = 0 };
#endif

static void *list_until_cancelled(void *argument) {
    while (argument == NULL) {
        FMemListAll(&memp);
        pthread_testcancel();
    }
    return NULL;
}

/* Verifies F154. */
static void thread_cancelled_in_a_listing_leaves_the_lock_free(void **state) {
    (void)state;

    if (CANCELLED_STACK_STAYS_MARKED) {
        skip();
    }
    for (unsigned i = 0; i < 20; i++) {
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, list_until_cancelled, NULL), 0);
        (void)usleep(200);
        assert_int_equal(pthread_cancel(thread), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_true(request_works());
    }
}

/* Verifies P7. */
static void caller_that_disabled_cancellation_keeps_it_disabled(void **state) {
    (void)state;
    int before = 0;

    assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before), 0);
    assert_int_equal(before, PTHREAD_CANCEL_ENABLE);
    assert_true(request_works());
    assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before), 0);
    assert_int_equal(before, PTHREAD_CANCEL_DISABLE);
}

/* ---- the mutex ---------------------------------------------------------------------- */

static int protocol = -1; /* of the mutex that was made last */

/* In place of the C library's: looks at the attributes, and passes them on. */
int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
    void *address = dlsym(RTLD_NEXT, "pthread_mutex_init");
    int (*next)(pthread_mutex_t *, const pthread_mutexattr_t *) = NULL;

    memcpy(&next, &address, sizeof next);
    if (attributes != NULL) {
        (void)pthread_mutexattr_getprotocol(attributes, &protocol);
    }
    return next(mutex, attributes);
}

/* Verifies P6. */
static void mutex_inherits_priority(void **state) {
    (void)state;
    assert_int_equal(protocol, FMEMP_PRIO_INHERIT ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_before_main_work),
        cmocka_unit_test(mutex_inherits_priority),
        cmocka_unit_test_setup_teardown(children_of_forks_during_calls_can_call, memp_setup,
                                        memp_teardown),
        cmocka_unit_test_setup_teardown(hook_may_fork, memp_setup, memp_teardown),
        cmocka_unit_test_setup_teardown(call_within_a_call_stops, memp_setup, memp_teardown),
        cmocka_unit_test_setup_teardown(cancellation_waits_for_the_end_of_the_call, memp_setup,
                                        memp_teardown),
        cmocka_unit_test_setup_teardown(thread_cancelled_in_a_listing_leaves_the_lock_free,
                                        memp_setup, memp_teardown),
        cmocka_unit_test_setup_teardown(caller_that_disabled_cancellation_keeps_it_disabled,
                                        memp_setup, memp_teardown),
    };

    return cmocka_run_group_tests_name("fmemp_pthread_port", tests, NULL, NULL);
}
