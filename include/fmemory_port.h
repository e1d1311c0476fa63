/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_port.h: what FMemp needs from the platform: types, locks, printing, stopping. This is the
 * one place that gives each macro below its value. Set one on the command line. Options are
 * numbers, and always defined.
 */
#ifndef FMEMORY_PORT_H
#define FMEMORY_PORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fmemory_names.h"

/* ---- types -------------------------------------------------------------------------- */

/* FMEMP_SDK: 1 takes ftypes.h, ferror_code.h and fslink_list.h from the vendor's SDK; 0 takes
 * ours. The default is 1 if and only if <ftypes.h> is on the include path. */
#ifndef FMEMP_SDK
#ifdef __has_include
#if __has_include(<ftypes.h>)
#define FMEMP_SDK 1
#endif
#endif
#endif
#ifndef FMEMP_SDK
#define FMEMP_SDK 0
#endif

#if FMEMP_SDK
#include <ferror_code.h>
#include <fslink_list.h>
#include <ftypes.h>
#else
#include "standalone/ferror_code.h"
#include "standalone/fslink_list.h"
#include "standalone/ftypes.h"
#endif

#ifndef FT_COMPONENT_IS_READY
#define FT_COMPONENT_IS_READY 0x11111111U
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct FMemp FMemp; /* fmemory_pool.h */

/* ---- locks -------------------------------------------------------------------------- */

/* FMEMP_LOCK: 0, the default: nothing is locked, and only one task or interrupt at a time uses an
 * FMemp. 1: the two functions below come from a lock port, a folder of ports/, or a file of your
 * own. */
#ifndef FMEMP_LOCK
#define FMEMP_LOCK 0
#endif
#if FMEMP_LOCK != 0 && FMEMP_LOCK != 1
#error "FMEMP_LOCK must be 0 or 1"
#endif

/* What a lock keeps until it is released, such as a saved interrupt mask. */
typedef uintptr_t FMempLockState;

/* FMempLock keeps out every other caller that uses `memp`, until FMempUnlock gets the state that
 * FMempLock returned. Each public function of FMemp calls the pair exactly once, on every path, and
 * never nested. FMemListAll calls it several times.
 * memp     as the public function got it: it may be NULL or not initialised. */
#if FMEMP_LOCK
FMempLockState FMempLock(FMemp *memp);
void FMempUnlock(FMemp *memp, FMempLockState state);
#else
static inline FMempLockState FMempLock(FMemp *memp) {
    (void)memp;
    return 0;
}
static inline void FMempUnlock(FMemp *memp, FMempLockState state) {
    (void)memp;
    (void)state;
}
#endif

/* ---- diagnosis ---------------------------------------------------------------------- */

/* FMEMP_WRITE(text, length): prints `length` characters; text[length] is 0. It gets one line at a
 * time, or pieces of a line that is longer than 127 characters.
 *   FMemListAll   calls it without the lock. There it may allocate from the FMemp that is listed.
 *   A fault       The default fault hook calls it with the lock held. There it must not call FMemp,
 *                 nor anything that allocates from it: a lock that does not nest would never open.
 *                 A fault that it causes in spite of this stops the program at once.
 *   By default    it is TLSF_WRITE, which needs no heap and no printf. tlsf_config.h says where the
 *                 text goes, and that it goes nowhere in a freestanding build that defines nothing.
 *   FMEMP_PRINT   If you set FMEMP_PRINT(format, ...), a function like printf, and not FMEMP_WRITE,
 *                 each piece is printed by FMEMP_PRINT("%s", text).
 *   Nothing       -D'FMEMP_WRITE(text, length)=' or -D'FMEMP_PRINT(...)=((void)0)' prints nothing,
 *                 and links no code that makes text.
 * FMEMP_PRINT is defined in any case: as printf where you did not set it. The library does not use
 * it then.
 * FMEMP_FLUSH(): makes visible what was printed, before the program stops. By default nothing. */
#ifndef FMEMP_WRITE
#ifdef FMEMP_PRINT
#define FMEMP_WRITE(text, length) FMEMP_PRINT("%s", text)
#else
#define FMEMP_WRITE(text, length) TLSF_WRITE(text, length)
#endif
#endif
#ifndef FMEMP_PRINT
#define FMEMP_PRINT(...) printf(__VA_ARGS__)
#endif
#ifndef FMEMP_FLUSH
#define FMEMP_FLUSH() ((void)0)
#endif

/* FMEMP_STOP(): does not return. The default fault hook calls it after it has printed. */
#ifndef FMEMP_STOP
#define FMEMP_STOP() TLSF_STOP()
#endif

/* FMEMP_TAG_DEBUG: 0, the default, or 1: the library records where each live block was allocated,
 * and FMEMP_MALLOC and so on pass the place. Costs some 24 bytes a block (fmemory_pool.h). */
#ifndef FMEMP_TAG_DEBUG
#define FMEMP_TAG_DEBUG 0
#endif
#if FMEMP_TAG_DEBUG != 0 && FMEMP_TAG_DEBUG != 1
#error "FMEMP_TAG_DEBUG must be 0 or 1"
#endif

#ifdef __cplusplus
}
#endif

#endif
