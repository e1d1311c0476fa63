/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one pool that a library allocates from. In your own program each call is one line:
 *
 *     void *pool_malloc(size_t bytes) { return FMempMalloc(&memp, bytes); }
 *
 * pool.c also counts and times the calls, and makes a chosen request fail. pool_of_libc.c passes
 * them on to the C library, to record them.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

/* As the functions of the C library. */
void *pool_malloc(size_t bytes);
void *pool_calloc(size_t count, size_t size);
void *pool_realloc(void *ptr, size_t bytes);
void pool_free(void *ptr);

/* Returns  the bytes of live block `ptr` that its user may write. */
size_t pool_block_size(void *ptr);

#endif
