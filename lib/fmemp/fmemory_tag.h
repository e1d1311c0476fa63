/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tag that a library with FMEMP_TAG_DEBUG 1 keeps at the end of every live block:
 *
 *     ptr                                                    ptr + tlsf_block_size(ptr)
 *     | what the caller asked for | slack | tag, aligned | slack |
 *
 * The block's address and size determine the place of its tag, so that a walk finds it in O(1).
 * A tag is valid if and only if its seal is right. An overrun that reaches the tag breaks the seal,
 * and the tag's pointers are then not followed.
 */
#ifndef FMEMORY_TAG_H
#define FMEMORY_TAG_H

#include <stdbool.h>

#include "fmemory_pool.h"
#include "tlsf_language.h"

/* The place in the source that asks for a block; all zeros from a plain function. */
struct source {
    const char *file;
    const char *msg;
    u32 line;
};

static const struct source no_source = {NULL, NULL, 0};

static inline struct source source_place(const char *file, u32 line, const char *msg) {
    const struct source source = {file, msg, line};

    return source;
}

struct tag {
    const char *file; /* of the source; NULL: allocated by a plain function */
    const char *msg;
    u32 line;
    u32 seal; /* tag_seal of the other fields and of the tag's own address */
};

/* Room for a tag at any address: the tag, and the most that its alignment skips. */
#define TAG_ROOM (sizeof(struct tag) + alignof(struct tag) - 1)

/* The bytes that each request grows by. */
#define TAG_BYTES (FMEMP_TAG_DEBUG ? TAG_ROOM : 0)

/* ---- sizes -------------------------------------------------------------------------- */

/* The request to the core for nbytes of the caller's. A sum that would overflow becomes SIZE_MAX,
 * which the core refuses and counts. */
static inline fsize_t tag_request(fsize_t nbytes) {
    return nbytes > SIZE_MAX - TAG_BYTES ? SIZE_MAX : nbytes + TAG_BYTES;
}

/* The largest request of a caller when the core serves `bytes`. */
static inline fsize_t largest_without_tag(fsize_t bytes) {
    return bytes <= TAG_BYTES ? 0 : bytes - TAG_BYTES;
}

/* Whether a block of `size` usable bytes has room for its tag. Each request asks for it, so only
 * a corrupted size is too small. */
static inline bool tag_fits(fsize_t size) { return size >= TAG_ROOM; }

/* ---- the tag of a block ------------------------------------------------------------- */

/* The tag in a payload of `size` usable bytes that has room for it. */
static inline struct tag *tag_of(void *payload, fsize_t size) {
    u8 *last_place = (u8 *)payload + (size - sizeof(struct tag));

    return (struct tag *)(void *)(last_place - (uintptr_t)last_place % alignof(struct tag));
}

/* The seal depends on every bit of the fields: a change of one bit changes it. */
static inline u32 tag_seal(const struct tag *tag) {
    const uintptr_t word =
        (uintptr_t)tag ^ (uintptr_t)tag->file ^ (uintptr_t)tag->msg ^ tag->line ^ 0x7A67B10CU;

    return (u32)(word ^ word >> sizeof(word) * 4);
}

static inline bool tag_is_intact(const struct tag *tag) { return tag->seal == tag_seal(tag); }

static inline void tag_write(struct tag *tag, struct source source) {
    tag->file = source.file;
    tag->msg = source.msg;
    tag->line = source.line;
    tag->seal = tag_seal(tag);
}

#endif
