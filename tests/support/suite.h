/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every suite includes this first: cmocka, and the headers that cmocka needs before it.
 */
#ifndef SUITE_H
#define SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Skips a case that does not apply to this build or machine, and prints the reason. */
#define SKIP_BECAUSE(reason) \
    do { \
        print_message("%s: not tested: %s\n", __func__, reason); \
        skip(); \
    } while (0)

/* For cases that need hardening 2. */
#define SKIP_BELOW_LEVEL_2() \
    do { \
        if (TLSF_HARDENING < 2) { \
            SKIP_BECAUSE("corruption is looked for from hardening 2 on"); \
        } \
    } while (0)

#endif
