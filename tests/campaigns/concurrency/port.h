/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform of interrupt.c. Force-included (-include) into the library's sources, too: what
 * FMemp prints goes to the world.
 */
#ifndef CONCURRENCY_PORT_H
#define CONCURRENCY_PORT_H

int world_print(const char *format, ...);

#define FMEMP_PRINT(...) world_print(__VA_ARGS__)

#endif
