/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform as fmemp_threads.c sees it. Force-included (-include) into the library's sources
 * and into the test: what FMemp prints is counted, without any synchronisation of its own.
 */
#ifndef FMEMP_PORT_QUIET_H
#define FMEMP_PORT_QUIET_H

int quiet_print(const char *format, ...);

#define FMEMP_PRINT(...) quiet_print(__VA_ARGS__)

#endif
