/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_port.h: what FMemp needs from the platform: types, locks, printing, stopping. This is the
 * one place that gives each macro below its value. [P1] Set one on the command line. Options are
 * numbers, and always defined, but for FMEMP_TAG_DEBUG. [P2]
 */
#ifndef FMEMORY_PORT_H
#define FMEMORY_PORT_H

#include <stddef.h>
#include <stdint.h>
#if __STDC_HOSTED__
#include <stdio.h> /* the sources of the vendor's SDK expect it of this header */
#elif defined __has_include
#if __has_include(<stdio.h>)
#include <stdio.h>
#endif
#endif

#include "fmemory_names.h"

/* ---- types -------------------------------------------------------------------------- */

/* FMEMP_SDK: 1 takes ftypes.h, ferror_code.h and fslink_list.h from the vendor's SDK; 0 takes
 * ours. [P3] The default is 1 if and only if <ftypes.h> is on the include path. [P4] */
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
 * FMemp. [P5] 1: the two functions below come from a lock port, a folder of ports/, or a file of
 * your own. [P6] */
#ifndef FMEMP_LOCK
#define FMEMP_LOCK 0
#endif
#if FMEMP_LOCK != 0 && FMEMP_LOCK != 1
#error "FMEMP_LOCK must be 0 or 1"
#endif

#if FMEMP_LOCK
#define FMEMP_LOCK_NAME lock_1 /* for link names */
#else
#define FMEMP_LOCK_NAME lock_0
#endif

/* What a lock keeps until it is released, such as a saved interrupt mask. */
typedef uintptr_t FMempLockState;

/* FMempLock keeps out every other caller that uses `memp`, until FMempUnlock gets the state that
 * FMempLock returned. [P7] Each public function of FMemp calls the pair on every path, and never
 * nested. [P8] Most call it once. [P9] A realloc that moves its block calls it twice, with the copy
 * between. [P10] A request calls it once more after a failure hook. [P11] FMemListAll calls it many
 * times. [P12] At TLSF_HARDENING 0 to 2 the time with the lock is never linear in the bytes of a
 * block. [P13]
 * memp     as the public function got it: it may be NULL or not initialised. [P14] */
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

/* FMEMP_WRITE(text, length): prints `length` characters; text[length] is 0. [P15] It gets one line
 * at a time, or pieces of a line that is longer than 127 characters. [P16]
 *   FMemListAll   calls it without the lock. [P17] There it may allocate from the FMemp that is
 *                 listed. [P18]
 *   A fault       The default fault hook calls it with the lock held, and so does an init of
 *                 FMEMP_STATIC_INIT that fails. [P19] There it must not call FMemp, nor anything
 *                 that allocates from it: a lock that does not nest would never open. A fault that
 *                 it causes in spite of this stops the program at once. [P20]
 *   By default    it is TLSF_WRITE, which needs no heap and no printf. [P21] tlsf_config.h says
 *                 where the text goes, and that it goes nowhere in a freestanding build that
 *                 defines nothing.
 *   FMEMP_PRINT   If you set FMEMP_PRINT(format, ...), a function like printf, and not FMEMP_WRITE,
 *                 each piece is printed by FMEMP_PRINT("%s", text). [P22]
 *   Nothing       -D'FMEMP_WRITE(text, length)=' or -D'FMEMP_PRINT(...)=((void)0)' prints nothing,
 *                 and links no code that makes text. [P23]
 * FMEMP_PRINT is defined in any case: as printf where you did not set it. [P24] The library does
 * not use it then. [P25]
 * FMEMP_FLUSH(): makes visible what was printed, before the program stops. [P26] By default
 * nothing. [P27] */
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

/* FMEMP_DIAGNOSIS: 1, the default: the default fault hook prints what most likely caused the fault,
 * who asked for the block, and the bytes found (tlsf_diagnose). [P28] 0: it prints the fault
 * alone. [P29] A Cortex-M4 image is some 5 KB smaller with 0. [P30] A hook of your own can call
 * tlsf_diagnose in both cases. [P31] */
