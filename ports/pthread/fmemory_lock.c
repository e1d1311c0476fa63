/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lock port for POSIX threads: one mutex for all FMemps. So an FMemp needs no room for a mutex of
 * its own, and can be locked before it is initialised. Not for signal handlers.
 */
#include <pthread.h>

#include "fmemory_port.h"

#if FMEMP_LOCK != 1
#error "compile the library and its lock port with -DFMEMP_LOCK=1"
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

FMempLockState FMempLock(FMemp *memp) {
    (void)memp;
    /* It fails only for a destroyed mutex or a nested call. Neither happens. */
    (void)pthread_mutex_lock(&mutex);
    return 0;
}

void FMempUnlock(FMemp *memp, FMempLockState state) {
    (void)memp;
    (void)state;
    (void)pthread_mutex_unlock(&mutex);
}
