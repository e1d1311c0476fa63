/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform of the FMemp target, force-included (-include) into library and target: a lock
 * that is watched, and printing that is read.
 */
#ifndef FMEMP_PORT_H
#define FMEMP_PORT_H

#undef FMEMP_LOCK
#define FMEMP_LOCK 1

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
int watched_print(const char *format, ...);

#define FMEMP_PRINT(...) watched_print(__VA_ARGS__)

#endif