#ifndef FMEMP_DIAGNOSIS
#define FMEMP_DIAGNOSIS 1
#endif
#if FMEMP_DIAGNOSIS != 0 && FMEMP_DIAGNOSIS != 1
#error "FMEMP_DIAGNOSIS must be 0 or 1"
#endif

/* FMEMP_STOP(): does not return. The default fault hook calls it after it has printed. [P32] */
#ifndef FMEMP_STOP
#define FMEMP_STOP() TLSF_STOP()
#endif

/* FMEMP_TAG_DEBUG: 1, or defined with no value: the library records where each live block was
 * allocated, and FMEMP_MALLOC and so on pass the place. [P33] 0, or not defined, the default: it
 * does not. [P34] Costs some 24 bytes a block (fmemory_pool.h). [P35]
 * Sources of the vendor's SDK ask with #ifdef. So from here on FMEMP_TAG_DEBUG is defined, as 1, if
 * and only if tags are on. [P36] FMEMP_TAGS says the same as a number that is always
 * defined. [P37] */
#ifndef FMEMP_TAG_DEBUG
#define FMEMP_TAG_DEBUG 0
#endif
#if - FMEMP_TAG_DEBUG - 1 == 1 /* no value: - - 1 */
#undef FMEMP_TAG_DEBUG
#define FMEMP_TAG_DEBUG 1
#define FMEMP_TAGS 1
#elif FMEMP_TAG_DEBUG == 1
#define FMEMP_TAGS 1
#elif FMEMP_TAG_DEBUG == 0
#undef FMEMP_TAG_DEBUG
#define FMEMP_TAGS 0
#else
#error "FMEMP_TAG_DEBUG must be 0 or 1"
#endif

#if FMEMP_TAGS
#define FMEMP_TAGS_NAME tags_1 /* for link names */
#else
#define FMEMP_TAGS_NAME tags_0
#endif

/* ---- habits of the vendor's SDK ------------------------------------------------------- */

/* FMEMP_MALLOC_ALIGN_ZEROES: 1 makes FMempMallocAlign zero the block, as the SDK for bare metal
 * does. [P38] Costs one memset of the block a call, without the lock. [P39] 0, the default: the
 * content is undefined. [P40] */
#ifndef FMEMP_MALLOC_ALIGN_ZEROES
#define FMEMP_MALLOC_ALIGN_ZEROES 0
#endif
#if FMEMP_MALLOC_ALIGN_ZEROES == 1
#define FMEMP_ZEROES_NAME _align_zeroes /* for link names */
#elif FMEMP_MALLOC_ALIGN_ZEROES == 0
#define FMEMP_ZEROES_NAME
#else
#error "FMEMP_MALLOC_ALIGN_ZEROES must be 0 or 1"
#endif

/* FMEMP_CALL_SITES: 0, the default, or 1: the library records the call site of each live block, the
 * address that the call returns to, at 4 bytes a block. [P41] It needs no macros in the callers'
 * sources, so it names the owners of blocks that came through malloc, new or pvPortMalloc,
 * too. [P42] On 64-bit machines the 4 bytes hold the low 32 bits (fmemory_pool.h). [P43] */
#ifndef FMEMP_CALL_SITES
#define FMEMP_CALL_SITES 0
#endif
#if FMEMP_CALL_SITES != 0 && FMEMP_CALL_SITES != 1
#error "FMEMP_CALL_SITES must be 0 or 1"
#endif
#if FMEMP_CALL_SITES
#define FMEMP_CALL_SITES_NAME _call_sites /* for link names */
#else
#define FMEMP_CALL_SITES_NAME
#endif

/* FMEMP_CALLER(): the address that the function which contains it returns to, a pointer to void;
 * NULL where the compiler does not know GNU C, and with FMEMP_CALL_SITES 0. [P44] */
#ifndef FMEMP_CALLER
#if FMEMP_CALL_SITES && defined(__GNUC__)
#define FMEMP_CALLER() __builtin_return_address(0)
#else
#define FMEMP_CALLER() ((const void *)NULL)
#endif
#endif

#ifdef __cplusplus
}
#endif

#endif
