/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The three functions of the C library that the core calls. They are declared here, as C11
 * (7.1.4) allows, since a freestanding implementation need not have <string.h>.
 */
#ifndef TLSF_MEMORY_H
#define TLSF_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);

#endif
