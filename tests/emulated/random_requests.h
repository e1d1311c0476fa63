/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random requests for processors and memory maps on which no suite runs: a size_t of 16 bits, and a
 * heap that ends where the address space ends.
 */
#ifndef RANDOM_REQUESTS_H
#define RANDOM_REQUESTS_H

#include <stddef.h>
#include <stdint.h>

/* Makes heaps in all ways in the region of `bytes` bytes at `begin`, and sends them `steps` random
 * requests, with tlsf_check after each. begin + bytes may be the end of the address space, that
 * is, 0.
 * Returns  0, or the line of random_requests.c that found something which is not as tlsf.h says. */
unsigned random_requests(uintptr_t begin, size_t bytes, unsigned steps);

#endif
