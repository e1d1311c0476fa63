/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The heaps of programs with other options, for the suite of attach.
 */
#ifndef ATTACH_MAKER_H
#define ATTACH_MAKER_H

#include <stddef.h>

/* A heap with live and free blocks, and the options that it was made with. */
typedef struct {
    void *heap; /* NULL: the region is too small */
    int layout, granule, sl_bits, hardening, pending;
} made_heap;

/* Makes a heap in the region, as a program with the options of the name would. What the name does
 * not say is the default. */
made_heap make_compact(void *mem, size_t bytes);
made_heap make_wide(void *mem, size_t bytes);
made_heap make_granule_16(void *mem, size_t bytes);
made_heap make_granule_32(void *mem, size_t bytes);
made_heap make_sl_bits_3(void *mem, size_t bytes);
made_heap make_sl_bits_5(void *mem, size_t bytes);
made_heap make_hardening_0(void *mem, size_t bytes);
made_heap make_hardening_2(void *mem, size_t bytes);
made_heap make_hardening_3(void *mem, size_t bytes);
made_heap make_no_pending(void *mem, size_t bytes);
made_heap make_no_statistics(void *mem, size_t bytes);

#endif
