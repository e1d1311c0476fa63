/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Address space for regions larger than the memory of a machine. The kernel gives memory to pages
 * that are written.
 */
#ifndef SPACE_H
#define SPACE_H

#include <stddef.h>
#include <stdint.h>

#define GIB ((size_t)1 << 30)

/* Maps zeroed bytes. Returns NULL when this machine does not have them. */
uint8_t *space_map(size_t bytes);

/* Unmaps them. begin: from space_map, or NULL. */
void space_unmap(uint8_t *begin, size_t bytes);

#endif
