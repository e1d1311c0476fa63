/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every suite includes: cmocka, and before it the headers that cmocka needs.
 */
#ifndef SUITE_H
#define SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Skips a case that this build or this machine cannot test, and prints the reason. */
#define SKIP_BECAUSE(reason) \
    do { \
        print_message("%s: not tested: %s\n", __func__, reason); \
        skip(); \
    } while (0)

/* For cases that test hardening 1. */
#define SKIP_WITHOUT_CHECKS() \
    do { \
        if (TLSF_HARDENING < 1) { \
            SKIP_BECAUSE("hardening 0 does not check for the caller's mistakes"); \
        } \
    } while (0)

/* For cases that test hardening 2. */
#define SKIP_BELOW_LEVEL_2() \
    do { \
        if (TLSF_HARDENING < 2) { \
            SKIP_BECAUSE("corruption is checked from hardening 2 on"); \
        } \
    } while (0)

#endif
