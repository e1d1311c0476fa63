/* SPDX-License-Identifier: BSD-3-Clause */
#include "locks.h"

#include <malloc.h>
#include <sys/lock.h>

static int depth, taken;

bool was_locked(void) {
    const bool was = taken > 0 && depth == 0;

    taken = 0;
    return was;
}

static void take(void) {
    depth++;
    taken++;
}

static void release(void) { depth--; }

#ifdef __PICOLIBC__ /* define all of these, or none */

struct __lock {
    char unused;
};

struct __lock __lock___libc_recursive_mutex;

void __retarget_lock_init(_LOCK_T *lock) { (void)lock; }

void __retarget_lock_init_recursive(_LOCK_T *lock) { (void)lock; }

void __retarget_lock_close(_LOCK_T lock) { (void)lock; }

void __retarget_lock_close_recursive(_LOCK_T lock) { (void)lock; }

void __retarget_lock_acquire(_LOCK_T lock) { (void)lock; }

void __retarget_lock_acquire_recursive(_LOCK_T lock) {
    (void)lock;
    take();
}

int __retarget_lock_try_acquire(_LOCK_T lock) {
    (void)lock;
    return 1;
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock) {
    (void)lock;
    take();
    return 1;
}

void __retarget_lock_release(_LOCK_T lock) { (void)lock; }

void __retarget_lock_release_recursive(_LOCK_T lock) {
    (void)lock;
    release();
}

#else

void __malloc_lock(struct _reent *r) {
    (void)r;
    take();
}

void __malloc_unlock(struct _reent *r) {
    (void)r;
    release();
}

#endif
