/* SPDX-License-Identifier: BSD-3-Clause */
#include "stream.h"

enum { KIND_BITS = 0x1F, LONG_BITS = 0xE0, NUMBER_BYTES = 8 };

/* Random bytes give a mix of requests that fills and empties a heap. */
static const request_kind stream_kinds[KIND_BITS + 1] = {
    REQUEST_MALLOC,
    REQUEST_MALLOC,
    REQUEST_MALLOC,
    REQUEST_MALLOC,
    REQUEST_MALLOC,
    REQUEST_MALLOC,
    REQUEST_CALLOC,
    REQUEST_CALLOC,
    REQUEST_MEMALIGN,
    REQUEST_MEMALIGN,
    REQUEST_MEMALIGN,
    REQUEST_MEMALIGN,
    REQUEST_REALLOC,
    REQUEST_REALLOC,
    REQUEST_REALLOC,
    REQUEST_REALLOC,
    REQUEST_REALLOC,
    REQUEST_REALLOC_ALIGNED,
    REQUEST_REALLOC_ALIGNED,
    REQUEST_FREE,
    REQUEST_FREE,
    REQUEST_FREE,
    REQUEST_FREE,
    REQUEST_FREE,
    REQUEST_LARGEST,
    REQUEST_ADD_POOL,
    REQUEST_ADD_POOL,
    REQUEST_REMOVE_POOL,
    REQUEST_RESET,
    REQUEST_RENEW,
    REQUEST_QUERY,
    REQUEST_CORRUPT,
};

stream stream_of(const uint8_t *bytes, size_t count) {
    const stream s = {bytes, bytes + count};
    return s;
}

stream_shape stream_begin(stream *s, const uint8_t *bytes, size_t count) {
    uint8_t head[STREAM_SHAPE_BYTES] = {0};
    for (size_t i = 0; i < STREAM_SHAPE_BYTES && i < count; i++) {
        head[i] = bytes[i];
    }
    const size_t first = (size_t)head[2] << 8 | head[1];
    const size_t region = (size_t)head[4] << 8 | head[3];
    const size_t skipped = count < STREAM_SHAPE_BYTES ? count : STREAM_SHAPE_BYTES;
    stream_shape shape = {
        .creation = (stream_creation)(head[0] & 3u),
        .misalignment = head[0] >> 2,
        .first_bytes = (first & 0x3FFFu) << (first >> 14),
        .region_bytes = region & 0x3FFFu,
    };
    if (head[5] < 192) {
        shape.planned = head[5] < 128 ? shape.region_bytes : SIZE_MAX;
    }
    *s = stream_of(bytes + skipped, count - skipped);
    return shape;
}

/* ---- short requests ----------------------------------------------------------------- */

static size_t shifted(size_t value, unsigned distance) {
    return value << distance % (sizeof(size_t) * 8);
}

static size_t decode_size(unsigned low, unsigned high) {
    const unsigned form = high >> 6;
    const size_t value = (high & 0x3Fu) << 8 | low;
    switch (form) {
    case 0:
        return value & 0x3FFu;
    case 1:
        return value * 8;
    case 2:
        return shifted(low, high & 0x3Fu);
    default:
        return SIZE_MAX - value;
    }
}

static size_t decode_align(unsigned byte) {
    const unsigned value = byte & 0x3Fu;
    switch (byte >> 6) {
    case 2:
        return shifted(1, value);
    case 3:
        return value;
    default:
        return (size_t)1 << value % 17;
    }
}

static size_t decode_count(unsigned byte) {
    return byte < 224 ? 1 + (byte & 7u) : SIZE_MAX >> (byte & 31u);
}

static void decode_short(const uint8_t *byte, request *r) {
    r->size = decode_size(byte[2], byte[3]);
    r->align = decode_align(byte[4]);
    r->count = decode_count(byte[5]);
}

/* ---- long requests ------------------------------------------------------------------ */

static size_t decode_number(const uint8_t *byte) {
    uint64_t number = 0;
    for (unsigned i = 0; i < NUMBER_BYTES; i++) {
        number |= (uint64_t)byte[i] << i * 8;
    }
    return (size_t)number;
}

static void decode_long(const uint8_t *byte, request *r) {
    r->size = decode_number(byte + 2);
    r->align = decode_number(byte + 2 + NUMBER_BYTES);
    r->count = decode_number(byte + 2 + 2 * NUMBER_BYTES);
}

static void encode_number(size_t number, uint8_t *byte) {
    for (unsigned i = 0; i < NUMBER_BYTES; i++) {
        byte[i] = (uint8_t)((uint64_t)number >> i * 8 & 0xFFu);
    }
}

void stream_write_long(const request *r, uint8_t bytes[STREAM_LONG_BYTES]) {
    bytes[0] = (uint8_t)(stream_kind_byte(r->kind) | LONG_BITS);
    bytes[1] = (uint8_t)r->slot;
    encode_number(r->size, bytes + 2);
    encode_number(r->align, bytes + 2 + NUMBER_BYTES);
    encode_number(r->count, bytes + 2 + 2 * NUMBER_BYTES);
}

/* ---- requests ----------------------------------------------------------------------- */

bool stream_next(stream *s, request *r) {
    const uint8_t *byte = s->next;
    const ptrdiff_t left = s->end - byte;
    if (left < 1) {
        return false;
    }
    const bool is_long = (byte[0] & LONG_BITS) == LONG_BITS;
    const ptrdiff_t bytes = is_long ? STREAM_LONG_BYTES : STREAM_SHORT_BYTES;
    if (left < bytes) {
        return false;
    }
    r->kind = stream_kinds[byte[0] & KIND_BITS];
    r->slot = byte[1];
    if (is_long) {
        decode_long(byte, r);
    } else {
        decode_short(byte, r);
    }
    s->next = byte + bytes;
    return true;
}

uint8_t stream_kind_byte(request_kind kind) {
    uint8_t byte = 0;
    while (stream_kinds[byte] != kind) {
        byte++;
    }
    return byte;
}

const char *request_name(request_kind kind) {
    static const char *const names[] = {
        "malloc",      "calloc", "memalign", "realloc", "realloc_aligned", "free",    "add_pool",
        "remove_pool", "reset",  "largest",  "query",   "renew",           "corrupt",
    };
    return names[kind];
}
