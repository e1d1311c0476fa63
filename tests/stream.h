/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The request stream: any bytes, decoded into requests to a heap. Random tests and fuzzers
 * feed the same bytes, so that what one finds the other can repeat.
 *
 * A request is STREAM_REQUEST_BYTES bytes; what is left at the end is ignored:
 *
 *   0     kind: see stream_kinds in stream.c; the low four bits count
 *   1     slot: names one of 256 live blocks, or one of 8 regions by its low three bits
 *   2, 3  size, little-endian; the upper two bits are its form:
 *           0  the low 10 bits                  small blocks
 *           1  the low 14 bits, times 8         up to 128 KiB
 *           2  the low 8 bits << bits 8 to 13   every order of magnitude
 *           3  SIZE_MAX - the low 14 bits       what must be refused
 *   4     align; the upper two bits are its form:
 *           0, 1  1 << (low six bits % 17)      up to 64 KiB
 *           2     1 << (low six bits)           up to the highest bit of a size_t
 *           3     the low six bits              powers of two and others
 *   5     count of calloc: below 224, 1 + the low three bits; else SIZE_MAX >> the low five
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STREAM_REQUEST_BYTES = 6, STREAM_SLOTS = 256, STREAM_REGIONS = 8 };

typedef enum {
    REQUEST_MALLOC,
    REQUEST_CALLOC,
    REQUEST_MEMALIGN,
    REQUEST_REALLOC,
    REQUEST_REALLOC_ALIGNED,
    REQUEST_FREE,
    REQUEST_ADD_POOL,
    REQUEST_REMOVE_POOL,
    REQUEST_RESET,
    REQUEST_LARGEST
} request_kind;

typedef struct {
    request_kind kind;
    unsigned slot;
    size_t size;
    size_t align;
    size_t count;
} request;

typedef struct {
    const uint8_t *next;
    const uint8_t *end;
} stream;

stream stream_of(const uint8_t *bytes, size_t count);

/* Decodes the next request. Returns false at the end. */
bool stream_next(stream *s, request *r);

/* A kind byte that decodes to `kind`. */
uint8_t stream_kind_byte(request_kind kind);

const char *request_name(request_kind kind);

#endif
