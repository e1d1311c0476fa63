/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform of test_threads.c. The build force-includes it (-include) into the sources of the
 * library and into the test. It counts what FMemp prints.
 */
#ifndef FMEMP_PORT_QUIET_H
#define FMEMP_PORT_QUIET_H

int quiet_print(const char *format, ...);

#define FMEMP_PRINT(...) quiet_print(__VA_ARGS__)

#endif
