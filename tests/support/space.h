/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Address space without memory behind it, for regions that are larger than the machine's memory. A
 * page takes memory only when it is written.
 */
#ifndef SPACE_H
#define SPACE_H

#include <stddef.h>
#include <stdint.h>

#define GIB ((size_t)1 << 30)

/* Maps `bytes` bytes, which read zero. Returns NULL when this machine does not allow it. */
uint8_t *space_map(size_t bytes);

/* Unmaps what space_map returned. NULL is ignored. */
void space_unmap(uint8_t *begin, size_t bytes);

#endif
