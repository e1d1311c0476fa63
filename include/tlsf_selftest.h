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
 * What tlsf.h says holds here, too: units, threads. A program that does not call the self-test does
 * not link it, if it takes the library from an archive or drops unused sections.
 */
#ifndef TLSF_SELFTEST_H
#define TLSF_SELFTEST_H

#include "tlsf.h"

#define tlsf_selftest TLSF_NAME(tlsf_selftest)

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of scratch memory, at any address. */
#define TLSF_SELFTEST_BYTES (2048 + 160 * TLSF_GRANULE)

/* What the self-test looks at, in this order. */
typedef enum {
    TLSF_SELFTEST_PASSED = 0,
    TLSF_SELFTEST_REGION = 1,      /* mem is NULL, or bytes are too few: nothing was tested */
    TLSF_SELFTEST_BITS = 2,        /* the searches of arch/ find the lowest and the highest bit */
    TLSF_SELFTEST_CREATE = 3,      /* a region becomes a heap; one that is too small does not */
    TLSF_SELFTEST_ALIGNMENT = 4,   /* a block has the alignment of the granule, or that asked for */
    TLSF_SELFTEST_SIZE = 5,        /* a block lies in the region, and has the bytes asked for */
    TLSF_SELFTEST_SERVICE = 6,     /* a request of at most tlsf_largest() bytes is served */
    TLSF_SELFTEST_SPLIT = 7,       /* what a block does not need stays free */
    TLSF_SELFTEST_COALESCING = 8,  /* freed memory coalesces: the heap is whole again */
    TLSF_SELFTEST_CONTENT = 9,     /* no block overlaps another; realloc keeps, calloc clears */
    TLSF_SELFTEST_REFUSAL = 10,    /* what cannot be served gets NULL, and changes nothing */
    TLSF_SELFTEST_STATISTICS = 11, /* tlsf_stats agrees with the calls */
    TLSF_SELFTEST_INVARIANTS = 12, /* tlsf_check finds the heap sound after each call */
    TLSF_SELFTEST_DETECTION = 13   /* the fault hook gets what the hardening level finds: a double
                                     free, a misaligned pointer and a broken link from level 1 on,
                                     an overrun at level 3; and it gets nothing else */
} tlsf_selftest_result;

/* Makes a heap in scratch memory, calls its functions with fixed arguments, and compares what they
 * do with the contracts of tlsf.h.
 * mem      any address; bytes: at least TLSF_SELFTEST_BYTES. Only so many are used. Their content
 *          is lost.
 * Returns  TLSF_SELFTEST_PASSED; or the first tlsf_selftest_result that does not hold.
 * Time     bounded: the calls, their sizes and the memory are fixed by the options.
 * Needs no heap, no lock and no variables of its own. The code of the self-test takes at most
 * 4 KiB on a Cortex-M4, and some 400 bytes of stack; it links tlsf_check beside what programs call.
 * With TLSF_MEMORY_CHECKER 1 it does not write where it must not, so it tries no broken link and no
 * overrun.
 * Not promised: that a fault of the processor or of the memory is found, beyond those that change
 * one of these results. Nor that the call returns: a fault can be such that it stops or loops, which
 * a watchdog finds. */
tlsf_selftest_result tlsf_selftest(void *mem, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
