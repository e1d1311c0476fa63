/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lock port for POSIX threads: one mutex for all FMemps. So an FMemp needs no room for a mutex of
 * its own, and can be locked before it is initialised. Not for signal handlers.
 *
 * Priority      The mutex inherits priority where the system has it: a thread that holds it runs
 *               at least as urgently as whoever waits.
 * Cancellation  waits until the lock is released: a hook that runs under the lock may be cancelled
 *               nowhere.
 * fork          waits until no thread is inside a call, so the child finds every FMemp sound and
 *               the lock free. A hook that runs under the lock may fork.
 * A nested call stops the program, instead of waiting for itself. A hook under the lock must not
 * call FMemp.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "fmemory_port.h"

#if FMEMP_LOCK != 1
#error "compile the library and its lock port with -DFMEMP_LOCK=1"
#endif

/* FMEMP_PRIO_INHERIT: 1, the default where the system has it; or 0: the mutex does not inherit
 * priority. qemu-user of a processor with another byte order needs 0: its threads wait for ever. */
#ifndef FMEMP_PRIO_INHERIT
#if defined _POSIX_THREAD_PRIO_INHERIT && _POSIX_THREAD_PRIO_INHERIT > 0
#define FMEMP_PRIO_INHERIT 1
#else
#define FMEMP_PRIO_INHERIT 0
#endif
#endif

static pthread_mutex_t mutex;

/* ---- the mutex ---------------------------------------------------------------------- */

/* Makes a mutex that knows its owner: a second lock by the same thread is an error. */
static void mutex_make(void) {
    pthread_mutexattr_t attributes;

    (void)pthread_mutexattr_init(&attributes);
    (void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
#if FMEMP_PRIO_INHERIT
    (void)pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    if (pthread_mutex_init(&mutex, &attributes) != 0) { /* the kernel does not have it */
        (void)pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_NONE);
        (void)pthread_mutex_init(&mutex, &attributes);
    }
#else
    (void)pthread_mutex_init(&mutex, &attributes);
#endif
    (void)pthread_mutexattr_destroy(&attributes);
}

static pthread_once_t mutex_once = PTHREAD_ONCE_INIT;
static atomic_bool mutex_is_made; /* spares most calls the call of pthread_once */

static void mutex_make_once(void) {
    mutex_make();
    atomic_store_explicit(&mutex_is_made, true, memory_order_release);
}

/* Threads and constructors may call before main, so the first call makes the mutex. Returns 0, or
 * EDEADLK when the caller holds it. */
static int mutex_lock(void) {
    if (!atomic_load_explicit(&mutex_is_made, memory_order_acquire)) {
        (void)pthread_once(&mutex_once, mutex_make_once);
    }
    return pthread_mutex_lock(&mutex);
}

/* ---- fork --------------------------------------------------------------------------- */

/* fork by a hook: its thread holds the mutex already, and goes on to hold it. */
static bool fork_is_in_call;

static void fork_begin(void) { fork_is_in_call = mutex_lock() == EDEADLK; }

static void fork_end_in_parent(void) {
    if (!fork_is_in_call) {
        (void)pthread_mutex_unlock(&mutex);
    }
}

/* The child's thread has another number than the owner that the mutex knows. */
static void fork_end_in_child(void) {
    mutex_make();
    if (fork_is_in_call) {
        (void)mutex_lock();
    }
}

/* Not on the first call: pthread_atfork may allocate, and malloc may be an FMemp. A constructor
 * comes before the handlers that a program registers, so in fork_begin, which runs after theirs,
 * they have had their last call. */
__attribute__((constructor)) static void fork_observe(void) {
    (void)pthread_atfork(fork_begin, fork_end_in_parent, fork_end_in_child);
}

/* ---- the lock ----------------------------------------------------------------------- */

FMempLockState FMempLock(FMemp *memp) {
    int cancel_state = 0;

    (void)memp;
#ifdef PTHREAD_CANCEL_DISABLE
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
#endif
    if (mutex_lock() != 0) {
        FMEMP_STOP(); /* a call within a call */
    }
    return (FMempLockState)cancel_state;
}

void FMempUnlock(FMemp *memp, FMempLockState state) {
    (void)memp;
    (void)pthread_mutex_unlock(&mutex);
#ifdef PTHREAD_CANCEL_DISABLE
    (void)pthread_setcancelstate((int)state, NULL);
#else
    (void)state;
#endif
}
