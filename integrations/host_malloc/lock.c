/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#include "lock.h"

#include <pthread.h>
#include <stdatomic.h>

#include "journal.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic pthread_t owner; /* 0: nobody. A fork does not change it, unlike a thread id */
static void (*handle_child)(void);

bool lock_is_held(void) {
    return atomic_load_explicit(&owner, memory_order_relaxed) == pthread_self();
}

void lock_take(void) {
    if (lock_is_held()) {
        journal_stop("a signal handler makes a call inside another call");
    }
    (void)pthread_mutex_lock(&mutex);
    atomic_store_explicit(&owner, pthread_self(), memory_order_relaxed);
}

void lock_release(void) {
    atomic_store_explicit(&owner, 0, memory_order_relaxed);
    (void)pthread_mutex_unlock(&mutex);
}

static void fork_in_child(void) {
    handle_child();
    lock_release();
}

void lock_survives_fork(void (*in_child)(void)) {
    handle_child = in_child;
    if (pthread_atfork(lock_take, lock_release, fork_in_child) != 0) {
        journal_stop("the fork handlers cannot be installed");
    }
}
