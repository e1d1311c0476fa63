/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What programs keep in memory. Correct users fill their blocks with content that is known from the
 * block's number, so that a lost byte shows. Wrong writes consist of the same kinds of values.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include "support/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the heap's region lies, the same in each run, so that pointers have the same bytes. The
 * upper half looks like those of programs on Linux, the lower one like an address of firmware. */
#define REGION_ADDRESS UINT64_C(0x5A3C20000000)
enum { REGION_BYTES = 65536 };

/* Writes, and looks for, the bytes [from, to) of the block with this number. */
void content_fill(uint8_t *block, uint32_t number, size_t from, size_t to);
bool content_is_kept(const uint8_t *block, uint32_t number, size_t from, size_t to);

typedef enum {
    CONTENT_TEXT,
    CONTENT_INTEGERS, /* below 1,000, of 32 bits */
    CONTENT_BLOCKS,   /* pointers to a live block */
    CONTENT_HEAP,     /* pointers to anywhere in the heap */
    CONTENT_ZEROS,
    CONTENT_ONES, /* bytes 0xFF */
    CONTENT_STRUCTURES,
    CONTENTS
} content;

extern const char *const content_names[CONTENTS];

/* Makes `bytes` bytes of a wrong write.
 * live_block  what a CONTENT_BLOCKS and a structure point to. */
void content_make(content what, random_source *random, const void *live_block, uint8_t *to,
                  size_t bytes);

#endif
