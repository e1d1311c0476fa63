/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * malloc and its kin for libraries without a hook, linked into the program: while a pool is there,
 * they allocate from it. All other blocks, of glibc's own start for one, are glibc's.
 */
#define _POSIX_C_SOURCE 200809L
#include <stddef.h>
#include <time.h>

#include "measured_pool.h"
#include "pool.h"

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *ptr, size_t bytes);
extern void __libc_free(void *ptr);

/* glibc's own blocks for the time zone are there before the pool, which they would not leave. */
__attribute__((constructor)) static void time_zone_read(void) { tzset(); }

void *malloc(size_t bytes) { return pool_is_open() ? pool_malloc(bytes) : __libc_malloc(bytes); }

void *calloc(size_t count, size_t size) {
    return pool_is_open() ? pool_calloc(count, size) : __libc_calloc(count, size);
}

void *realloc(void *ptr, size_t bytes) {
    if (ptr == NULL) {
        return malloc(bytes);
    }
    return pool_holds(ptr) ? pool_realloc(ptr, bytes) : __libc_realloc(ptr, bytes);
}

void free(void *ptr) {
    if (pool_holds(ptr)) {
        pool_free(ptr);
    } else {
        __libc_free(ptr);
    }
}
