/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every suite includes first: cmocka, and the headers that cmocka wants before it.
 */
#ifndef SUITE_H
#define SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Ends a case that this build or this machine has no ground for, and says so. */
#define SKIP_BECAUSE(reason) \
    do { \
        print_message("%s: not tested: %s\n", __func__, reason); \
        skip(); \
    } while (0)

#endif
