/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform of the FMemp target. The build force-includes it (-include) into library and target.
 * The target watches the lock and reads what FMemp prints.
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
