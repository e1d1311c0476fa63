/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform of test_threads.c. Force-included (-include) into the library's sources and into the
 * test: it counts what FMemp prints, without synchronisation of its own.
 */
#ifndef FMEMP_PORT_QUIET_H
#define FMEMP_PORT_QUIET_H

int quiet_print(const char *format, ...);

#define FMEMP_PRINT(...) quiet_print(__VA_ARGS__)

#endif
