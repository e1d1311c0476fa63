/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_selftest.h: tests the allocator where it runs, as firmware does at start-up.
 *
 *     static unsigned char scratch[TLSF_SELFTEST_BYTES];
 *
 *     if (tlsf_selftest(scratch, sizeof scratch) != TLSF_SELFTEST_PASSED) {
 *         ...
 *     }
 *
 * The memory is free again afterwards: a region that becomes a heap later can be the scratch.
 *
 * What tlsf.h says holds here, too: units, threads.
 * A program that does not call the self-test does not link it, if it takes the library from an
 * archive or drops unused sections. [S1]
 */
#ifndef TLSF_SELFTEST_H
#define TLSF_SELFTEST_H

#include "tlsf.h"

#define tlsf_selftest TLSF_NAME(tlsf_selftest)
#define tlsf_selftest_requirement TLSF_NAME(tlsf_selftest_requirement)

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of scratch memory, at any address. */
#define TLSF_SELFTEST_BYTES (2048 + 160 * TLSF_GRANULE)

/* What the self-test looks at, in this order. */
typedef enum {
    TLSF_SELFTEST_PASSED = 0,
    TLSF_SELFTEST_REGION = 1,      /* mem is NULL, or bytes are too few: nothing was tested [S2] */
    TLSF_SELFTEST_BITS = 2,        /* the searches of arch/ find the lowest and the highest
                                      bit [S3] */
    TLSF_SELFTEST_CREATE = 3,      /* a region becomes a heap; one that is too small does
                                      not [S4] */
    TLSF_SELFTEST_ALIGNMENT = 4,   /* a block has the alignment of the granule, or that asked
                                      for [S5] */
    TLSF_SELFTEST_SIZE = 5,        /* a block lies in the region, and has the bytes asked
                                      for [S6] */
    TLSF_SELFTEST_SERVICE = 6,     /* a request of at most tlsf_largest() bytes is served [S7] */
    TLSF_SELFTEST_SPLIT = 7,       /* what a block does not need can be allocated [S8] */
    TLSF_SELFTEST_COALESCING = 8,  /* freed memory coalesces: the heap is whole again [S9] */
    TLSF_SELFTEST_CONTENT = 9,     /* no block overlaps another; realloc keeps, calloc
                                      clears [S10] */
    TLSF_SELFTEST_REFUSAL = 10,    /* what cannot be served gets NULL, and changes nothing [S11] */
    TLSF_SELFTEST_STATISTICS = 11, /* tlsf_stats agrees with the calls [S12] */
    TLSF_SELFTEST_INVARIANTS = 12, /* tlsf_check finds the heap sound after each call [S13] */
    TLSF_SELFTEST_DETECTION = 13   /* the fault hook gets what the hardening level finds: a double
                                      free, a misaligned pointer and a broken link from level 1 on,
                                      an overrun at level 3; and it gets nothing else [S14] */
} tlsf_selftest_result;

/* Makes a heap in scratch memory, calls its functions with fixed arguments, and compares what they
 * do with the contracts of tlsf.h. [S15]
 * mem      any address; bytes: at least TLSF_SELFTEST_BYTES. Only so many are used. [S16] Their
 *          content is lost.
 * Returns  TLSF_SELFTEST_PASSED; or the first tlsf_selftest_result that does not hold. [S17]
 * Time     bounded: the calls, their sizes and the memory are fixed by the options. [S18]
 * Needs no lock and no variables of its own. [S19] Its code takes at most 4 KiB on a Cortex-M4,
 * with -Os and with -O2. [S20] It links tlsf_check.
 * With TLSF_MEMORY_CHECKER 1 it does not write where it must not: it tries no broken link and no
 * overrun.
 * Not promised: that a fault of the processor or of the memory is found, beyond those that change
 * one of these results. Nor that the call returns: a fault can be such that it stops or loops,
 * which a watchdog finds. */
tlsf_selftest_result tlsf_selftest(void *mem, size_t bytes);

/* Returns  the identifiers of the promises of tlsf.h that a result concerns, as "T4 T113"; "" for
 *          TLSF_SELFTEST_PASSED, TLSF_SELFTEST_REGION and other numbers. [S23] Never NULL. [S24]
 * It is linked apart from tlsf_selftest. [S25] */
const char *tlsf_selftest_requirement(tlsf_selftest_result result);

#ifdef __cplusplus
}
#endif

#endif
