/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dumps: the bytes of a heap for tools/heap, through a function of the program.
 *
 * A dump is a header and pieces of memory, until the piece DUMP_END. A file may hold several dumps,
 * one behind the other. Numbers have the byte order of the target, and 64 bits on every machine.
 *
 *     | "FMEMDUMP" | version | bytes of an address | order: 1 little, 2 big | zeros up to 16 |
 *     | kind | address | bytes | the memory itself, of a DUMP_MEMORY | next piece ...
 */
#include "places.h"
#include "trace.h"

enum { DUMP_VERSION = 1, DUMP_LITTLE = 1, DUMP_BIG = 2, DUMP_HEADER_BYTES = 16 };

/* What a piece is. */
enum {
    DUMP_END = 0,    /* nothing is missing */
    DUMP_MEMORY = 1, /* the bytes at the address */
    DUMP_HEAP = 2,   /* a control structure lies at the address */
    DUMP_CODE = 3    /* the function tlsf_dump does: it tells where the program was loaded */
};

/* Where a dump goes, and whether it still does. */
typedef struct {
    tlsf_writer write;
    void *context;
    int stopped; /* what the writer returned, if that was not 0 */
} dump;

static void dump_write(dump *d, const void *bytes, size_t count) {
    if (d->stopped == 0) {
        d->stopped = d->write(d->context, bytes, count);
    }
}

static void dump_write_piece(dump *d, unsigned kind, uintptr_t address, size_t bytes) {
    const uint64_t piece[3] = {kind, address, bytes};
    dump_write(d, piece, sizeof(piece));
}

static void dump_write_memory(dump *d, const void *begin, size_t bytes) {
    if (bytes != 0) {
        dump_write_piece(d, DUMP_MEMORY, (uintptr_t)begin, bytes);
        dump_write(d, begin, bytes);
    }
}

static dump dump_begin(tlsf_writer write, void *context) {
    dump d = {write, context, 0};
    static const unsigned char magic[] = {'F', 'M', 'E', 'M', 'D', 'U', 'M', 'P'};
    const uint16_t one = 1;
    unsigned char header[DUMP_HEADER_BYTES];
    unsigned char first;
    memcpy(&first, &one, 1);
    memset(header, 0, sizeof(header));
    memcpy(header, magic, sizeof(magic));
    header[8] = DUMP_VERSION;
    header[9] = sizeof(uintptr_t);
    header[10] = first == 1 ? DUMP_LITTLE : DUMP_BIG;
    dump_write(&d, header, sizeof(header));
    return d;
}

/* Returns what stopped the dump, or 0. */
static int dump_end(dump *d) {
    dump_write_piece(d, DUMP_END, 0, 0);
    return d->stopped;
}

/* The bytes of the control structure. If its plan is broken, those that every heap has. */
static size_t dump_control_bytes(const control *t) {
    return control_is_sound(t) ? control_bytes(t->class_end) : sizeof(control);
}

static void dump_pools(dump *d, const control *t) {
    const pool_descriptor *descriptor = pools_next(t, &t->pools);
    while (descriptor != NULL) {
        dump_write_memory(d, descriptor, pool_bytes(descriptor));
        descriptor = pools_next(t, descriptor);
    }
}

/* The memory of the sink of events, if it has any. */
static void dump_trace(dump *d) {
#if TLSF_TRACE
    const void *begin;
    size_t bytes;
    trace_memory(begin, bytes);
    dump_write_memory(d, begin, bytes);
#else
    (void)d;
#endif
}

int tlsf_dump(tlsf_t handle, tlsf_writer write, void *context) {
    ENTER_HEAP(t, handle);
    dump d = dump_begin(write, context);
    dump_write_piece(&d, DUMP_CODE, (uintptr_t)tlsf_dump, 0);
    dump_write_piece(&d, DUMP_HEAP, (uintptr_t)t, 0);
    dump_write_memory(&d, t, dump_control_bytes(t));
    dump_pools(&d, t);
    dump_trace(&d);
    return dump_end(&d);
}

int tlsf_dump_memory(const void *begin, size_t bytes, tlsf_writer write, void *context) {
    dump d = dump_begin(write, context);
    dump_write_memory(&d, begin, bytes);
    return dump_end(&d);
}
