/* SPDX-License-Identifier: BSD-3-Clause */
#include "stream.h"

/* Random bytes give a mix that fills and empties a heap. */
static const request_kind stream_kinds[16] = {
    REQUEST_MALLOC,   REQUEST_MALLOC,          REQUEST_MALLOC,      REQUEST_CALLOC,
    REQUEST_MEMALIGN, REQUEST_MEMALIGN,        REQUEST_REALLOC,     REQUEST_REALLOC,
    REQUEST_REALLOC,  REQUEST_REALLOC_ALIGNED, REQUEST_FREE,        REQUEST_FREE,
    REQUEST_LARGEST,  REQUEST_ADD_POOL,        REQUEST_REMOVE_POOL, REQUEST_RESET,
};

stream stream_of(const uint8_t *bytes, size_t count) {
    const stream s = {bytes, bytes + count};
    return s;
}

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

bool stream_next(stream *s, request *r) {
    const uint8_t *byte = s->next;
    if (s->end - byte < STREAM_REQUEST_BYTES) {
        return false;
    }
    r->kind = stream_kinds[byte[0] & 15u];
    r->slot = byte[1];
    r->size = decode_size(byte[2], byte[3]);
    r->align = decode_align(byte[4]);
    r->count = decode_count(byte[5]);
    s->next = byte + STREAM_REQUEST_BYTES;
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
        "malloc", "calloc",   "memalign",    "realloc", "realloc_aligned",
        "free",   "add_pool", "remove_pool", "reset",   "largest",
    };
    return names[kind];
}
