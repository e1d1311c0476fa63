/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The request stream: any bytes, decoded into the shape of a heap and requests to it. Unit
 * tests, random tests, fuzzers and replay use the same bytes, so each can repeat what another one
 * finds.
 *
 * The shape is the first STREAM_SHAPE_BYTES bytes. Missing bytes count as 0.
 *
 *   0     the low two bits: how the heap is made, see stream_creation; the upper six: how far
 *         its memory is above a multiple of 64
 *   1, 2  bytes of the first pool, little-endian: the low 14 bits, shifted left by the upper two
 *   3, 4  room of each added region, little-endian: the low 14 bits
 *   5     what the heap is planned for: below 128, the largest region; below 192, all that the
 *         layout can hold; otherwise its first pool alone
 *
 * A request is short or long. Both begin with the same two bytes. An incomplete request at the end
 * is ignored.
 *
 *   0     kind: the low five bits, see stream_kinds in stream.c; if all of the upper three are
 *         set, the request is long
 *   1     slot: names one of 256 live blocks, or one of 8 regions by its low three bits
 *
 * A short request has STREAM_SHORT_BYTES bytes:
 *
 *   2, 3  size, little-endian; the upper two bits are its form:
 *           0  the low 10 bits                  small blocks
 *           1  the low 14 bits, times 8         up to 128 KiB
 *           2  the low 8 bits << bits 8 to 13   every order of magnitude
 *           3  SIZE_MAX - the low 14 bits       what must be refused
 *   4     align; the upper two bits are its form:
 *           0, 1  1 << (low six bits % 17)      up to 64 KiB
 *           2     1 << (low six bits)           up to the highest bit of a size_t
 *           3     the low six bits              powers of two and others
 *   5     count of calloc: below 224, 1 + the low three bits; otherwise SIZE_MAX >> the low five.
 *         When a pool is added, a count of 1 asks for all of the region
 *
 * A long request has STREAM_LONG_BYTES bytes and can hold every number of a size_t:
 *
 *   2 to 9, 10 to 17, 18 to 25   size, align, count, little-endian; of 32-bit numbers the low half
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_SHAPE_BYTES = 6,
    STREAM_SHORT_BYTES = 6,
    STREAM_LONG_BYTES = 26,
    STREAM_SLOTS = 256,
    STREAM_REGIONS = 8
};

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
    REQUEST_LARGEST, /* malloc of the size that tlsf_largest returns */
    REQUEST_QUERY,   /* statistics, walk, check */
    REQUEST_RENEW,   /* destroy the heap, and make one as the low two bits of slot say */
    REQUEST_CORRUPT  /* overwrite metadata if that is the test; otherwise as REQUEST_QUERY */
} request_kind;

typedef struct {
    request_kind kind;
    unsigned slot;
    size_t size;
    size_t align;
    size_t count;
} request;

typedef enum {
    CREATION_SIZED,
    CREATION_SIZED_TOO,
    CREATION_WITH_POOL, /* planned for all that the layout can hold, whatever byte 5 says */
    CREATION_EMPTY,     /* planned in the same way; its first pool is added */
    CREATIONS
} stream_creation;

typedef struct {
    stream_creation creation;
    size_t misalignment;
    size_t first_bytes;
    size_t region_bytes;
    size_t planned; /* SIZE_MAX: all; 0: the first pool */
} stream_shape;

typedef struct {
    const uint8_t *next;
    const uint8_t *end;
} stream;

/* A stream of these bytes, which begin with a request. */
stream stream_of(const uint8_t *bytes, size_t count);

/* Decodes the shape at the begin of the bytes. Leaves *s at the first request. */
stream_shape stream_begin(stream *s, const uint8_t *bytes, size_t count);

/* Decodes the next request. Returns false at the end. */
bool stream_next(stream *s, request *r);

/* The kind byte of a short request that decodes to `kind`. */
uint8_t stream_kind_byte(request_kind kind);

/* Writes the long form of a request. */
void stream_write_long(const request *r, uint8_t bytes[STREAM_LONG_BYTES]);

const char *request_name(request_kind kind);

#endif
