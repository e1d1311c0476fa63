/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform of interrupt.c. The build force-includes it (-include) into the sources of the
 * library, too. What FMemp prints goes to the world.
 */
#ifndef CONCURRENCY_PORT_H
#define CONCURRENCY_PORT_H

int world_print(const char *format, ...);

#define FMEMP_PRINT(...) world_print(__VA_ARGS__)

#endif
