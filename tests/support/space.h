/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Address space without memory behind it, for regions larger than a machine has memory: pages
 * come into being where they are written.
 */
#ifndef SPACE_H
#define SPACE_H

#include <stddef.h>
#include <stdint.h>

#define GIB ((size_t)1 << 30)

/* bytes of zeros, or NULL when this machine does not give them. */
uint8_t *space_map(size_t bytes);

/* Gives them back. begin: what space_map gave, or NULL. */
void space_unmap(uint8_t *begin, size_t bytes);

#endif
