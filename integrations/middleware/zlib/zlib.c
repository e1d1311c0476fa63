/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* zlib: a log is compressed and restored with small windows, in a pool. */
#include <string.h>
#include <zlib.h>

#include "../common/pool.h"
#include "../common/scenario.h"

const size_t scenario_blocks_kept = 0;
const bool scenario_may_abort = false;

/* ---- the hook -------------------------------------------------------------------------------- */

static voidpf zlib_alloc(voidpf user, uInt items, uInt size) {
    (void)user;
    return pool_calloc(items, size); /* which checks the product */
}

static void zlib_free(voidpf user, voidpf ptr) {
    (void)user;
    pool_free(ptr);
}

/* ---- the scenario ---------------------------------------------------------------------------- */

/* Deflate takes 4 << WINDOW_BITS and 512 << MEMORY_LEVEL bytes, and some more. */
enum { WINDOW_BITS = 10, MEMORY_LEVEL = 2, MESSAGES = 6, TEXT_BYTES = 3000 };

static void message_write(unsigned char *text, unsigned number) {
    for (unsigned i = 0; i < TEXT_BYTES; i++) {
        text[i] = (unsigned char)("sensor 17: 2931 mV; "[i % 20] + (i % 61 == number ? 1 : 0));
    }
}

/* Returns  the bytes of the compressed message; 0: there was no memory. */
static uLong compressed(Bytef *text, Bytef *packed, uInt packed_bytes) {
    z_stream stream = {.zalloc = zlib_alloc, .zfree = zlib_free};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return 0;
    }
    stream.next_in = text;
    stream.avail_in = TEXT_BYTES;
    stream.next_out = packed;
    stream.avail_out = packed_bytes;
    const int status = deflate(&stream, Z_FINISH);
    const uLong bytes = stream.total_out;
    (void)deflateEnd(&stream);
    return status == Z_STREAM_END ? bytes : 0;
}

static scenario_outcome restored_is_the_same(const Bytef *text, Bytef *packed, uLong bytes) {
    static Bytef restored[TEXT_BYTES];
    z_stream stream = {.zalloc = zlib_alloc, .zfree = zlib_free};
    if (inflateInit2(&stream, WINDOW_BITS) != Z_OK) {
        return SCENARIO_NO_MEMORY;
    }
    stream.next_in = packed;
    stream.next_out = restored;
    stream.avail_out = sizeof restored;
    int status = Z_OK;
    while (status == Z_OK) { /* in pieces: only then is there a window */
        const uLong left = bytes - stream.total_in;
        stream.avail_in = (uInt)(left < 16 ? left : 16);
        status = inflate(&stream, Z_NO_FLUSH);
    }
    (void)inflateEnd(&stream);
    if (status == Z_MEM_ERROR) {
        return SCENARIO_NO_MEMORY;
    }
    return status == Z_STREAM_END && memcmp(text, restored, TEXT_BYTES) == 0 ? SCENARIO_DONE
                                                                             : SCENARIO_WRONG;
}

scenario_outcome scenario_run(void) {
    static Bytef text[TEXT_BYTES];
    static Bytef packed[TEXT_BYTES];
    scenario_outcome outcome = SCENARIO_DONE;
    for (unsigned i = 0; outcome == SCENARIO_DONE && i < MESSAGES; i++) {
        message_write(text, i);
        const uLong bytes = compressed(text, packed, sizeof packed);
        outcome = bytes == 0 ? SCENARIO_NO_MEMORY : restored_is_the_same(text, packed, bytes);
    }
    return outcome;
}
