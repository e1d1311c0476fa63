/* SPDX-License-Identifier: BSD-3-Clause */
#include "lock.h"

#include <pthread.h>
#include <stdatomic.h>

#include "journal.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic pthread_t owner; /* 0: nobody. The same in the child of a fork, unlike thread ids */
static unsigned depth;          /* calls that hold the lock, a fork included */
static bool is_forking;
static void (*handle_child)(void);

bool lock_is_held(void) {
    return atomic_load_explicit(&owner, memory_order_relaxed) == pthread_self();
}

void lock_take(void) {
    if (!lock_is_held()) {
        (void)pthread_mutex_lock(&mutex);
        atomic_store_explicit(&owner, pthread_self(), memory_order_relaxed);
    } else if (depth > (unsigned)is_forking) {
        journal_stop("a call from a signal handler inside another call");
    }
    depth++;
}

void lock_release(void) {
    if (--depth == 0) {
        atomic_store_explicit(&owner, 0, memory_order_relaxed);
        (void)pthread_mutex_unlock(&mutex);
    }
}

/* From here to the end of the fork, handlers of other libraries may allocate in this thread. */
static void fork_prepare(void) {
    lock_take();
    is_forking = true;
}

static void fork_in_parent(void) {
    is_forking = false;
    lock_release();
}

static void fork_in_child(void) {
    handle_child();
    fork_in_parent();
}

void lock_survives_fork(void (*in_child)(void)) {
    handle_child = in_child;
    if (pthread_atfork(fork_prepare, fork_in_parent, fork_in_child) != 0) {
        journal_stop("no handlers of forks");
    }
}
