/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A load: the heap calls of one process, in order, with numbers of blocks instead of addresses.
 * The recorder writes such files and the replayer reads them. They share this header alone.
 *
 * A file is
 *     load_header ("FMEMLOAD" and a byte with the version), operations..., LOAD_END, zeros
 *
 * An operation begins with a varint: its kind in the low 3 bits, a value above them.
 *     kind           value    then
 *     LOAD_END       0        nothing: zero bytes up to the end of the file follow
 *     LOAD_MALLOC    size
 *     LOAD_CALLOC    size              (count * size of the call)
 *     LOAD_MEMALIGN  size     varint   binary logarithm of the alignment
 *     LOAD_REALLOC   size     varint   age of the block
 *     LOAD_FREE      age
 *
 * A varint holds 7 bits a byte, lowest first; the top bit says that another byte follows.
 *
 * Blocks are numbered from 0 in the order of their allocation (malloc, calloc, memalign). A
 * block keeps its number through realloc. The age of a block is how many blocks were
 * allocated after it, so that short-lived blocks take one byte.
 *
 * A load holds only calls that succeeded. It reallocates and frees only live blocks of its own.
 * Calls without effect (free of NULL) are left out. A realloc of NULL becomes a malloc, and a
 * realloc to 0 bytes a free.
 */
#ifndef LOAD_FORMAT_H
#define LOAD_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define LOAD_VERSION 1
static const unsigned char load_header[] = {'F', 'M', 'E', 'M', 'L', 'O', 'A', 'D', LOAD_VERSION};

typedef enum {
    LOAD_END = 0,
    LOAD_MALLOC = 1,
    LOAD_CALLOC = 2,
    LOAD_MEMALIGN = 3,
    LOAD_REALLOC = 4,
    LOAD_FREE = 5
} load_kind;

#define LOAD_KIND_BITS 3
#define LOAD_KIND_MASK ((1u << LOAD_KIND_BITS) - 1)

typedef struct {
    load_kind kind;
    unsigned align_log2; /* LOAD_MEMALIGN */
    uint64_t size;       /* all but LOAD_FREE; below 2^61 */
    uint64_t age;        /* LOAD_REALLOC, LOAD_FREE; below 2^61 */
} load_operation;

#define LOAD_VARINT_BYTES_MAX 10
#define LOAD_OPERATION_BYTES_MAX (2 * LOAD_VARINT_BYTES_MAX)

/* Writes `value` to `out`. Returns the bytes written, at most LOAD_VARINT_BYTES_MAX. */
static inline size_t varint_write(unsigned char *out, uint64_t value) {
    size_t bytes = 0;
    while (value >= 0x80) {
        out[bytes++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    out[bytes++] = (unsigned char)value;
    return bytes;
}

/* Reads a varint from [in, end). Returns the bytes read; 0 if and only if there is no whole
 * varint of at most 64 bits. */
static inline size_t varint_read(const unsigned char *in, const unsigned char *end,
                                 uint64_t *value) {
    uint64_t sum = 0;
    size_t bytes = 0;
    while (in + bytes < end && bytes < LOAD_VARINT_BYTES_MAX) {
        uint64_t digit = in[bytes] & 0x7f;
        unsigned shift = 7 * (unsigned)bytes;
        if ((digit << shift) >> shift != digit) {
            return 0;
        }
        sum |= digit << shift;
        if ((in[bytes++] & 0x80) == 0) {
            *value = sum;
            return bytes;
        }
    }
    return 0;
}

/* Writes an operation to `out`. Returns the bytes written, at most LOAD_OPERATION_BYTES_MAX. */
static inline size_t load_operation_write(unsigned char *out, const load_operation *operation) {
    uint64_t value = operation->kind == LOAD_FREE ? operation->age : operation->size;
    size_t bytes = varint_write(out, value << LOAD_KIND_BITS | (unsigned)operation->kind);
    if (operation->kind == LOAD_MEMALIGN) {
        bytes += varint_write(out + bytes, operation->align_log2);
    } else if (operation->kind == LOAD_REALLOC) {
        bytes += varint_write(out + bytes, operation->age);
    }
    return bytes;
}

/* Reads an operation from [in, end). Returns the bytes read; 0 if and only if there is no valid
 * operation. Fields that the kind does not have are 0. */
static inline size_t load_operation_read(const unsigned char *in, const unsigned char *end,
                                         load_operation *operation) {
    uint64_t first = 0;
    uint64_t second = 0;
    size_t bytes = varint_read(in, end, &first);
    unsigned kind = (unsigned)first & LOAD_KIND_MASK;
    if (bytes == 0 || kind > LOAD_FREE || (kind == LOAD_END && first != 0)) {
        return 0;
    }
    if (kind == LOAD_MEMALIGN || kind == LOAD_REALLOC) {
        size_t more = varint_read(in + bytes, end, &second);
        if (more == 0 || (kind == LOAD_MEMALIGN && second > 63)) {
            return 0;
        }
        bytes += more;
    }
    uint64_t value = first >> LOAD_KIND_BITS;
    operation->kind = (load_kind)kind;
    operation->size = kind == LOAD_FREE ? 0 : value;
    operation->age = kind == LOAD_FREE ? value : kind == LOAD_REALLOC ? second : 0;
    operation->align_log2 = kind == LOAD_MEMALIGN ? (unsigned)second : 0;
    return bytes;
}

#endif
